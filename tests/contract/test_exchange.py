"""The Exchange connector keeps the contract: with mail alone, calendars alone, contacts alone."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from connectors import contract
from connectors.exchange.connector import ExchangeConnector
from connectors.exchange.elements import named_after
from connectors.exchange.settings import CALENDAR, CONTACTS, MAIL
from connectors.observations import Folder
from connectors.protocol import Connector
from tests.connectors.exchange.mailbox import (
    add_letter,
    add_meeting,
    add_person,
    keep,
    name_of,
    settings_at,
)
from tests.contract.bench import ELSEWHERE
from tests.servers.api import Served
from tests.servers.ews import Exchange, serving
from tests.servers.ews_xsd import Schemas, load, run_folder


class ExchangeBench(ABC):
    """A mailbox of which one part is read; another client fills it."""

    is_dated = True
    is_incremental = True
    part = ""

    def __init__(self, exchange: Exchange, served: Served, ca_file: Path, folder: Path) -> None:
        self.exchange, self.folder = exchange, folder
        self.settings = settings_at(
            served, ca_file, folder, parts=(self.part,), page=contract.LARGEST_BATCH
        )
        self.n_delivered = 0

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        return ExchangeConnector(self.settings, since=since)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        return {self.add(number, at) for number in numbers}

    @abstractmethod
    def add(self, number: int, at: datetime) -> str:
        """Add an item, and return what it must be reported as."""

    @abstractmethod
    def deliver_malformed(self) -> None: ...

    def expire_cursors(self) -> None:
        self.exchange.forget_states()

    @contextmanager
    def denied(self) -> Iterator[None]:
        right = self.folder / "secret"
        kept = right.read_text()
        keep(self.folder, "not the password")
        yield
        keep(self.folder, kept)

    def fingerprint(self) -> str:
        folders = repr(self.exchange.folders)
        return f"{sha256(folders.encode()).hexdigest()} {self.exchange.sent}"

    def n_read(self) -> int:
        return self.exchange.n_given


class MailBench(ExchangeBench):
    part = MAIL

    def add(self, number: int, at: datetime) -> str:
        where = ("inbox", "sentitems")[number % 2]
        item = add_letter(self.exchange, number, where, at=at.astimezone(ELSEWHERE))
        return name_of(item, Folder.SENT if number % 2 else Folder.OTHER)

    def deliver_malformed(self) -> None:
        item = add_letter(self.exchange, 1000)
        for name in ("ExtendedProperty", "From", "Sender"):
            del item.properties[name]


class CalendarBench(ExchangeBench):
    part = CALENDAR

    def add(self, number: int, at: datetime) -> str:
        return named_after(add_meeting(self.exchange, number, at.astimezone(ELSEWHERE)).id)

    def deliver_malformed(self) -> None:
        del add_meeting(self.exchange, 1000).properties["Start"]


class ContactsBench(ExchangeBench):
    part = CONTACTS
    is_dated = False

    def add(self, number: int, at: datetime) -> str:  # noqa: ARG002 -- people have no date
        return named_after(add_person(self.exchange, number).id)

    def deliver_malformed(self) -> None:
        item = add_person(self.exchange, 1000)
        item.properties.clear()


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas | None:
    return load(run_folder(tmp_path_factory))


@pytest.mark.parametrize("bench", [MailBench, CalendarBench, ContactsBench], ids=lambda b: b.part)
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(
    check: contract.Check,
    bench: type[ExchangeBench],
    schemas: Schemas | None,
    tmp_path: Path,
) -> None:
    exchange = Exchange(schemas)
    with serving(exchange, tmp_path) as (served, ca_file):
        check(bench(exchange, served, ca_file, tmp_path))
