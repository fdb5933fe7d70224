"""How far an account's folders, calendars and contacts were read <-> one printable line."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType

from connectors.errors import CursorExpired, Misconfigured
from connectors.protocol import Cursor

LENGTH_LIMIT = 64 * 1024
"""Characters of a cursor. Source: decision 0028; a token of Graph's has 100 to 1,000."""

_VERSION = "graph1"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one collection was read.

    Attributes:
        query: What leads on: Graph's own token, and the word before it.
        n_read: How many items of a first reading that is under way were read; else 0.
    """

    query: str
    n_read: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """How far an account was read.

    Attributes:
        origin: Names the account, and what its tokens depend on besides.
        horizon: Where the calendars' window ends, in seconds of the epoch; 0 where none began.
        marks: The collections that were begun, by :func:`key_of`.
    """

    origin: str
    horizon: int = 0
    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))

    def with_mark(self, key: str, mark: Mark) -> "Place":
        """Return the place with one collection read as far as ``mark`` says."""
        return replace(self, marks={**self.marks, key: mark})

    def only(self, keys: Collection[str]) -> "Place":
        """Return the place without the collections that are not among ``keys``."""
        return replace(self, marks={k: mark for k, mark in self.marks.items() if k in keys})

    def without(self, key: str) -> "Place":
        """Return the place as if nothing of one collection had been read."""
        return self.only(self.marks.keys() - {key})

    def to_cursor(self) -> Cursor:
        """Write it as one line.

        Raises:
            Misconfigured: There are more collections than a cursor can hold.
        """
        marks = {key: [mark.query, mark.n_read] for key, mark in self.marks.items()}
        text = json.dumps([self.origin, self.horizon, marks], separators=(",", ":"))
        cursor = f"{_VERSION} {text}"
        if len(cursor) > LENGTH_LIMIT:
            raise Misconfigured(
                f"{len(marks)} folders and calendars are more than can be followed; name those "
                "that kithd can leave out under skip, such as an archive: what lies below them is "
                "left out too"
            )
        return Cursor(cursor)


def key_of(*names: str) -> str:
    """Name a collection: 40 bits, so that a thousand of them hardly ever share one."""
    return sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:10]


def resume(cursor: Cursor | None, origin: str) -> Place:
    """Return the place that ``cursor`` stands for, the beginning for None.

    Raises:
        CursorExpired: It was issued for another account, other settings or another version.
    """
    if cursor is None:
        return Place(origin)
    version, _, text = cursor.partition(" ")
    try:
        if version != _VERSION:
            raise ValueError
        issued_for, horizon, marks = json.loads(text)
        place = Place(
            str(issued_for),
            int(horizon),
            {str(key): Mark(str(query), int(n)) for key, (query, n) in dict(marks).items()},
        )
    except (ValueError, TypeError, RecursionError):
        raise CursorExpired("the cursor is not of an account at Microsoft") from None
    if place.origin != origin:
        raise CursorExpired("the cursor belongs to another account, or to other settings")
    return place
