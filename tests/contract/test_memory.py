"""The memory connector keeps the contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from connectors import contract
from connectors.memory import Account, MemoryConnector, MemorySettings
from connectors.observations import Address, Article, Card, Event, Gone, Message
from connectors.protocol import Connector, Rejected

ADA = Address("ada@example.org", "Ada")


@dataclass
class MemoryBench:
    """An account of messages, read by ``connector``."""

    connector: type[MemoryConnector] = MemoryConnector
    account: Account = field(default_factory=Account)
    is_dated: bool = True
    is_incremental: bool = True

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        return self.connector(MemorySettings(self.account), since=since)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        first = len(self.account.log)
        uids = [f"m{first + i}" for i in range(count)]
        self.account.log += [Message(uid, at, ADA) for uid in uids]
        return set(uids)

    def deliver_malformed(self) -> None:
        self.account.log.append(Rejected(f"bad{len(self.account.log)}", "no date"))

    def expire_cursors(self) -> None:
        self.account.epoch += 1

    @contextmanager
    def denied(self) -> Iterator[None]:
        self.account.locked = True
        yield
        self.account.locked = False

    def fingerprint(self) -> str:
        return repr((self.account.log, self.account.epoch, self.account.locked))

    def n_read(self) -> int:
        return self.account.n_read


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check) -> None:
    check(MemoryBench())


def test_every_kind_of_observation_is_measured_by_its_own_instant() -> None:
    old, since, new = (datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3))
    account = Account(
        [
            Message("old message", old, ADA),
            Message("message", new, ADA),
            Event("over", starts_at=old, ends_at=old, known_at=new),
            Event("lasting", starts_at=old, ends_at=new, known_at=old),
            Article("old article", "https://example.org/1", "One", old),
            Article("article", "https://example.org/2", "Two", new),
            Card("card", "Ada"),
            Gone("gone"),
        ]
    )
    poll = MemoryConnector(MemorySettings(account, page=8), since=since).poll(None)
    uids = [o.uid for batch in poll for o in batch.observations]
    assert uids == ["message", "lasting", "article", "card", "gone"]
