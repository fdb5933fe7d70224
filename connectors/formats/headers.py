"""The head of a message, as bytes, to the unfolded values of the fields somebody reads."""

import re
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from connectors.formats.charsets import decode_bytes

BLOCK_LIMIT = 256 * 1024
"""Bytes of a header block; the rest is not looked at. Source: reliability notes."""
FIELD_LIMIT = 32 * 1024
"""Characters of one field; longer ones are cut. Source: reliability notes."""

Headers: TypeAlias = dict[str, list[str]]
"""Lower-cased field names to their values, unfolded, in the order they stand."""

_blank = re.compile(rb"\n[ \t]+\r?\n")


def find_body(raw: bytes, start: int, end: int) -> int:
    """Find where the body begins: after the first empty line, else at ``end``.

    Where no line is empty, one of white space alone is taken for it.
    """
    for blank in (b"\n", b"\r\n"):
        if raw.startswith(blank, start, end):
            return start + len(blank)
    ends = [at + len(gap) for gap in (b"\n\n", b"\n\r\n") if (at := raw.find(gap, start, end)) >= 0]
    if not ends and (nearly := _blank.search(raw, start, end)):
        return nearly.end()
    return min(ends, default=end)


def read_headers(block: bytes, wanted: AbstractSet[str]) -> Headers:
    """Read the fields named in ``wanted`` (lower case), each as often as it stands.

    Lines that are no field are passed over. Bytes that are not ASCII are read as UTF-8, or
    where that fails line by line as windows-1252.

    Source: RFC 5322 sections 2.2 and 4.5 (white space before the colon); RFC 6532.
    """
    found: Headers = {}
    for line in _unfold(_decode(block[:BLOCK_LIMIT])).split("\n"):
        name, colon, value = line.partition(":")
        name = name.lower()
        if colon and (name in wanted or (name := name.rstrip()) in wanted):
            found.setdefault(name, []).append(value[:FIELD_LIMIT].strip())
    return found


def first(headers: Headers, name: str) -> str:
    """Take the first value of field ``name``, or nothing."""
    values = headers.get(name)
    return values[0] if values else ""


def _unfold(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n\t", " ").replace("\n ", " ")


def _decode(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(decode_bytes(line, None) for line in block.split(b"\n"))
