"""A service with accounts, in memory: it keeps mail, sends it, and lets its owner in on a page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from queue import Queue
from threading import Event
from typing import ClassVar

import pytest

from connectors import registry
from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import Unavailable
from connectors.observations import Observation
from connectors.protocol import Batch, Connector, Cursor, Desk, Reading

KIND = "graph"
PAGE, CODE = "https://login.example.org/device", "KITHD-2026"


@dataclass
class Office:
    """What lies at the service, what it was asked, and what it is told to do.

    ``denies`` is raised by whatever is asked of it, ``loses`` once a mail was taken. An office
    that ``is_slow`` lets whoever sends wait until they are gone.
    """

    letters: list[Observation] = field(default_factory=list)
    addresses: tuple[str, ...] = ()
    who: str = "robin@example.org"
    sent: list[tuple[bytes, str, str]] = field(default_factory=list)
    n_polls: int = 0
    n_asked: int = 0
    denies: Exception | None = None
    denies_addresses: Exception | None = None
    loses: Exception | None = None
    is_slow: bool = False
    beside: list[tuple[str, ...]] = field(default_factory=list)
    waits: Queue[float] = field(default_factory=Queue)


@dataclass
class OfficeSettings:
    """One account, and what it is for."""

    secret: Secret
    client_id: str
    read: Reading = Reading.TEXT
    parts: tuple[str, ...] = ("mail",)
    sends: bool = False
    permissions_beside: tuple[str, ...] = ()


class OfficeConnector:
    """Does all that a connector can do; ``office`` is what it reaches."""

    settings_type: ClassVar[type[OfficeSettings]] = OfficeSettings
    office: ClassVar[Office]

    def __init__(self, settings: OfficeSettings, *, since: datetime) -> None:  # noqa: ARG002 -- the protocol's
        self.settings, self.is_closed = settings, Event()

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        self.office.n_polls += 1
        self._enter()
        begin = int(cursor or "0")
        if new := self.office.letters[begin:]:
            yield Batch(tuple(new), Cursor(str(begin + len(new))))

    def close(self) -> None:
        self.is_closed.set()

    def holds(self, message_id: str) -> bool:
        self._enter()
        return any(f"Message-ID: {message_id}".encode() in mail for mail, *_ in self.office.sent)

    def wait(self, seconds: float) -> bool:
        self.office.waits.put(seconds)
        raise Unavailable("the office cannot tell; polling must do")

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        self.check_sending()
        if self.office.is_slow:
            assert self.is_closed.wait(10), "nobody closed it"
            raise Unavailable("the connection was closed")
        self.office.sent.append((message, sender, to))
        if self.office.loses:
            raise self.office.loses

    def check_sending(self) -> None:
        assert self.settings.sends, "it is not made for sending"
        self._enter()

    def list_addresses(self) -> tuple[str, ...]:
        self.office.n_asked += 1
        assert not self.is_closed.is_set(), "it was closed before it was asked"
        if self.office.denies_addresses:
            raise self.office.denies_addresses
        return self.office.addresses

    def list_permissions(self) -> tuple[str, ...]:
        if self.settings.sends:
            return ("Mail.Send",)
        return ("Mail.Read",) if self.settings.read is Reading.TEXT else ("Mail.ReadBasic",)

    def sign_in(self, desk: Desk) -> str:
        desk.show(PAGE, CODE)
        if self.office.denies:
            raise self.office.denies
        line = desk.read_line() if desk.is_remote else ""
        Tokens(self.settings.secret).write({"token": line or "fresh"})
        return self.office.who

    def _enter(self) -> None:
        self.office.beside.append(self.settings.permissions_beside)
        if self.office.denies:
            raise self.office.denies
        Tokens(self.settings.secret).read()


def open_office(monkeypatch: pytest.MonkeyPatch, office: Office) -> Office:
    """Let ``office`` stand behind the kind that the settings call graph."""
    real = registry.load
    bound = type("BoundConnector", (OfficeConnector,), {"office": office})

    def load(name: str) -> type[Connector]:
        return bound if name == KIND else real(name)

    monkeypatch.setattr(registry, "load", load)
    return office
