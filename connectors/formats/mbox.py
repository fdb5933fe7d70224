"""Turns a stream of mbox bytes into raw messages, in bounded memory.

Source: RFC 4155, and for what programs really write, mbox(5) and the corpora.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Protocol

RAW_LIMIT = 16 * 1024 * 1024
"""Bytes of one message that are kept; what follows is passed over."""
CHUNK = 64 * 1024
# Longer than any From_ line with the header name after it, so none is missed between chunks.
OVERLAP = 1024

# A line parts messages if it follows an empty line, looks like "From address date" and is
# followed by a header field. "From - ..." is written by Mozilla, a bare address by old mail
# programs. The first line of a patch made by git looks the same, but stands in bodies.
# Source: mbox(5); git-format-patch(1), "the magic timestamp".
_SEPARATOR = re.compile(
    rb"\nFrom (?![0-9a-f]{40} )"
    rb"(?:[^\n:]{0,200}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b,? [^\n:]{4,16}[ \d]\d:\d\d[^\n]{0,40}"
    rb"|-[ \t]*|[^\s@]{1,100}@[^\s@]{1,100}[ \t]*)\r?\n"
    rb"(?=>?From |[!-9;-~]{1,76}:)"
)
# A date before 1981, and the one on git's patches, are no dates but what is written for want of
# one.
_POSTMARK = re.compile(
    rb"From (?![0-9a-f]{40} )[^\n]{0,200}?\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}"
    rb"(\d\d?) {1,2}(\d\d?):(\d\d)(?::(\d\d))?[^\n]{0,20}?\b(198[1-9]|199\d|20\d\d)\b"
)
_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
# What mail programs write into a message after it was delivered.
_VOLATILE = re.compile(
    rb"(?i)\n(?:x-)?(?:status|keywords|uid|imap|imapbase|mozilla-\w+|evolution\S*|content-length"
    rb"|lines):[^\n]*(?:\n[ \t][^\n]*)*"
)
_QUOTED = re.compile(rb"\n>(>*From )")


class Readable(Protocol):
    """A stream of bytes, positioned at the beginning of a message."""

    def read(self, size: int, /) -> bytes:
        """Return at least one byte and at most ``size``; none at the end."""
        ...


@dataclass(slots=True)
class Piece:
    """One message of an mbox with its From_ line: bytes ``start`` to ``end`` of the stream.

    ``raw`` lacks what lies beyond RAW_LIMIT. The last one ends where the stream does, and may be
    a part of what is still being written.
    """

    start: int
    end: int
    raw: bytearray = field(default_factory=bytearray)
    is_last: bool = False

    def add(self, part: bytes) -> None:
        """Append to the message, as far as it is kept."""
        self.end += len(part)
        self.raw += part[: max(0, RAW_LIMIT - len(self.raw))]


def split(stream: Readable, start: int = 0) -> Iterator[Piece]:
    """Yield the messages of ``stream``, in order; the last one ends where the stream does.

    Args:
        stream: Positioned at a From_ line.
        start: The position of that line in the whole mbox, in bytes.
    """
    piece = Piece(start, start)
    window, done, at_end = b"", 0, False
    while not at_end:
        # Three bytes of what went before show whether a line follows an empty one.
        keep = max(0, done - 3)
        chunk = stream.read(CHUNK)
        window, done, at_end = window[keep:] + chunk, done - keep, not chunk
        safe = len(window) if at_end else max(done, len(window) - OVERLAP)
        for begin in _separators(window, done, safe):
            piece.add(window[done:begin])
            yield piece
            piece, done = Piece(piece.end, piece.end), begin
        piece.add(window[done:safe])
        done = safe
    if piece.end > piece.start:
        piece.is_last = True
        yield piece


def _separators(window: bytes, done: int, safe: int) -> Iterator[int]:
    for match in _SEPARATOR.finditer(window, max(0, done - 1)):
        begin = match.start() + 1
        if begin >= safe:
            return
        if window[max(0, begin - 3) : begin].endswith((b"\n\n", b"\n\r\n")):
            yield begin


def is_postmark(line: bytes | bytearray) -> bool:
    """Whether ``line``, or as much of it as there is, could be the first of an mbox."""
    return line[:5] == b"From "[: len(line)]


def is_separator(ahead: bytes) -> bool:
    """Whether ``ahead``, which follows an empty line, begins a message, header field and all."""
    return _SEPARATOR.match(b"\n" + ahead) is not None


def has_headers(raw: bytes | bytearray) -> bool:
    """Whether the headers of ``raw`` have come to their end."""
    return b"\n\n" in raw or b"\n\r\n" in raw


def posted_at(raw: bytes | bytearray) -> datetime | None:
    """Return the instant in the From_ line of ``raw``, taken as UTC, or None.

    Source: RFC 4155 appendix A: "a timestamp [...] in UTC".
    """
    found = _POSTMARK.match(raw)
    if not found:
        return None
    month = _MONTHS.index(found[1]) // 3 + 1
    day, hour, minute, second, year = (int(group or 0) for group in found.group(2, 3, 4, 5, 6))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def content(raw: bytes | bytearray) -> bytes:
    """Return the message in ``raw`` without its From_ line and with ``>From`` unescaped."""
    begin = raw.find(b"\n") + 1 if is_postmark(raw) else 0
    message = bytes(memoryview(raw)[begin:])
    return _QUOTED.sub(rb"\n\1", message) if b"\n>" in message else message


def name(message: bytes) -> str:
    """Return a name for a message: 40 hexadecimal digits made from its content.

    It stays the same wherever the message lies, whatever marks mail programs add to it (read,
    answered, deleted), and differs for two messages that share a Message-ID.
    """
    if b"\r" in message:
        message = message.replace(b"\r\n", b"\n")
    headers, _, body = message.partition(b"\n\n")
    digest = blake2b(_VOLATILE.sub(b"", b"\n" + headers), digest_size=20)
    digest.update(b"\n\n" + body.rstrip(b"\n"))
    return digest.hexdigest()
