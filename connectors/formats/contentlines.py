"""Bytes of iCalendar and vCard to content lines: unfolded, bounded, the senseless left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.formats.charsets import decode_bytes

LINE_LIMIT = 65_536  # Photographs and attachments are longer; nothing that is read here is.
N_PARAMS_LIMIT = 50

_fold = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_soft_break = re.compile(rb"=(?:\r\n|\r|\n)[ \t]?")
_name = re.compile(rb"(?:[A-Za-z0-9-]{1,64}\.)?([A-Za-z0-9-]{1,64})(?=[;:])")
_param = re.compile(r';([^=;:"]*)(?:=((?:"[^"]*"|[^";:])*))?')
_caret = re.compile(r"\^([n'^])")
_escape = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One property: its name in capitals without the group, its parameters, its value in bytes.

    Parameter names are capitals; one without a value (vCard 2.1) is a value of TYPE.
    """

    name: str
    params: dict[str, str]
    value: bytes

    def raw(self) -> str:
        """Return the value decoded, by CHARSET (vCard 2.1) or else as UTF-8."""
        return decode_bytes(self.value, self.params.get("CHARSET"))

    def text(self) -> str:
        """Return the value decoded, with its escapes undone."""
        return unescape(self.raw())


def unfold(document: bytes) -> Iterator[bytes]:
    """Yield the logical lines of ``document``, without the empty and the overlong.

    Lines may end in CR LF, LF or CR; a document in UTF-16 is told by its byte order mark.

    Source: RFC 5545 section 3.1; RFC 6350 section 3.2.
    """
    if document[:2] in (b"\xff\xfe", b"\xfe\xff"):
        document = document.decode("utf-16", "replace").encode("utf-8", "replace")
    document = _fold.sub(b"", document.removeprefix(b"\xef\xbb\xbf"))
    return (line for line in document.splitlines() if 0 < len(line) <= LINE_LIMIT)


def join_soft_breaks(document: bytes) -> bytes:
    """Join the lines that a quoted-printable value was broken into.

    Source: vCard 2.1 section 2.1.3; RFC 2045 section 6.7, rule 5.
    """
    if b"QUOTED-PRINTABLE" not in document.upper():
        return document
    return _soft_break.sub(b"", document)


def name_of(line: bytes) -> str:
    """Return the property name of a logical line in capitals, empty where there is none."""
    found = _name.match(line.lstrip())
    return found[1].decode("ascii").upper() if found else ""


def read_line(line: bytes) -> ContentLine | None:
    """Read one logical line; None where it has no name or no value.

    Source: RFC 5545 section 3.1; RFC 6868 for the carets in parameters.
    """
    line = line.lstrip()
    found = _name.match(line)
    if not found:
        return None
    head = line[found.end() :].decode("latin-1")
    params, position = _read_params(head)
    if head[position : position + 1] != ":":
        return None
    value = line[found.end() + position + 1 :]
    return ContentLine(found[1].decode("ascii").upper(), params, value)


def unescape(value: str) -> str:
    """Undo the backslashes of a text value.

    Source: RFC 5545 section 3.3.11; RFC 6350 section 3.4.
    """
    return _escape.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], value)


def split_structured(value: str) -> list[str]:
    """Split a structured value at the semicolons that no backslash escapes, and unescape.

    Source: RFC 6350 section 3.3.
    """
    return [unescape(part) for part in re.split(r"(?<!\\);", value)]


def _read_params(head: str) -> tuple[dict[str, str], int]:
    params: dict[str, str] = {}
    position = 0
    for _ in range(N_PARAMS_LIMIT):
        found = _param.match(head, position)
        if not found:
            break
        name, value = found[1].upper(), found[2]
        if value is None:
            name, value = "TYPE", found[1]
        params[name] = ",".join(filter(None, (params.get(name), _plain(value))))
        position = found.end()
    return params, position


def _plain(value: str) -> str:
    unquoted = value.replace('"', "").encode("latin-1").decode("utf-8", "replace")
    return _caret.sub(lambda caret: {"n": " ", "'": '"', "^": "^"}[caret[1]], unquoted)
