"""The year with Gmail and Google Calendar, as servers of ours that Google's documents check.

The digest is sent through Gmail too. The address book lies on a real CardDAV server.
"""

from collections.abc import Iterator

import pytest

from daemon.demo.generate import DemoYear
from tests.servers import dav, radicale
from tests.servers.gmail import open_gmail
from tests.servers.google_accounts import open_accounts
from tests.servers.google_api import Hours
from tests.servers.google_calendar import open_calendar
from tests.story.a_year import Accounts, AYear, Home, lived
from tests.story.events import list_meetings
from tests.story.google import UNITS, GmailBox, GoogleDiary, settings, sign_in
from tests.story.open_standards import contacts, put_cards


class TestAYear(AYear):
    @pytest.fixture(scope="class")
    @classmethod
    def home(cls, year: DemoYear, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
        """The home after its year."""
        folder = tmp_path_factory.mktemp("home")
        (folder / "calendar.secret").touch(mode=0o600)
        (folder / "calendar.secret").write_text(dav.PASSWORD)
        with (
            open_accounts() as signing_in,
            open_gmail(signing_in, Hours()) as (gmail, mail),
            open_calendar(signing_in) as (calendar, meetings),
            radicale.radicale(tmp_path_factory.mktemp("dav")) as owner,
        ):
            gmail.mailbox.address = "robin@example.org"
            gmail.limit = 100 * UNITS  # by a clock that stands still
            put_cards(owner, year)
            box = GmailBox(gmail)
            diary = GoogleDiary(calendar.own, list_meetings(year))
            sign_in(folder, signing_in)
            leading = settings(mail.url, meetings.url)
            accounts = Accounts(box, diary, box.list_taken, leading + contacts(owner))
            with lived(folder, year, accounts) as home:
                yield home
