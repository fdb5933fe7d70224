"""A year of one owner, day by day: mail, meetings, a digest each morning, and answers to it.

Where the owner's accounts are is a story's own matter. Only the clock is ours.
"""

import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.standing import list_ties
from daemon.clock import Clock
from daemon.config.load import load
from daemon.demo.generate import DemoYear, write_year
from daemon.house import House, furnish, open_kept
from daemon.log import Log
from daemon.notify import Notifier
from daemon.service import Service
from daemon.signals import Signals
from daemon.store import offers, outbox
from daemon.store.offers import Offer
from tests.story.letters import INBOX, SENT, Letter, letters_of, take_until
from tests.story.owner import Mail, answer

ZONE = ZoneInfo("Europe/Berlin")
DAYS = 365
HABITS = {1: "done 1", 2: "snooze 1 2w"}
"""What the owner answers to two of three digests that say something, by their number."""
ONCE = {3: "never 1", 6: "rest 1", 7: "done all", 9: "not 1", 15: "pause 1w", 18: "why 1"}


class Mailbox(Protocol):
    """The owner's mailbox, as another mail program sees it."""

    def put(self, letters: list[Letter]) -> None:
        """Put letters into their folders, as delivery and the owner's mail program do."""

    def list_ids(self, folder: str) -> list[str]:
        """The Message-IDs of all that lies in a folder."""


class Calendar(Protocol):
    """The owner's calendar, to which each event is added on the day it was made."""

    def put_until(self, now: datetime) -> None: ...


@dataclass
class Accounts:
    """What the owner has elsewhere: a mailbox, a calendar, and what kithd sent so far.

    ``settings`` is the part of the settings that leads there. What kithd sends lies in the
    mailbox by the time that ``list_taken`` has it.
    """

    mailbox: Mailbox
    calendar: Calendar
    list_taken: Callable[[], Sequence[bytes]]
    settings: str


@dataclass
class Home:
    """All that the story happens to, and what happened."""

    accounts: Accounts
    letters: deque[Letter]
    service: Service
    house: House
    said: list[tuple[date, str]] = field(default_factory=list)
    n_seen: int = 0
    n_digests: int = 0

    def live_through(self, day: datetime) -> None:
        """One day: the night's mail, the round at seven, the owner's answers, another round."""
        self.accounts.mailbox.put(take_until(self.letters, day))
        self.accounts.calendar.put_until(day)
        self.service.tick(day.astimezone(UTC))
        at = day + timedelta(hours=2)
        while answers := self._answer_all(at):
            self.accounts.mailbox.put([Letter(at, SENT, raw) for raw in answers])
            at += timedelta(minutes=20)
            self.service.tick(at.astimezone(UTC))

    def _answer_all(self, at: datetime) -> list[bytes]:
        taken = self.accounts.list_taken()
        new, self.n_seen = taken[self.n_seen :], len(taken)
        return [raw for mail in map(Mail.of, new) if (raw := self._answer(mail, at))]

    def _answer(self, mail: Mail, at: datetime) -> bytes:
        if mail.n_items:
            self.n_digests += 1
            words = ONCE.get(self.n_digests) or HABITS.get(self.n_digests % 3, "")
        else:
            words = "never 1 yes" if "never 1 yes" in mail.text else ""
        if not words:
            return b""
        self.said.append((at.date(), words))
        return answer(mail, words, at=at, me="robin@example.org", n=len(self.said))


OWNER = f"""
[owner]
addresses = ["robin@example.org", "r.maier@example.com"]
zone = "{ZONE.key}"
"""


def furnished(folder: Path, text: str, now: datetime) -> House:
    """Return the house of settings that are written to ``folder``."""
    config = folder / "config.toml"
    config.write_text(text)
    state = folder / "state"
    return furnish(load(config), open_kept(state), state=state, now=now)


@contextmanager
def lived(folder: Path, year: DemoYear, accounts: Accounts) -> Iterator[Home]:
    """Live through a year with these accounts, and yield the home after it."""
    first = year.at.astimezone(ZONE) - timedelta(days=DAYS)
    house = furnished(folder, OWNER + accounts.settings, first)
    service = serve(house, first)
    home = Home(accounts, letters_of(year), service, house)
    try:
        for n in range(DAYS + 1):
            home.live_through(first + timedelta(days=n))
        yield home
    finally:
        service.close()


