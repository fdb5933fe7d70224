"""How far an address book was read <-> the one printable line that is kept of it."""

import json
from dataclasses import dataclass

from connectors.errors import CursorExpired
from connectors.protocol import Cursor

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Place:
    """How far an address book was read: the meaning of a cursor.

    Attributes:
        origin: Tells accounts, and ways of reading them, apart.
        token: Of the changes to read next, or that are being read; empty in a first reading.
        page: Where to go on in the middle of either.
        n_done: How many cards of it were looked at so far.
    """

    origin: str
    token: str = ""
    page: str = ""
    n_done: int = 0

    def to_cursor(self) -> Cursor:
        """Return the place as one line."""
        fields = [_VERSION, self.origin, self.token, self.page, self.n_done]
        return Cursor(json.dumps(fields, separators=(",", ":")))


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another account, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    try:
        version, issued_for, token, page, n_done = json.loads(cursor)
        place = Place(str(issued_for), str(token), str(page), int(n_done))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise CursorExpired("the cursor is damaged") from error
    if (version, issued_for) != (_VERSION, origin):
        raise CursorExpired("the cursor belongs to another account, or to other settings")
    return place
