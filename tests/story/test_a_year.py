"""A year of one owner, day by day: mail, meetings, a digest each morning, and answers to it.

All that kithd has is a mailbox on a real IMAP server, a calendar on a real CalDAV server and a
real SMTP server that puts what it takes into the mailbox. Only the clock is ours.
"""

import shutil
import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
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
from tests.servers import dav, dovecot, pymap, radicale, smtp
from tests.story.accounts import (
    INBOX,
    SENT,
    Calendar,
    Letter,
    Mailbox,
    letters_of,
    open_calendar,
    put_cards,
    take_until,
)
from tests.story.owner import Mail, answer

ZONE = ZoneInfo("Europe/Berlin")
DAYS = 365
HABITS = {1: "done 1", 2: "snooze 1 2w"}
"""What the owner answers to two of three digests that say something, by their number."""
ONCE = {3: "never 1", 6: "rest 1", 7: "done all", 9: "not 1", 15: "pause 1w", 18: "why 1"}


@dataclass
class Home:
    """All that the story happens to, and what happened."""

    mailbox: Mailbox
    calendar: Calendar
    letters: deque[Letter]
    sent: smtp.Server
    service: Service
    house: House
    said: list[tuple[date, str]] = field(default_factory=list)
    n_seen: int = 0
    n_digests: int = 0

    def live_through(self, day: datetime) -> None:
        """One day: the night's mail, the round at seven, the owner's answers, another round."""
        self.mailbox.put(take_until(self.letters, day))
        self.calendar.put_until(day)
        self.service.tick(day.astimezone(UTC))
        at = day + timedelta(hours=2)
        while answers := self._answer_all(at):
            self.mailbox.put([Letter(at, SENT, raw) for raw in answers])
            at += timedelta(minutes=20)
            self.service.tick(at.astimezone(UTC))

    def _answer_all(self, at: datetime) -> list[bytes]:
        new, self.n_seen = self.sent.taken[self.n_seen :], len(self.sent.taken)
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


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox on Dovecot, or on pymap where there is none, and the settings that lead to it."""
    if shutil.which("dovecot") or shutil.which("/usr/sbin/dovecot"):
        with dovecot.running() as big:
            user = big.new_user()
            place = f'host = "localhost"\nport = {big.tls_port}\nca_file = "{big.ca_file}"'
            yield Mailbox(big, user), f'{place}\nuser = "{user}"'
    else:
        with pymap.running() as small:
            client = small.signed_in(small.user)
            client.create(SENT)
            client.create("Junk")
            client.logout()
            place = f'host = "127.0.0.1"\nport = {small.port}\nsecurity = "none"'
            yield Mailbox(small, small.user), f'{place}\nuser = "{small.user}"'


def settings(mail: str, calendar: dav.Owner, sending: smtp.Server) -> str:
    account = f"""url = "{calendar.url}/"
user = "{dav.USER}"
secret = "file:calendar.secret"
allow_private = true"""
    return f"""
[owner]
addresses = ["robin@example.org", "r.maier@example.com"]
zone = "{ZONE.key}"
[delivery]
kind = "smtp"
host = "127.0.0.1"
port = {sending.port}
security = "none"
[sources.mail]
kind = "imap"
newsletters = true
secret = "file:mail.secret"
{mail}
[sources.calendar]
kind = "caldav"
{account}
[sources.contacts]
kind = "carddav"
{account}
"""


def furnished(folder: Path, text: str, now: datetime) -> House:
    for name, secret in (("mail.secret", dovecot.PASSWORD), ("calendar.secret", dav.PASSWORD)):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    config = folder / "config.toml"
    config.write_text(text)
    state = folder / "state"
    return furnish(load(config), open_kept(state), state=state, now=now)


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


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
    return write_year(tmp_path_factory.mktemp("year") / "year")


@pytest.fixture(scope="module")
def home(year: DemoYear, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The home after its year."""
    folder = tmp_path_factory.mktemp("home")
    dav_folder = tmp_path_factory.mktemp("dav")
    first = year.at.astimezone(ZONE) - timedelta(days=DAYS)
    with (
        mail_server() as (mailbox, place),
        radicale.radicale(dav_folder) as owner,
        smtp.serve(folder) as sending,
    ):
        house = furnished(folder, settings(place, owner, sending), first)
        service = serve(house, first)
        calendar = open_calendar(owner, year)
        put_cards(owner, year)
        here = Home(mailbox, calendar, letters_of(year), sending, service, house)
        sending.on_taken = lambda raw: mailbox.put([Letter(first, INBOX, raw)])
        for n in range(DAYS + 1):
            here.live_through(first + timedelta(days=n))
        yield here
        service.close()