def serve(house: House, now: datetime) -> Service:
    return Service(
        house,
        clock=Clock(now),
        reload=lambda: house,
        signals=Signals(),
        notifier=Notifier({}),
        log=Log(sys.stderr, is_read_by_people=True),
        draw=lambda: 0.5,
    )


def all_offers(home: Home) -> list[Offer]:
    with home.house.kept.connect() as connection:
        return list(offers.read_offers(connection, before=date(2030, 1, 1)))


def digests(home: Home) -> list[Mail]:
    return [mail for mail in map(Mail.of, home.accounts.list_taken()) if mail.is_digest]


def ties_of(house: House) -> dict[frozenset[str], tuple[str, int, int]]:
    return {
        frozenset(one.person.identities): (one.tie.state.value, one.tie.n_days, one.last_at)
        for one in list_ties(house)
    }


def answered(home: Home, found: list[Offer], words: str) -> list[tuple[date, Offer]]:
    """The first offer of each digest to which the owner answered ``words``."""
    days = {on for on, said in home.said if said == words}
    return [(one.on, one) for one in found if one.on in days and one.ref == 1]


class AYear:
    """What must be so after a year; a story inherits it and says how the year was lived."""

    @pytest.fixture(scope="class")
    @classmethod
    def year(cls, tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
        return write_year(tmp_path_factory.mktemp("year") / "year")

    def test_the_owner_gets_digests_in_the_inbox_and_one_a_day_at_the_most(
        self, home: Home
    ) -> None:
        found = digests(home)
        assert len(found) > 60
        assert max(Counter(mail.message_id for mail in found).values()) == 1
        arrived = Counter(home.accounts.mailbox.list_ids(INBOX))
        assert all(
            arrived[mail.message_id] == 1 for mail in map(Mail.of, home.accounts.list_taken())
        )
        days = {mail.on for mail in found}
        assert len(days) == len(found)
        assert all(day.weekday() < 5 for day in days)

    def test_every_workday_was_prepared_and_nothing_is_left_unsent(
        self, home: Home, year: DemoYear
    ) -> None:
        with home.house.kept.connect() as connection:
            assert outbox.read_unsent(connection, at=year.at + timedelta(days=1)) == ()
            today = year.at.astimezone(ZONE).date()
            days = [today - timedelta(days=n) for n in range(DAYS + 1)]
            made = [day for day in days if outbox.read_outgoing(connection, day)]
        assert made == [day for day in days if day.weekday() < 5]

    def test_what_was_done_is_not_offered_again(self, home: Home) -> None:
        found = all_offers(home)
        done = [(on, one.key) for on, one in answered(home, found, "done 1")]
        assert len(done) > 5
        assert [
            (on, key) for on, key in done if any(o.key == key and o.on > on for o in found)
        ] == []

    def test_what_was_put_off_comes_back_after_its_time_at_the_earliest(self, home: Home) -> None:
        found = all_offers(home)
        put_off = [(on, one.key) for on, one in answered(home, found, "snooze 1 2w")]
        assert len(put_off) > 5
        for on, key in put_off:
            again = [o.on for o in found if o.key == key and o.on > on]
            assert all(day >= on + timedelta(days=14) for day in again)

    def test_never_asked_back_once_and_is_obeyed_for_good(self, home: Home) -> None:
        found = all_offers(home)
        [(on, one)] = answered(home, found, "never 1")
        assert ("never 1 yes" in [words for _, words in home.said]) is True
        for other in found:
            assert other.on <= on or not set(other.identities) & set(one.identities)

    def test_a_pause_is_kept(self, home: Home) -> None:
        [on] = [on for on, words in home.said if words == "pause 1w"]
        days = [mail.on for mail in digests(home)]
        assert [day for day in days if on < day < on + timedelta(days=7)] == []
        assert any(day >= on + timedelta(days=7) for day in days)

    def test_a_why_is_answered_by_mail(self, home: Home) -> None:
        answers = [mail for mail in map(Mail.of, home.accounts.list_taken()) if not mail.is_digest]
        assert len(answers) >= 2
        assert all(mail.message["Auto-Submitted"] for mail in answers)

    def test_the_ties_are_those_of_the_same_year_read_from_files(
        self, home: Home, year: DemoYear
    ) -> None:
        """Neither the digests nor the answers to them counted as contact, and nothing got lost."""
        wishes = Wishes(sources=year.sources, me=year.owner, at=year.at.isoformat())
        read = open_and_read(wishes)
        live = furnish(home.house.settings, home.house.kept, state=None, now=year.at)
        assert ties_of(live) == ties_of(read)
        assert len(ties_of(live)) > 30
