"""A signed-in account at the fake Gmail, connectors to it, and letters to put in it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from connectors.gmail.connector import GmailConnector
from connectors.gmail.settings import GmailSettings
from connectors.observations import Message
from connectors.protocol import Batch, Cursor
from tests.servers.api import Served
from tests.servers.gmail import Gmail, open_gmail
from tests.servers.gmail_mailbox import Mailbox
from tests.servers.google_accounts import Accounts, kept, open_accounts
from tests.servers.google_api import Hours
from tests.servers.web import Authority

EARLY = datetime(1980, 1, 1, tzinfo=UTC)
"""The ``since`` that the daemon gives."""
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Mailroom:
    """The account, its mailbox, and what a connector to it needs."""

    folder: Path
    accounts: Accounts
    gmail: Gmail
    served: Served
    clock: Hours
    settings: GmailSettings
    permissions: tuple[str, ...] = ()
    n_written: int = 0
    opened: list[GmailConnector] = field(default_factory=list)

    @property
    def box(self) -> Mailbox:
        return self.gmail.mailbox

    def open(self, *, since: datetime = EARLY, **changed: Any) -> GmailConnector:
        """Return a connector, which is closed at the end; its sign-in permits what it needs."""
        settings = replace(self.settings, **changed)
        if settings.permissions != self.permissions:
            self.permissions = settings.permissions
            self.sign_in()
        connector = GmailConnector(settings, since=since)
        self.opened.append(connector)
        return connector

    def sign_in(self) -> None:
        """Let the owner sign in anew."""
        kept(self.folder, self.accounts, self.permissions)

    def poll(self, cursor: Cursor | None = None, **changed: Any) -> list[Batch]:
        """Return all batches since ``cursor``."""
        with closing(self.open(**changed)) as connector:
            return list(connector.poll(cursor))

    def put(self, *labels: str, at: datetime = NOON, **fields: Any) -> str:
        """Put a letter into the mailbox; return its id."""
        self.n_written += 1
        raw = letter(self.n_written, at, **fields)
        return self.box.deliver(raw, *(labels or ("INBOX",)), at=at)

    def fill(self, count: int, *labels: str, at: datetime = NOON) -> list[str]:
        """Put in letters of which each came an hour after the one before, the last at ``at``."""
        hours = reversed(range(count))
        return [self.put(*labels, at=at - timedelta(hours=hour)) for hour in hours]


@contextmanager
def open_mailroom(folder: Path, *, authority: Authority | None = None) -> Iterator[Mailroom]:
    """Run all of it as long as the context lasts; nothing may be wrong with what was asked.

    With an ``authority`` the sign-in is reached by https.
    """
    clock = Hours()
    context = authority.context("localhost") if authority else None
    with (
        open_accounts(clock=clock, context=context) as accounts,
        open_gmail(accounts, clock) as (gmail, served),
    ):
        secret, client_file = kept(folder, accounts, ())
        settings = GmailSettings(
            secret=secret,
            client_file=client_file,
            url=f"{served.url}/",
            allow_private=True,
            ca_file=authority.file if authority else None,
            clock=clock,
        )
        room = Mailroom(folder, accounts, gmail, served, clock, settings)
        try:
            yield room
        finally:
            for connector in room.opened:
                connector.close()


def letter(number: int, at: datetime, *, text: str = "", **fields: str) -> bytes:
    """Write a letter of one Ada to one Ben; underscores in the names of fields are dashes."""
    given = {name.replace("_", "-").lower(): value for name, value in fields.items()}
    usual = {
        "from": "Ada <ada@example.org>",
        "to": "Ben <ben@example.com>",
        "date": format_datetime(at),
        "subject": f"Note {number}",
        "message-id": f"<note-{number}@example.org>",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in (usual | given).items() if value)
    return f"{head}\r\n{text or f'Shall we meet on day {number}?'}\r\n".encode()


def messages_of(batches: list[Batch]) -> list[Message]:
    return [one for batch in batches for one in batch.observations if isinstance(one, Message)]


def uids_of(batches: list[Batch]) -> list[str]:
    return [one.uid for one in messages_of(batches)]
