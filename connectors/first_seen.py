"""Items that carry no date to the instant each was first seen, kept in a few bytes of a cursor.

Without it such an item would grow younger whenever it is told again, which happens when its
neighbours change (see ``connectors.document``). There is room for 64: where a document has more
without a date, those forgotten count as old as the oldest that is remembered.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.errors import CursorExpired

N_KEPT = 64
_ROW = struct.Struct(">II")  # A CRC-32 of the key, and seconds of the epoch: until 2106.
_LATEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """Seconds of the epoch by the CRC-32 of an item's key."""

    seconds: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "FirstSeen":
        """Return what ``to_text`` wrote; nothing is known where ``text`` is empty.

        Raises:
            CursorExpired: Nothing of the kind wrote it.
        """
        try:
            packed = base64.b64decode(text, validate=True)
            return cls(dict(_ROW.iter_unpack(packed)))
        except (binascii.Error, struct.error, ValueError) as error:
            raise CursorExpired("the cursor is damaged") from error

    def updated(
        self, items: Iterable[tuple[str, datetime]], is_new: Callable[[str], bool]
    ) -> "FirstSeen":
        """Return when each of ``items`` was first seen, which is now for those not known.

        Args:
            items: Their keys, and the instant that counts as now.
            is_new: Whether an item cannot have been seen before, asked where some were forgotten.
        """
        forgotten = min(self.seconds.values(), default=0) if len(self.seconds) >= N_KEPT else None
        found: dict[int, int] = {}
        for key, at in items:
            now = min(max(int(at.timestamp()), 0), _LATEST)
            unknown = now if forgotten is None or is_new(key) else forgotten
            found[_crc(key)] = self.seconds.get(_crc(key), unknown)
        return FirstSeen(found)

    def at(self, key: str) -> datetime:
        """Return when an item was first seen, in UTC and to the second.

        Raises:
            KeyError: It was not among the items of the last update.
        """
        return datetime.fromtimestamp(self.seconds[_crc(key)], UTC)

    def to_text(self) -> str:
        """Return the youngest 64, in at most 684 characters without a space or a dash."""
        rows = sorted(self.seconds.items(), key=lambda row: (-row[1], row[0]))[:N_KEPT]
        return base64.b64encode(b"".join(_ROW.pack(*row) for row in rows)).decode("ascii")


def _crc(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "replace"))
