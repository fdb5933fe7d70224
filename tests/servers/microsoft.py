"""An account at Microsoft for tests: its mailbox, its sign-in, and a clock that stands still."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors import contract
from connectors.credentials.secrets import Secret
from connectors.graph.connector import GraphConnector
from connectors.graph.settings import GraphSettings
from connectors.observations import Observation
from connectors.protocol import Batch, Cursor
from tests.servers.api import Served
from tests.servers.graph import GraphMailbox, running_at
from tests.servers.graph_telling import Gate
from tests.servers.microsoft_login import CLIENT_ID, MicrosoftLogin
from tests.servers.web import Authority

UNTIL = contract.RECENT + timedelta(days=30)
BEGINNING = contract.RECENT - timedelta(days=1000)


@dataclass
class Hands:
    """A clock that is put forward by whoever sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@dataclass
class Desk:
    """The owner in front of a terminal."""

    shown: list[tuple[str, str]] = field(default_factory=list)
    is_remote: bool = False

    def show(self, url: str, code: str = "") -> None:
        self.shown.append((url, code))

    def read_line(self) -> str:
        raise AssertionError("nothing is pasted")


@dataclass
class Account:
    """An account that runs. ``graph`` and ``signing`` are its two servers."""

    folder: Path
    ca_file: Path
    login: MicrosoftLogin
    mailbox: GraphMailbox
    signing: Served
    graph: Served
    clock: Hands = field(default_factory=Hands)
    opened: list[GraphConnector] = field(default_factory=list)

    def settings(self, **changes: Any) -> GraphSettings:
        """Return the settings of one section; each ``name`` has tokens of its own."""
        name = changes.pop("name", "tokens")
        settings = GraphSettings(
            secret=Secret(f"file:{self.folder / name}"),
            client_id=CLIENT_ID,
            tenant=f"{self.signing.url}/{self.login.tenant}",
            url=self.graph.url,
            ca_file=self.ca_file,
            allow_private=True,
            until=UNTIL,
            clock=self.clock,
        )
        return replace(settings, **changes)

    def connector(self, *, since: datetime = BEGINNING, **changes: Any) -> GraphConnector:
        """Return a connector, which is closed when the account ends, if not before."""
        self.opened.append(GraphConnector(self.settings(**changes), since=since))
        return self.opened[-1]

    def close(self) -> None:
        for connector in self.opened:
            connector.close()

    def sign_in(self, **changes: Any) -> str:
        """Let the owner sign in for one section."""
        with closing(self.connector(**changes)) as connector:
            return connector.sign_in(Desk())

    def poll(self, cursor: Cursor | None = None, **changes: Any) -> list[Batch]:
        with closing(self.connector(**changes)) as connector:
            return list(connector.poll(cursor))

    def read(self, cursor: Cursor | None = None, **changes: Any) -> list[Observation]:
        """Return all that a poll reports."""
        return [one for batch in self.poll(cursor, **changes) for one in batch.observations]

    def tokens(self, name: str = "tokens") -> str:
        """Return what is kept of a sign-in."""
        return (self.folder / name).read_text()


@contextmanager
def account(folder: Path, authority: Authority, context: ssl.SSLContext) -> Iterator[Account]:
    """Run an account nobody has signed in to yet; both its servers speak TLS, as msal demands."""
    with ExitStack() as stack:
        login = MicrosoftLogin()
        signing = stack.enter_context(running_at(login, context, Gate()))
        login.url = signing.url
        mailbox = GraphMailbox(login)
        graph = stack.enter_context(running_at(mailbox, context, mailbox.gate))
        mailbox.telling.url = graph.url
        opened = Account(folder, authority.file, login, mailbox, signing, graph)
        stack.callback(opened.close)
        yield opened
