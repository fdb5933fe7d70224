"""A mailbox as Gmail keeps one: messages with labels, and a history of what became of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Record = dict[str, Any]

FIRST_HISTORY = 1_000
_GAP = 7
"""History ids are not contiguous. Source: Gmail API, users.history.list."""
_SCATTER = 0x9E3779B97F4A7C15
"""Ids say nothing of the order."""


@dataclass
class Kept:
    """One message."""

    uid: str
    number: int
    raw: bytes
    labels: set[str]
    received_at: datetime
    history: int

    @property
    def order(self) -> tuple[datetime, int]:
        """Lists begin with the newest."""
        return self.received_at, self.number


@dataclass
class Mailbox:
    """All of one account's mail. ``floor`` is the history that is forgotten."""

    address: str = "owner@example.org"
    aliases: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    history: int = FIRST_HISTORY
    floor: int = FIRST_HISTORY
    generation: int = 0
    n_delivered: int = 0

    def deliver(self, raw: bytes, *labels: str, at: datetime) -> str:
        """Put in a message that came at ``at``; return its id."""
        self.n_delivered += 1
        uid = f"{self.n_delivered * _SCATTER % 2**64:016x}"
        history = self._next()
        self.kept[uid] = Kept(uid, self.n_delivered, raw, {*labels}, at, history)
        self.records.append({"id": history, "messagesAdded": [{"message": self.brief(uid)}]})
        return uid

    def relabel(self, uid: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change a message's labels."""
        one = self.kept[uid]
        for name, labels, is_added in (
            ("labelsAdded", [*add], True),
            ("labelsRemoved", [*remove], False),
        ):
            if labels:
                one.labels = one.labels | {*labels} if is_added else one.labels - {*labels}
                one.history = self._next()
                change = {"message": self.brief(uid), "labelIds": labels}
                self.records.append({"id": one.history, name: [change]})

    def delete(self, uid: str) -> None:
        """Delete a message for good."""
        brief = self.brief(uid)
        del self.kept[uid]
        self.records.append({"id": self._next(), "messagesDeleted": [{"message": brief}]})

    def forget(self) -> None:
        """Forget all history and all lists that somebody is in the middle of."""
        self.generation += 1
        self.floor = self._next()

    def brief(self, uid: str) -> dict[str, Any]:
        """Return a message as the history shows it."""
        one = self.kept[uid]
        return {"id": uid, "threadId": uid, "labelIds": sorted(one.labels)}

    def newest_first(self) -> Iterator[Kept]:
        return iter(sorted(self.kept.values(), key=lambda one: one.order, reverse=True))

    def since(self, history: int, kinds: Iterable[str]) -> Iterator[Record]:
        """Return the records after a place in the history that are of these kinds."""
        for record in self.records:
            if record["id"] > history and any(kind in record for kind in kinds):
                yield record | {"id": str(record["id"])}

    def _next(self) -> int:
        self.history += _GAP
        return self.history
