"""Mara's calendars at a Google of our own, and a connector to them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors import contract
from connectors.google_calendar.calendars import Calendar
from connectors.google_calendar.connector import PERMISSIONS, GoogleCalendarConnector
from connectors.google_calendar.settings import GoogleCalendarSettings
from connectors.observations import Event, Gone
from connectors.protocol import Batch, Cursor
from tests.servers.api import Call, Served
from tests.servers.google_accounts import Accounts, kept, open_accounts
from tests.servers.google_api import Hours
from tests.servers.google_calendar import OWNER, Diary, GoogleCalendar, open_calendar
from tests.servers.web import Authority

AT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
UNTIL = AT + timedelta(days=30)


@dataclass
class CalendarAccount:
    """An account, its calendars, and where they run."""

    folder: Path
    accounts: Accounts
    calendar: GoogleCalendar
    served: Served
    clock: Hours
    granted: tuple[str, ...] = PERMISSIONS
    given: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sign_in()

    @property
    def own(self) -> Diary:
        return self.calendar.own

    def sign_in(self) -> None:
        self.secret, self.client_file = kept(self.folder, self.accounts, self.granted)

    def connect(self, since: datetime = contract.BEGINNING, **more: Any) -> GoogleCalendarConnector:
        usual: dict[str, Any] = {
            "secret": self.secret,
            "client_file": self.client_file,
            "user": OWNER,
            "url": f"{self.served.url}/calendar/v3/",
            "allow_private": True,
            "clock": self.clock,
            "until": UNTIL,
            "page": contract.LARGEST_BATCH,
        }
        settings = GoogleCalendarSettings(**usual | self.given | more)
        return GoogleCalendarConnector(settings, since=since)

    def poll(self, cursor: Cursor | None = None, **more: Any) -> list[Batch]:
        with closing(self.connect(**more)) as connector:
            return list(connector.poll(cursor))

    def calls(self, end: str) -> list[Call]:
        """Return the calls so far whose path ends so."""
        return [call for call in self.served.calls if call.path.endswith(end)]


@contextmanager
def open_calendar_account(
    folder: Path, *, authority: Authority | None = None, **server: Any
) -> Iterator[CalendarAccount]:
    """Run a sign-in and a calendar, both by one clock that stands still.

    With an ``authority`` the sign-in is reached by https.
    """
    clock = Hours()
    context = authority.context("localhost") if authority else None
    given = {"ca_file": authority.file} if authority else {}
    with (
        open_accounts(clock=clock, context=context) as accounts,
        open_calendar(accounts, clock=clock, **server) as (calendar, served),
    ):
        yield CalendarAccount(folder, accounts, calendar, served, clock, given=given)


def uid(name: str, calendar: str = OWNER) -> str:
    """Return what an event is called."""
    return f"{Calendar(calendar).key}/{name}"


def events(batches: list[Batch]) -> dict[str, Event]:
    """Return the events by uid; each was told once."""
    found = [one for batch in batches for one in batch.observations if isinstance(one, Event)]
    assert len({each.uid for each in found}) == len(found), found
    return {each.uid: each for each in found}


def gone(batches: list[Batch]) -> list[Gone]:
    """Return what has gone."""
    return [one for batch in batches for one in batch.observations if isinstance(one, Gone)]
