"""The Google contacts connector keeps the contract, at an address book of our own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.protocol import Connector
from tests.connectors.google.contacts_account import ContactsAccount, open_contacts_account
from tests.servers.google_people import person


class ContactsBench:
    """Cards with a name and an address."""

    is_dated = False
    is_incremental = True

    def __init__(self, account: ContactsAccount) -> None:
        self.account, self.people = account, account.people
        self.n_delivered = 0

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:  # noqa: ARG002 -- undated
        return self.account.connect()

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        born = [{"date": {"year": at.year, "month": at.month, "day": at.day}}]
        for number in numbers:
            self.people.put(person(f"c{number}", f"ada{number}@example.com", birthdays=born))
        return {f"people/c{number}" for number in numbers}

    def deliver_malformed(self) -> None:
        """Add somebody whose name is a space that takes no room, and who has no address."""
        self.people.put(person("malformed", called="\N{ZERO WIDTH SPACE}"))

    def expire_cursors(self) -> None:
        self.people.expire()

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Take access back on Google's page, and in the end sign in again."""
        self.account.accounts.revoke_all()
        yield
        self.account.sign_in()

    def fingerprint(self) -> str:
        return self.people.state()

    def n_read(self) -> int:
        return self.people.shelf.n_given


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    with open_contacts_account(tmp_path) as account:
        check(ContactsBench(account))
