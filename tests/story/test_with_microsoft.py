"""The year with an account at Microsoft, on a server of ours that answers as Graph is documented.

The digest is sent through the account too.
"""

from collections.abc import Iterator

import pytest

from daemon.demo.generate import DemoYear
from tests.servers import microsoft
from tests.servers.web import Authority
from tests.story.a_year import Accounts, AYear, Home, lived
from tests.story.events import list_meetings
from tests.story.microsoft import GraphBox, GraphDiary, put_people, settings, sign_in


class TestAYear(AYear):
    @pytest.fixture(scope="class")
    @classmethod
    def home(cls, year: DemoYear, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
        """The home after its year."""
        folder = tmp_path_factory.mktemp("home")
        authority = Authority(folder)
        with microsoft.account(folder, authority, authority.context("localhost")) as account:
            account.login.username = "robin@example.org"
            sign_in(account)
            put_people(account.mailbox.book, year)
            box = GraphBox(account.mailbox)
            diary = GraphDiary(account.mailbox.calendar, list_meetings(year))
            accounts = Accounts(box, diary, box.list_taken, settings(account))
            with lived(folder, year, accounts) as home:
                yield home
