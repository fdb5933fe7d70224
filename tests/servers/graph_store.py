"""What a mailbox at Microsoft holds, what has changed in it, and the tokens that lead through it.

A shelf is a folder of messages, a calendar, or a folder of contacts. Each keeps its items whole
and a log of what happened to them; a token stands for a place in a round over a shelf.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

Item: TypeAlias = dict[str, Any]
Group: TypeAlias = list[Item]
"""Items that are told on one page: one of them, or a series of events whole."""

_numbers = count(1)


def new_id() -> str:
    """Return an immutable ID, as long as Microsoft's are."""
    return f"AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{next(_numbers):08d}{'A' * 60}AAA="


@dataclass
class Change:
    """One thing that happened to an item; ``fields`` is None where all of it is new."""

    key: str
    fields: tuple[str, ...] | None = None


@dataclass
class Shelf:
    """A folder or a calendar.

    Attributes:
        name: As the owner sees it.
        parent: The shelf above, of a mail folder.
        kind: The name that holds in every language, of a mail folder that has one.
        facts: Whatever else is told of it.
        items: By ID.
        within: The occurrences of each series, by the ID of its master.
    """

    name: str
    parent: str = ""
    kind: str = ""
    facts: Item = field(default_factory=dict)
    key: str = field(default_factory=new_id)
    items: dict[str, Item] = field(default_factory=dict)
    within: dict[str, list[Item]] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)

    def put(self, item: Item) -> str:
        """Add an item, or put it in place of what has its ID."""
        key: str = item.setdefault("id", new_id())
        self.items[key] = item
        self.log.append(Change(key))
        return key

    def change(self, key: str, **fields: Any) -> None:
        """Change fields of an item: only these are told."""
        self.items[key] |= fields
        self.log.append(Change(key, tuple(fields)))

    def take(self, key: str) -> Item:
        """Remove an item."""
        self.log.append(Change(key))
        return self.items.pop(key)

    def changed_since(self, n: int) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        """Yield what happened since the ``n``-th entry of the log, each item once."""
        told: dict[str, tuple[str, ...] | None] = {}
        for change in self.log[n:]:
            known = told.get(change.key, ())
            is_whole = known is None or change.fields is None
            told[change.key] = None if is_whole else (*(known or ()), *(change.fields or ()))
        yield from told.items()


@dataclass
class Round:
    """A place in a reading of a shelf: what is left of it, and what it was begun with."""

    shelf: str
    told_up_to: int
    query: dict[str, str]
    left: list[tuple[str, tuple[str, ...] | None]] | None = None


Render: TypeAlias = Callable[[Shelf, str, tuple[str, ...] | None, dict[str, str]], Group]
"""Makes of an item of a shelf, and of which of its fields have changed, what is told of it."""


@dataclass
class Rounds:
    """The tokens given out so far."""

    known: dict[str, Round] = field(default_factory=dict)
    length: int = 160

    def forget(self) -> None:
        """Make all tokens useless."""
        self.known.clear()

    def forget_shelf(self, key: str) -> None:
        """Make all tokens of one shelf useless."""
        self.known = {token: one for token, one in self.known.items() if one.shelf != key}

    def resume(self, token: str) -> Round | None:
        """Return the place that a token stands for; None where it is forgotten."""
        return self.known.get(token)

    def begin(self, shelf: Shelf, order: Iterable[str], query: dict[str, str]) -> Round:
        """Begin a first round, over what is there now."""
        return Round(shelf.key, len(shelf.log), query, [(key, None) for key in order])

    def turn(
        self, shelf: Shelf, place: Round, size: int, render: Render
    ) -> tuple[list[Item], str, bool]:
        """Return a page, the token that leads on, and whether that is to the rest of the round."""
        upto, left = place.told_up_to, place.left
        if left is None:
            upto, left = len(shelf.log), [*shelf.changed_since(upto)]
        page: list[Item] = []
        n_told = 0
        for key, fields in left:
            if len(page) >= size:
                break
            page += render(shelf, key, fields, place.query)
            n_told += 1
        rest = left[n_told:]
        token = self._keep(Round(shelf.key, upto, place.query, rest or None))
        return page, token, bool(rest)

    def _keep(self, place: Round) -> str:
        token = f"tok{next(_numbers)}".ljust(self.length, "x")
        self.known[token] = place
        return token


def whole(shelf: Shelf, key: str, fields: tuple[str, ...] | None) -> Item | None:
    """Return what is told of an item that is there: all, or what has changed; None if gone."""
    item = shelf.items.get(key)
    if item is None or fields is None:
        return deepcopy(item)
    return {"id": key, **{name: deepcopy(item[name]) for name in fields}}


def removed(key: str) -> Item:
    """Return what is told of an item that is gone."""
    return {"id": key, "@removed": {"reason": "deleted"}}


def state_of(shelves: Iterable[Shelf]) -> str:
    """Return all that another client could see."""
    return json.dumps(
        [[shelf.name, shelf.kind, shelf.items, shelf.within, len(shelf.log)] for shelf in shelves],
        sort_keys=True,
    )
