"""The year with a mailbox on a real IMAP server and a calendar on a real CalDAV server.

A real SMTP server puts what it takes into the mailbox.
"""

from collections.abc import Iterator

import pytest

from daemon.demo.generate import DemoYear
from tests.servers import dav, dovecot, radicale, smtp
from tests.story.a_year import Accounts, AYear, Home, lived
from tests.story.letters import INBOX, Letter
from tests.story.open_standards import mail_server, open_calendar, put_cards, settings


class TestAYear(AYear):
    @pytest.fixture(scope="class")
    @classmethod
    def home(cls, year: DemoYear, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
        """The home after its year."""
        folder = tmp_path_factory.mktemp("home")
        for name, secret in (("mail", dovecot.PASSWORD), ("calendar", dav.PASSWORD)):
            (folder / f"{name}.secret").touch(mode=0o600)
            (folder / f"{name}.secret").write_text(secret)
        with (
            mail_server() as (mailbox, place),
            radicale.radicale(tmp_path_factory.mktemp("dav")) as owner,
            smtp.serve(folder) as sending,
        ):
            put_cards(owner, year)
            calendar = open_calendar(owner, year)
            sending.on_taken = lambda raw: mailbox.put([Letter(year.at, INBOX, raw)])
            leading = settings(place, owner, sending)
            accounts = Accounts(mailbox, calendar, lambda: sending.taken, leading)
            with lived(folder, year, accounts) as home:
                yield home
