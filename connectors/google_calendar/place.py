"""How far an account's calendars were read <-> the one printable line that is kept of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from connectors.errors import CursorExpired
from connectors.protocol import Cursor

LENGTH_LIMIT = 60_000
"""Characters of a cursor, of the 65,536 that there is room for.

Source: decision 0028. Google's tokens have about 50; 200 calendars need a fifth of this.
"""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """A calendar in the middle of being read.

    Attributes:
        key: The calendar's.
        token: Of the changes that are being read; empty in a first reading.
        page: Where to go on.
        since: With which bounds a first reading began, in seconds of the epoch: all pages of
            one listing must be asked for with the same.
        until: Likewise.
    """

    key: str
    token: str
    page: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far an account was read: the meaning of a cursor.

    Attributes:
        origin: Tells accounts, and ways of reading them, apart.
        horizon: How far into the future was read, in seconds of the epoch.
        tokens: By calendar, the token it has been read up to.
        pending: The calendar that is being read.
    """

    origin: str
    horizon: int = 0
    tokens: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None

    def knows(self, key: str) -> bool:
        """Return whether something was read of a calendar."""
        return key in self.tokens or self.is_amid(key)

    def is_amid(self, key: str) -> bool:
        """Return whether a calendar was read in part."""
        return self.pending is not None and self.pending.key == key

    def only(self, keys: set[str]) -> "Place":
        """Return the place without the calendars that are not among ``keys``."""
        tokens = {key: token for key, token in self.tokens.items() if key in keys}
        pending = self.pending if self.pending and self.pending.key in keys else None
        return replace(self, tokens=tokens, pending=pending)

    def without(self, key: str) -> "Place":
        """Return the place as if nothing had been read of one calendar."""
        tokens = {each: token for each, token in self.tokens.items() if each != key}
        return replace(self, tokens=tokens, pending=None if self.is_amid(key) else self.pending)

    def having_read(self, key: str, token: str) -> "Place":
        """Return the place at the end of a calendar, read anew next time if it has no token."""
        tokens = dict(self.without(key).tokens)
        return replace(self, tokens={**tokens, key: token} if token else tokens, pending=None)

    def to_cursor(self) -> Cursor:
        """Return the place as one line, without the longest tokens where it gets too long."""
        pending = self.pending
        parts = (
            [pending.key, pending.token, pending.page, pending.since, pending.until]
            if pending
            else None
        )
        fields = [_VERSION, self.origin, self.horizon, dict(self.tokens), parts]
        text = json.dumps(fields, separators=(",", ":"))
        if len(text) <= LENGTH_LIMIT:
            return Cursor(text)
        if not self.tokens:
            return replace(self, pending=None).to_cursor()
        longest = max(self.tokens, key=lambda key: len(self.tokens[key]))
        return self.without(longest).to_cursor()


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another account, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    try:
        version, issued_for, horizon, tokens, parts = json.loads(cursor)
        place = Place(
            str(issued_for),
            _seconds(horizon),
            {str(key): str(token) for key, token in tokens.items()},
            _pending(*parts) if parts else None,
        )
    except (
        ArithmeticError,
        AttributeError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise CursorExpired("the cursor is damaged") from error
    if (version, issued_for) != (_VERSION, origin):
        raise CursorExpired("the cursor belongs to another account, or to other settings")
    return place


def _pending(key: str, token: str, page: str, since: int, until: int) -> Pending:
    return Pending(str(key), str(token), str(page), _seconds(since), _seconds(until))


def _seconds(value: Any) -> int:
    """Return seconds of the epoch; those that no date has are a ValueError."""
    return int(datetime.fromtimestamp(int(value), UTC).timestamp())
