"""How far each folder was read <-> a cursor of one short line."""

from base64 import b85decode, b85encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType

from connectors.errors import CursorExpired, Misconfigured
from connectors.protocol import Cursor

_PREFIX = "imap1:"
_KEY_BYTES = 5
"""40 bits: among 400 folders, two share a key in one mailbox of ten million."""
_LIMIT = 4096
"""Bytes of a cursor. Source: ``connectors.protocol.Cursor``."""
_MANY_RENUMBERINGS = 15


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one folder was read: every message with a UID from ``low`` to ``high``.

    ``low`` is 1 where nothing is left below.
    """

    low: int
    high: int

    @property
    def is_complete(self) -> bool:
        """Whether all was read that was there when the reading began."""
        return self.low <= 1


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read.

    Attributes:
        marks: The folders that were begun, by :func:`key_of`.
        n_renumberings: How many polls in a row met folders whose UIDs were given anew.
    """

    marks: Mapping[bytes, Mark] = field(default_factory=lambda: MappingProxyType({}))
    n_renumberings: int = 0

    def with_mark(self, key: bytes, mark: Mark) -> "Place":
        """Return the place with the folder ``key`` read as far as ``mark`` says."""
        return replace(self, marks={**self.marks, key: mark})

    def as_cursor(self) -> Cursor:
        """Write it as a cursor: about eight bytes a folder.

        Raises:
            Misconfigured: There are more folders than a cursor can hold, some four hundred.
        """
        packed = bytearray([min(self.n_renumberings, _MANY_RENUMBERINGS)])
        for key, mark in sorted(self.marks.items()):
            packed += key + _varint(mark.high << 1 | (not mark.is_complete))
            if not mark.is_complete:
                packed += _varint(mark.low)
        cursor = _PREFIX + b85encode(packed).decode("ascii")
        if len(cursor) > _LIMIT:
            raise Misconfigured(
                f"{len(self.marks)} folders with mail are more than can be followed (some four "
                "hundred); name those that kithd can leave out under skip, such as an archive: "
                "what lies below them is left out too"
            )
        return Cursor(cursor)


def key_of(folder: bytes, validity: int) -> bytes:
    """Name a folder as long as its UIDs hold: a new UIDVALIDITY makes it another folder."""
    return blake2b(folder + b"\0%d" % validity, digest_size=_KEY_BYTES).digest()


def read_cursor(cursor: Cursor) -> Place:
    """Read what :meth:`Place.as_cursor` wrote.

    Raises:
        CursorExpired: It was not written there.
    """
    try:
        packed = iter(b85decode(cursor.removeprefix(_PREFIX)))
        n_renumberings = next(packed)
        marks = dict(_read_marks(packed))
    except (ValueError, StopIteration, RuntimeError):
        raise CursorExpired("this cursor is not of an IMAP mailbox") from None
    if not cursor.startswith(_PREFIX):
        raise CursorExpired("this cursor is not of an IMAP mailbox")
    return Place(marks, n_renumberings)


def _read_marks(packed: Iterator[int]) -> Iterator[tuple[bytes, Mark]]:
    for first in packed:
        key = bytes([first, *(next(packed) for _ in range(_KEY_BYTES - 1))])
        number = _read_varint(packed)
        yield key, Mark(_read_varint(packed) if number & 1 else 1, number >> 1)


def _varint(number: int) -> bytes:
    """Write seven bits a byte, lowest first; the last byte is below 128."""
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes([*written, number])


def _read_varint(packed: Iterator[int]) -> int:
    number = shift = 0
    for part in packed:
        number |= (part & 127) << shift
        if part < 128:
            return number
        shift += 7
    raise ValueError("cut short")
