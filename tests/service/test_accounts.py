"""A sign-in that has ended stops its source alone, once; a service that pushes nothing is quiet."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied
from connectors.memory import Account
from daemon.config.model import Settings, Source
from daemon.delivery.account import AccountTransport
from daemon.health import read_health
from daemon.house import House, furnish
from daemon.jobs import watch
from daemon.jobs.refresh import connect
from daemon.post import open_way
from daemon.store import sources
from daemon.store.database import open_scratch
from tests.jobs.office import Office, open_office
from tests.jobs.world import ANA, AT, ME, days_ago, letter
from tests.service.world import Home, schedule_of, settle

MINUTE = timedelta(minutes=1)
ASKED = (
    letter("a", ME, (ANA,), at=days_ago(30)),
    letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office(monkeypatch, Office())


def account(folder: Path, name: str, **said: object) -> dict[str, object]:
    """A section that somebody has signed in for."""
    secret = f"file:{folder / name}.tokens"
    Tokens(Secret(secret)).write({"token": "fresh"})
    return {"kind": "graph", "client_id": "1", "secret": secret, **said}


def settings_of(**sections: object) -> Settings:
    return Settings.model_validate({"owner": {"addresses": [ME.email]}, **sections})


def furnished(settings: Settings) -> House:
    return furnish(settings, open_scratch(), state=None, now=AT)


class Accounts(Home):
    """A home with a mailbox in memory, and the office's account beside it."""

    def house(self, now: datetime = AT) -> House:
        house = super().house(now)
        return replace(house, sources=(*house.sources, *furnished(self.settings).sources))


@pytest.fixture
def home(tmp_path: Path) -> Accounts:
    settings = settle().model_copy(
        update={"sources": {"work": Source.model_validate(account(tmp_path, "work"))}}
    )
    return Accounts(tmp_path, {"mail": Account(list(ASKED))}, settings=settings)


def test_a_sign_in_that_has_ended_stops_its_source_alone_and_is_told_once(
    home: Accounts, office: Office
) -> None:
    office.denies = AccessDenied("it has ended; type: kithd sign-in")
    service = home.service()
    for n in range(30):
        service.tick(AT + n * MINUTE)
    assert office.n_polls == 1
    assert schedule_of(home.house())["mail"].read_at is not None
    assert read_health(home.house(), at=AT).n_in_need == 1
    [digest] = home.arrived
    text = digest.replace(b"=\r\n", b"").partition(b"text/html")[0]
    assert text.count(b"kithd sign-in") == 1
    assert b"Work: it has ended; type: kithd sign-in work." in text.replace(b"\r\n", b" ")
    service.close()


def test_after_a_sign_in_it_is_read_in_the_next_round(home: Accounts, office: Office) -> None:
    office.denies = AccessDenied("it has ended; type: kithd sign-in")
    service = home.service()
    service.tick(AT)
    office.denies = None
    service.tick(AT + MINUTE)
    assert office.n_polls == 1
    sources.resume(home.house().kept, "work")
    service.tick(AT + 2 * MINUTE)
    assert (office.n_polls, schedule_of(home.house())["work"].needs) == (2, "")
    service.close()


def test_a_service_that_tells_nobody_of_news_is_polled_as_ever_and_no_more(
    home: Accounts, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "FIRST_PAUSE", 0.01)
    heard: list[str] = []
    house = home.house()
    watcher = watch.watch(house.sources[-1], house.basis, heard.append)
    assert [office.waits.get(timeout=5) for _ in range(4)] == [0.0] * 4
    watcher.end()
    watcher.join(5)
    assert not watcher.is_alive()
    assert (heard, office.n_polls) == ([], 0)


# What settings make of an account.


@pytest.mark.parametrize(
    ("said", "is_asked", "is_trusted"),
    [
        ({}, True, True),
        ({"parts": ["calendar", "mail"]}, True, True),
        ({"parts": ["calendar"]}, False, False),
        ({"read": "subjects"}, True, False),
    ],
    ids=["all", "with mail", "without mail", "without text"],
)
def test_replies_and_lost_mail_are_looked_for_where_they_can_be_found(
    tmp_path: Path, office: Office, said: dict[str, object], is_asked: bool, is_trusted: bool
) -> None:
    house = furnished(settings_of(sources={"work": account(tmp_path, "work", **said)}))
    assert bool(watch.list_live(house.sources)) is is_asked
    assert (house.trust is not None) is is_trusted
    assert office.n_polls == 0


@pytest.mark.parametrize("kind", ["imap", "maildir", "gmail", "graph", "exchange"])
def test_every_mailbox_that_lives_is_looked_in_for_replies(kind: str) -> None:
    trust = furnished(settings_of(sources={"it": {"kind": kind}, "other": {"kind": "mbox"}})).trust
    assert trust is not None
    assert trust.sources == {"it"}


def test_each_section_knows_what_others_may_do_by_the_same_app(
    tmp_path: Path, office: Office
) -> None:
    house = furnished(
        settings_of(
            sources={
                "work": account(tmp_path, "work"),
                "old": account(tmp_path, "old", read="headers"),
                "club": account(tmp_path, "club", client_id="2"),
                "feed": {"kind": "feed", "path": "feed.xml"},
            },
            delivery=account(tmp_path, "sending"),
        )
    )
    for source in house.sources[:3]:
        list(connect(source, house.basis).poll(None))
    way = open_way(house)
    assert isinstance(way, AccountTransport)
    way.check()
    assert office.beside == [
        ("Mail.ReadBasic", "Mail.Send"),
        ("Mail.Read", "Mail.Send"),
        (),
        ("Mail.Read", "Mail.ReadBasic"),
    ]
