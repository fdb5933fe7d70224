"""The Google Calendar connector keeps the contract, at a calendar of our own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.protocol import Connector
from tests.connectors.google.calendar_account import CalendarAccount, open_calendar_account, uid
from tests.contract.bench import ELSEWHERE
from tests.servers.google_calendar import meeting


class CalendarBench:
    """Meetings of no length, in the owner's own calendar."""

    is_dated = True
    is_incremental = True

    def __init__(self, account: CalendarAccount) -> None:
        self.account, self.own = account, account.own
        self.n_delivered = 0

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        return self.account.connect(since)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        names = [f"item{number}" for number in numbers]
        self.own.put(*(meeting(name, at.astimezone(ELSEWHERE)) for name in names))
        return {uid(name) for name in names}

    def deliver_malformed(self) -> None:
        """Add an event that Google's schema allows, and that takes place at no time."""
        nowhen = {"start": {"timeZone": "Europe/Berlin"}, "end": {"timeZone": "Europe/Berlin"}}
        self.own.put(meeting("malformed", contract.RECENT) | nowhen)

    def expire_cursors(self) -> None:
        self.account.calendar.expire()

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Take access back on Google's page, and in the end sign in again."""
        self.account.accounts.revoke_all()
        yield
        self.account.sign_in()

    def fingerprint(self) -> str:
        return self.account.calendar.state()

    def n_read(self) -> int:
        return self.account.calendar.shelf.n_given


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    with open_calendar_account(tmp_path) as account:
        check(CalendarBench(account))