def all_offers(home: Home) -> list[Offer]:
    with home.house.kept.connect() as connection:
        return list(offers.read_offers(connection, before=date(2030, 1, 1)))


def digests(home: Home) -> list[Mail]:
    return [mail for mail in map(Mail.of, home.sent.taken) if mail.is_digest]


def test_the_owner_gets_digests_in_the_inbox_and_one_a_day_at_the_most(home: Home) -> None:
    found = digests(home)
    assert len(found) > 60
    assert max(Counter(mail.message_id for mail in found).values()) == 1
    arrived = Counter(home.mailbox.list_ids(INBOX))
    assert all(arrived[mail.message_id] == 1 for mail in map(Mail.of, home.sent.taken))
    days = {mail.message_id.split(".")[1] for mail in found}
    assert len(days) == len(found)
    assert all(date.fromisoformat(day).weekday() < 5 for day in days)


def test_every_workday_was_prepared_and_nothing_is_left_unsent(home: Home, year: DemoYear) -> None:
    with home.house.kept.connect() as connection:
        assert outbox.read_unsent(connection, at=year.at + timedelta(days=1)) == ()
        today = year.at.astimezone(ZONE).date()
        days = [today - timedelta(days=n) for n in range(DAYS + 1)]
        made = [day for day in days if outbox.read_outgoing(connection, day)]
    assert made == [day for day in days if day.weekday() < 5]


def test_what_was_done_is_not_offered_again(home: Home) -> None:
    found = all_offers(home)
    done = [(on, one.key) for on, one in answered(home, found, "done 1")]
    assert len(done) > 5
    assert [(on, key) for on, key in done if any(o.key == key and o.on > on for o in found)] == []


def test_what_was_put_off_comes_back_after_its_time_at_the_earliest(home: Home) -> None:
    found = all_offers(home)
    put_off = [(on, one.key) for on, one in answered(home, found, "snooze 1 2w")]
    assert len(put_off) > 5
    for on, key in put_off:
        again = [o.on for o in found if o.key == key and o.on > on]
        assert all(day >= on + timedelta(days=14) for day in again)


def test_never_asked_back_once_and_is_obeyed_for_good(home: Home) -> None:
    found = all_offers(home)
    [(on, one)] = answered(home, found, "never 1")
    assert ("never 1 yes" in [words for _, words in home.said]) is True
    for other in found:
        assert other.on <= on or not set(other.identities) & set(one.identities)


def test_a_pause_is_kept(home: Home) -> None:
    [on] = [on for on, words in home.said if words == "pause 1w"]
    days = [date.fromisoformat(mail.message_id.split(".")[1]) for mail in digests(home)]
    assert [day for day in days if on < day < on + timedelta(days=7)] == []
    assert any(day >= on + timedelta(days=7) for day in days)


def test_a_why_is_answered_by_mail(home: Home) -> None:
    answers = [mail for mail in map(Mail.of, home.sent.taken) if not mail.is_digest]
    assert len(answers) >= 2
    assert all(mail.message["Auto-Submitted"] for mail in answers)


def test_the_ties_are_those_of_the_same_year_read_from_files(home: Home, year: DemoYear) -> None:
    """Neither the digests nor the answers to them counted as contact, and nothing got lost."""
    wishes = Wishes(sources=year.sources, me=year.owner, at=year.at.isoformat())
    read = open_and_read(wishes)
    live = furnish(home.house.settings, home.house.kept, state=None, now=year.at)
    assert ties_of(live) == ties_of(read)
    assert len(ties_of(live)) > 30


def ties_of(house: House) -> dict[frozenset[str], tuple[str, int, int]]:
    return {
        frozenset(one.person.identities): (one.tie.state.value, one.tie.n_days, one.last_at)
        for one in list_ties(house)
    }


def answered(home: Home, found: list[Offer], words: str) -> list[tuple[date, Offer]]:
    """The first offer of each digest to which the owner answered ``words``."""
    days = {on for on, said in home.said if said == words}
    return [(one.on, one) for one in found if one.on in days and one.ref == 1]
