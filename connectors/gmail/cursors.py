"""How far a mailbox at Gmail was read <-> a cursor of one short line."""

import json
from dataclasses import dataclass, replace
from typing import Any

from connectors.errors import CursorExpired
from connectors.gmail.answers import DIGITS
from connectors.protocol import Cursor

_VERSION = "gmail1"
_LONGEST_TOKEN = 4_096


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far what was there at the beginning has been read.

    Attributes:
        way: By which settings it is read: page tokens hold for these alone.
        begun: The mailbox's history when this began; what came later is news.
        phase: Which part of the mailbox is being read, from 0 on.
        page: The token of the next page of that part, empty for its first.
        n_done: How many messages were looked at.
        n_expected: How many there are, at the most; None where nobody knows.
        is_heads_only: Whether the rest of this part is too old for its text to be read.
    """

    way: str
    begun: int
    phase: int = 0
    page: str = ""
    n_done: int = 0
    n_expected: int | None = None
    is_heads_only: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox has been read: the meaning of a cursor.

    Attributes:
        origin: Tells accounts apart.
        history: All news up to here have been read, in the mailbox's own count.
        backlog: What is left of the first reading, None for nothing.
    """

    origin: str
    history: int
    backlog: Backlog | None = None

    def having_read(self, history: int) -> "Place":
        """Return the place after the news up to ``history``; it never goes back."""
        return replace(self, history=max(self.history, history))

    def to_cursor(self) -> Cursor:
        """Return the place as one printable line."""
        left = self.backlog
        parts = left and [
            left.way,
            left.begun,
            left.phase,
            left.page,
            left.n_done,
            left.n_expected,
            left.is_heads_only,
        ]
        fields = [_VERSION, self.origin, self.history, parts]
        return Cursor(json.dumps(fields, separators=(",", ":")))


def resume(cursor: Cursor, origin: str, way: str) -> Place:
    """Return the place that ``cursor`` stands for.

    Raises:
        CursorExpired: It was issued for another account, another version, or amid a backlog
            that is read in another way by now.
    """
    try:
        version, issued_for, history, parts = json.loads(cursor)
        backlog = None if parts is None else _read_backlog(*parts)
        place = Place(issued_for, _read_number(history), backlog)
    except (TypeError, ValueError, RecursionError):
        raise CursorExpired("the cursor is no cursor of Gmail's") from None
    is_other_way = backlog is not None and backlog.way != way
    if (version, issued_for) != (_VERSION, origin) or is_other_way:
        raise CursorExpired("the cursor belongs to another account, or to other settings")
    return place


def _read_backlog(
    way: Any, begun: Any, phase: Any, page: Any, n_done: Any, n_expected: Any, is_old: Any
) -> Backlog:
    if not (isinstance(way, str) and isinstance(page, str) and isinstance(is_old, bool)):
        raise ValueError
    if len(page) > _LONGEST_TOKEN:
        raise ValueError
    expected = None if n_expected is None else _read_number(n_expected)
    begun, phase, n_done = map(_read_number, (begun, phase, n_done))
    return Backlog(way, begun, phase, page, n_done, expected, is_old)


def _read_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**DIGITS:
        raise ValueError
    return value
