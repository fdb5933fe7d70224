"""Items of a mailbox -> answers in the form that Microsoft Graph gives them."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tests.servers.api import Call, Reply
from tests.servers.graph_store import Item, Render, Rounds, Shelf

AT_ONCE = 4
IMMUTABLE = 'IdType="ImmutableId"'
_DEFAULT_PAGE = 10
_PAGE = "odata.maxpagesize="


class Wrong(Exception):
    """An answer that is an error, in Graph's shape."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        inner = {"date": "2024-06-03T09:30:00", "request-id": "0", "client-request-id": "0"}
        error = {"code": code, "message": "canary-message", "innerError": inner}
        self.reply = Reply.of({"error": error}, status, **headers)


def wrong(status: int, code: str, **headers: str) -> Reply:
    """Return an error in Graph's shape."""
    return Wrong(status, code, **headers).reply


@dataclass
class Gate:
    """Counts the requests that are under way at once, and may hold each of them for a while."""

    n_inside: int = 0
    n_most: int = 0
    n_breaches: int = 0
    pause: float = 0.0
    _turn: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """Yield whether there is room; wait at most ``pause`` seconds for one too many."""
        with self._turn:
            self.n_inside += 1
            self.n_most = max(self.n_most, self.n_inside)
            is_room = self.n_inside <= AT_ONCE
            self.n_breaches += not is_room
            self._turn.notify_all()
            if self.pause:
                self._turn.wait_for(lambda: self.n_inside > AT_ONCE, self.pause)
        try:
            yield is_room
        finally:
            with self._turn:
                self.n_inside -= 1


@dataclass
class Telling:
    """How items are told.

    Attributes:
        url: Where the service runs.
        elsewhere: Where links lead, if not there.
        expiry: Status and code for a token that was forgotten.
        rounds: The tokens given out.
        n_told: How many items were.
    """

    url: str = ""
    elsewhere: str = ""
    expiry: tuple[int, str] = (410, "SyncStateNotFound")
    rounds: Rounds = field(default_factory=Rounds)
    n_told: int = 0

    def listed(self, call: Call, items: list[Item]) -> Reply:
        """Tell a page of a list. Source: "List mailFolders": ten at a time, and a nextLink."""
        start, size = int(call.one("$skip", "0")), int(call.one("$top", str(_DEFAULT_PAGE)))
        answer: Item = {"value": [_selected(call, one) for one in items[start : start + size]]}
        if start + size < len(items):
            query = {name: call.one(name) for name in call.query} | {"$skip": str(start + size)}
            answer["@odata.nextLink"] = self._link(call.path, query)
        return Reply.of(answer)

    def one(self, call: Call, item: Item) -> Reply:
        """Tell one item."""
        self.n_told += 1
        return Reply.of(self._named(call, [_selected(call, item)])[0])

    def delta(
        self,
        call: Call,
        shelf: Shelf,
        order: Callable[[dict[str, str]], Iterable[str]],
        render: Render,
    ) -> Reply:
        """Tell a page of a round. Source: "Use delta query to track changes".

        Args:
            call: The request.
            shelf: What is read.
            order: Says what a first round tells, and refuses queries that are not allowed.
            render: Says what is told of an item.
        """
        tokens = [call.one(name) for name in ("$skiptoken", "$deltatoken") if name in call.query]
        if not tokens:
            query = {name: call.one(name) for name in call.query}
            place = self.rounds.begin(shelf, order(query), query)
        elif len(call.query) > 1:
            raise Wrong(400, "ErrorInvalidUrlQuery")
        else:
            found = self.rounds.resume(tokens[0])
            if found is None or found.shelf != shelf.key:
                raise Wrong(*self.expiry)
            place = found
        page, token, is_more = self.rounds.turn(shelf, place, _page_size(call), render)
        self.n_told += len(page)
        name, word = ("nextLink", "$skiptoken") if is_more else ("deltaLink", "$deltatoken")
        link = self._link(call.path, {word: token})
        return Reply.of({"value": self._named(call, page), f"@odata.{name}": link})

    def _named(self, call: Call, items: list[Item]) -> list[Item]:
        """Return items under other names, unless immutable ones are asked for."""
        if IMMUTABLE in preferences(call):
            return items
        return [{**item, "id": f"AQMkAD-{item['id']}"} for item in items]

    def _link(self, path: str, query: dict[str, str]) -> str:
        return f"{self.elsewhere or self.url}{quote(path)}?{urlencode(query, safe='$')}"


def preferences(call: Call) -> list[str]:
    """Return what a request prefers."""
    return [one.strip() for one in call.headers.get("prefer", "").split(",")]


def only(item: Item, names: Iterable[str]) -> Item:
    """Return an item's ID and the properties that are named, as far as it has them."""
    kept = {"id", "@removed", *names}
    return {name: value for name, value in item.items() if name in kept}


def _selected(call: Call, item: Item) -> Item:
    names = call.one("$select")
    return only(item, [*names.split(","), "@odata.type"]) if names else item


def _page_size(call: Call) -> int:
    sizes = [one.removeprefix(_PAGE) for one in preferences(call) if one.startswith(_PAGE)]
    return int(sizes[0]) if sizes else _DEFAULT_PAGE
