"""The bytes of a message to the tree of its parts: offsets only, nothing is decoded."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.formats.headers import Headers, find_body, first, read_headers

PARTS_LIMIT = 1_000
"""Parts looked at in one message. Source: reliability notes, limits on input."""
DEPTH_LIMIT = 50
"""Levels of multiparts within multiparts. Source: as above."""

CONTENT_FIELDS = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "content-id"}
)
_PART_HEAD_LIMIT = 32 * 1024
_VALUE_LIMIT = 2_000

_parameter = re.compile(r";\s*([^\s=;]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;\s]*)", re.DOTALL)
_escape = re.compile(r"\\(.)", re.DOTALL)
_delimiter_end = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class ContentType:
    """What a part says it is: ``kind`` such as "text/plain", and its lower-cased parameters."""

    kind: str
    parameters: dict[str, str]


@dataclass(slots=True)
class Part:
    """One part: bytes ``start`` to ``end`` of its message, or the parts within it."""

    content: ContentType
    encoding: str
    disposition: str
    has_content_id: bool
    start: int
    end: int
    parts: list["Part"] = field(default_factory=list)


def read_parts(raw: bytes, headers: Headers, start: int) -> Part:
    """Read the tree of parts whose outermost body begins at ``start``.

    Never fails: a multipart without its boundary is a leaf, and beyond 1,000 parts or 50
    levels nothing is looked at.

    Source: RFC 2046 section 5.1.
    """
    root = _make_part(headers, start, len(raw))
    _split(raw, root, DEPTH_LIMIT, [PARTS_LIMIT])
    return root


@lru_cache(maxsize=1_024)
def parse_content_type(value: str) -> ContentType:
    """Read a Content-Type; a missing or broken one is plain text (RFC 2045 section 5.2).

    Parameters cut in pieces are put together (RFC 2231 section 3).
    """
    value = value[:_VALUE_LIMIT]
    kind = value.partition(";")[0].strip().lower()
    parameters: dict[str, str] = {}
    for name, quoted in _parameter.findall(value):
        key, star, _ = name.lower().partition("*")
        text = _escape.sub(r"\1", quoted[1:-1]) if quoted[:1] == '"' else quoted
        if star:
            parameters[key] = parameters.get(key, "") + text
        else:
            parameters.setdefault(key, text)
    return ContentType(kind if "/" in kind else "text/plain", parameters)


def _make_part(headers: Headers, start: int, end: int) -> Part:
    return Part(
        content=parse_content_type(first(headers, "content-type")[:_VALUE_LIMIT]),
        encoding=first(headers, "content-transfer-encoding").lower(),
        disposition=first(headers, "content-disposition").lower(),
        has_content_id="content-id" in headers,
        start=start,
        end=end,
    )


def _split(raw: bytes, part: Part, depth: int, parts_left: list[int]) -> None:
    boundary = part.content.parameters.get("boundary", "")
    if not part.content.kind.startswith("multipart/") or not boundary or depth == 0:
        return
    delimiter = b"--" + boundary.rstrip().encode("utf-8", "replace")
    for start, end in _find_pieces(raw, delimiter, part.start, part.end):
        if parts_left[0] == 0:
            return
        parts_left[0] -= 1
        body = find_body(raw, start, end)
        headers = read_headers(raw[start : min(body, start + _PART_HEAD_LIMIT)], CONTENT_FIELDS)
        child = _make_part(headers, body, end)
        part.parts.append(child)
        _split(raw, child, depth - 1, parts_left)


def _find_pieces(raw: bytes, delimiter: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Find what lies between delimiter lines; the last may be open (a message cut short)."""
    pieces: list[tuple[int, int]] = []
    begin = -1
    at = raw.find(delimiter, start, end)
    while at >= 0 and len(pieces) <= PARTS_LIMIT:
        line_end = _delimiter_end.match(raw, at + len(delimiter), end)
        if line_end and (at == start or raw[at - 1] == 0x0A):
            if begin >= 0:
                pieces.append((begin, _before_line_end(raw, begin, at)))
            begin = -1 if line_end[1] else line_end.end()
            if line_end[1]:
                break
        at = raw.find(delimiter, at + len(delimiter), end)
    if begin >= 0:
        pieces.append((begin, end))
    return pieces


def _before_line_end(raw: bytes, begin: int, at: int) -> int:
    """Step back over the line end that belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if at > begin:
        at -= 1
    if at > begin and raw[at - 1] == 0x0D:
        at -= 1
    return at
