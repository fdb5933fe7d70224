"""How far each folder was read <-> the one printable line that is kept of it."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.errors import CursorExpired, Misconfigured
from connectors.protocol import Cursor

LENGTH_LIMIT = 64 * 1024
"""Characters of a cursor. Source: ``connectors.protocol.Cursor``."""
_VERSION = 1
_INFLATED_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read: the meaning of a cursor.

    Attributes:
        origin: Tells mailboxes, and ways of reading them, apart.
        horizon: How far into the future calendars were read, in seconds of the epoch.
        states: What the server calls the state of each folder, by the folder's key.
    """

    origin: str
    horizon: int = 0
    states: Mapping[str, str] = field(default_factory=dict)

    def with_state(self, key: str, state: str) -> "Place":
        """Return the place with the folder ``key`` read as far as ``state`` says."""
        return replace(self, states={**self.states, key: state})

    def only(self, keys: set[str]) -> "Place":
        """Return the place without the folders that are not among ``keys``."""
        return replace(self, states={k: v for k, v in self.states.items() if k in keys})

    def to_cursor(self) -> Cursor:
        """Write the place as one printable line.

        Raises:
            Misconfigured: There are more folders than fit into it.
        """
        fields = [_VERSION, self.origin, self.horizon, dict(self.states)]
        packed = zlib.compress(json.dumps(fields, separators=(",", ":")).encode(), 9)
        text = base64.b85encode(packed).decode("ascii")
        if len(text) > LENGTH_LIMIT:
            raise Misconfigured(
                f"{len(self.states)} folders are more than can be followed; name those that kithd "
                "can leave out under skip, such as an archive: what lies below is left out too"
            )
        return Cursor(text)


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another mailbox, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    try:
        version, issued_for, horizon, states = _unpack(cursor)
        place = Place(str(issued_for), int(horizon), {str(k): str(v) for k, v in states.items()})
    except (AttributeError, TypeError, ValueError, OverflowError, RecursionError, zlib.error):
        raise CursorExpired("the cursor is damaged") from None
    if (version, place.origin) != (_VERSION, origin):
        raise CursorExpired("the cursor belongs to another mailbox, or to other settings")
    return place


def _unpack(cursor: Cursor) -> Any:
    inflate = zlib.decompressobj()
    content = inflate.decompress(base64.b85decode(cursor), _INFLATED_LIMIT)
    if not inflate.eof:
        raise binascii.Error("cut short")
    return json.loads(content)
