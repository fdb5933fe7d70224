"""Mail, calendars and contacts at Microsoft keep the contract, each alone."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from connectors import contract
from connectors.protocol import Connector
from tests.servers import graph_items
from tests.servers.graph_store import Item, Shelf
from tests.servers.microsoft import Account, account
from tests.servers.web import Authority


@dataclass
class GraphBench:
    """One part of an account that is empty at first."""

    account: Account
    n_delivered: int = 0
    is_dated: ClassVar[bool] = True
    is_incremental: ClassVar[bool] = True
    part: ClassVar[str]

    def __post_init__(self) -> None:
        self.account.sign_in(parts=(self.part,))

    @property
    def shelf(self) -> Shelf:
        raise NotImplementedError

    def item(self, number: int, at: datetime) -> Item:
        raise NotImplementedError

    def malformed(self) -> Item:
        raise NotImplementedError

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        return self.account.connector(since=since, parts=(self.part,), page=contract.LARGEST_BATCH)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        return {self.shelf.put(self.item(number, at)) for number in numbers}

    def deliver_malformed(self) -> None:
        self.shelf.put(self.malformed())

    def expire_cursors(self) -> None:
        self.account.mailbox.telling.rounds.forget()

    @contextmanager
    def denied(self) -> Iterator[None]:
        self.account.login.withdrawn = True
        yield
        self.account.login.withdrawn = False

    def fingerprint(self) -> str:
        return self.account.mailbox.state()

    def n_read(self) -> int:
        return self.account.mailbox.telling.n_told


class MailBench(GraphBench):
    part = "mail"

    @property
    def shelf(self) -> Shelf:
        return self.account.mailbox["inbox"]

    def item(self, number: int, at: datetime) -> Item:
        return graph_items.message(at, subject=f"Note {number}")

    def malformed(self) -> Item:
        bare = graph_items.message(contract.RECENT)
        return bare | {"from": None, "sender": None, "internetMessageHeaders": []}


class CalendarBench(GraphBench):
    part = "calendar"

    @property
    def shelf(self) -> Shelf:
        return self.account.mailbox.calendar

    def item(self, number: int, at: datetime) -> Item:
        return graph_items.event(at, subject=f"Meeting {number}")

    def malformed(self) -> Item:
        elsewhere = {"dateTime": "2024-06-03T09:30:00.0000000", "timeZone": "Tokyo Standard Time"}
        return graph_items.event(contract.RECENT) | {"start": elsewhere}


class ContactsBench(GraphBench):
    part = "contacts"
    is_dated = False

    @property
    def shelf(self) -> Shelf:
        return self.account.mailbox.book

    def item(self, number: int, at: datetime) -> Item:  # noqa: ARG002 -- contacts have no date
        return graph_items.contact(f"Ada {number}", f"ada{number}@example.com")

    def malformed(self) -> Item:
        return graph_items.contact("")


BENCHES: dict[str, Callable[[Account], GraphBench]] = {
    "mail": MailBench,
    "calendar": CalendarBench,
    "contacts": ContactsBench,
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> ssl.SSLContext:
    return authority.context("localhost")


@pytest.mark.parametrize("part", BENCHES)
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(
    check: contract.Check,
    part: str,
    authority: Authority,
    context: ssl.SSLContext,
    tmp_path: Path,
) -> None:
    with account(tmp_path, authority, context) as opened:
        check(BENCHES[part](opened))
        assert opened.mailbox.gate.n_breaches == 0
