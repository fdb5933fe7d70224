"""Mara's address book at a Google of our own, and a connector to it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors import contract
from connectors.google_contacts.connector import PERMISSIONS, GoogleContactsConnector
from connectors.google_contacts.settings import GoogleContactsSettings
from connectors.observations import Card, Gone
from connectors.protocol import Batch, Cursor
from tests.servers.api import Served
from tests.servers.google_accounts import Accounts, kept, open_accounts
from tests.servers.google_api import Hours
from tests.servers.google_people import GooglePeople, open_people
from tests.servers.web import Authority


@dataclass
class ContactsAccount:
    """An account, its address book, and where it runs."""

    folder: Path
    accounts: Accounts
    people: GooglePeople
    served: Served
    clock: Hours
    granted: tuple[str, ...] = PERMISSIONS
    given: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sign_in()

    def sign_in(self) -> None:
        self.secret, self.client_file = kept(self.folder, self.accounts, self.granted)

    def connect(self, **more: Any) -> GoogleContactsConnector:
        usual: dict[str, Any] = {
            "secret": self.secret,
            "client_file": self.client_file,
            "url": f"{self.served.url}/",
            "allow_private": True,
            "clock": self.clock,
            "page": contract.LARGEST_BATCH,
        }
        settings = GoogleContactsSettings(**usual | self.given | more)
        return GoogleContactsConnector(settings, since=contract.BEGINNING)

    def poll(self, cursor: Cursor | None = None, **more: Any) -> list[Batch]:
        with closing(self.connect(**more)) as connector:
            return list(connector.poll(cursor))


@contextmanager
def open_contacts_account(
    folder: Path, *, authority: Authority | None = None, **server: Any
) -> Iterator[ContactsAccount]:
    """Run a sign-in and an address book, both by one clock that stands still.

    With an ``authority`` the sign-in is reached by https.
    """
    clock = Hours()
    context = authority.context("localhost") if authority else None
    given = {"ca_file": authority.file} if authority else {}
    with (
        open_accounts(clock=clock, context=context) as accounts,
        open_people(accounts, clock=clock, **server) as (people, served),
    ):
        yield ContactsAccount(folder, accounts, people, served, clock, given=given)


def cards(batches: list[Batch]) -> dict[str, Card]:
    """Return the cards by uid; each was told once."""
    found = [one for batch in batches for one in batch.observations if isinstance(one, Card)]
    assert len({each.uid for each in found}) == len(found), found
    return {each.uid: each for each in found}


def gone(batches: list[Batch]) -> list[Gone]:
    """Return what has gone."""
    return [one for batch in batches for one in batch.observations if isinstance(one, Gone)]
