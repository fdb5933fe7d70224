"""A document that is rewritten as a whole to those of its items that are new or have changed.

A cursor has no room for the name of every item. So items fall into 768 parts by their key, and
the cursor keeps one checksum a part: an item that changes is told again, together with the few
that share its part (none, most often, in a file of fewer than fifty items). What has vanished
from a document is not told: exports are cut off at some date, and absence proves nothing. Where
documents come from is ``connectors.origins``' to say.
"""

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

from connectors.errors import CursorExpired
from connectors.observations import Observation
from connectors.protocol import Batch, Cursor, Progress, Rejected

N_PARTS = 768
_WIDTH = 3  # Bytes of a checksum: one change in 16 million goes unseen.
_VERSION = "1"
_NOTHING = bytes(N_PARTS * _WIDTH)


class Item(Protocol):
    """What a document is made of. ``key`` stays the same when the item changes."""

    @property
    def key(self) -> str:
        """Return the item's name within the document."""
        ...

    def fingerprint(self) -> bytes:
        """Return a hash of all that is read of it."""
        ...


T = TypeVar("T", bound=Item)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item."""

    observations: Sequence[Observation] = ()
    rejected: Sequence[Rejected] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """How far a document has been read: the meaning of a cursor.

    ``origin`` tells documents and ways of reading them apart. ``stamp`` is that of the edition
    that was last read to its end, and empty in the middle. ``horizon`` is whatever else the
    reading depended on. None of the three holds a space or begins with a dash, and together
    they have at most 1,100 characters.
    """

    origin: str
    stamp: str = ""
    horizon: str = ""
    sums: bytes = _NOTHING

    def has_none_like(self, key: str) -> bool:
        """Return whether no item of the part that ``key`` falls into was ever there."""
        return not any(self.checksum_of(_index(key)))

    def checksum_of(self, index: int) -> bytes:
        """Return what the items of a part amounted to when they were last told."""
        return self.sums[index * _WIDTH : (index + 1) * _WIDTH]

    def to_cursor(self) -> Cursor:
        """Return the place as one printable line, of at most 4,096 characters."""
        packed = base64.b85encode(zlib.compress(self.sums, 9)).decode("ascii")
        fields = (_VERSION, self.origin, self.stamp or "-", self.horizon or "-", packed)
        return Cursor(" ".join(fields))


def origin_of(*parts: object) -> str:
    """Return a short name for a document: where it is, and the settings it is read by."""
    return sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:16]


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another document, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    version, *rest = [*cursor.split(" "), "", "", "", ""][:5]
    issued_for, stamp, horizon, packed = rest
    if (version, issued_for) != (_VERSION, origin):
        raise CursorExpired("the cursor belongs to another document, or to other settings")
    return Place(origin, stamp.removeprefix("-"), horizon.removeprefix("-"), _unpack(packed))


def _unpack(packed: str) -> bytes:
    try:
        inflate = zlib.decompressobj()
        sums = inflate.decompress(base64.b85decode(packed), len(_NOTHING) + 1)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise CursorExpired("the cursor is damaged") from error
    if not inflate.eof or len(sums) != len(_NOTHING):
        raise CursorExpired("the cursor is damaged")
    return sums


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """The items whose keys share a hash, and the checksum of what they hold."""

    index: int
    checksum: bytes
    items: tuple[T, ...]


def parts_of(items: Iterable[T], place: Place) -> tuple[list[Part[T]], list[Part[T]]]:
    """Divide ``items`` into parts: those that have changed since ``place``, and the others."""
    members: list[list[T]] = [[] for _ in range(N_PARTS)]
    for item in items:
        members[_index(item.key)].append(item)
    changed: list[Part[T]] = []
    same: list[Part[T]] = []
    for index, group in enumerate(members):
        part = Part(index, _checksum(group), tuple(group))
        (same if part.checksum == place.checksum_of(index) else changed).append(part)
    return changed, same


def _index(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "replace")) % N_PARTS


def _checksum(group: Iterable[Item]) -> bytes:
    """Return a checksum that does not depend on the order of the items."""
    hashes = (sha256(item.key.encode("utf-8", "replace") + item.fingerprint()) for item in group)
    total = sum(int.from_bytes(each.digest()[:8], "big") for each in hashes)
    return (total & (1 << 8 * _WIDTH) - 1).to_bytes(_WIDTH, "big")


def read_parts(
    tasks: Sequence[tuple[Part[T], Callable[[T], Outcome]]], start: Place, end: Place, page: int
) -> Iterator[Batch]:
    """Report the items of every part by the function beside it, one page after the other.

    A page ends with a part, so that its cursor says exactly what was reported; it exceeds
    ``page`` by what the last part holds, at the most. The last one may be empty; it alone
    carries the stamp and the horizon of ``end``.
    """
    place = replace(start, stamp="")
    expected = sum(len(part.items) for part, _ in tasks)
    outcomes: list[Outcome] = []
    done = 0
    for part, report in tasks:
        outcomes += map(report, part.items)
        done += len(part.items)
        place = replace(place, sums=_with(place.sums, part))
        if sum(len(each.observations) + len(each.rejected) for each in outcomes) >= page:
            yield _batch(outcomes, place, Progress(done, expected))
            outcomes = []
    yield _batch(outcomes, replace(end, sums=place.sums), Progress(done, expected))


def _with(sums: bytes, part: Part[T]) -> bytes:
    start = part.index * _WIDTH
    return sums[:start] + part.checksum + sums[start + _WIDTH :]


def _batch(outcomes: Sequence[Outcome], place: Place, progress: Progress) -> Batch:
    return Batch(
        observations=tuple(one for each in outcomes for one in each.observations),
        cursor=place.to_cursor(),
        rejected=tuple(one for each in outcomes for one in each.rejected),
        progress=progress,
    )
