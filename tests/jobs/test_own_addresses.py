"""What an account says its addresses are counts as the owner's, and asking costs no mail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied
from connectors.observations import Address
from daemon.jobs.basis import Basis
from daemon.jobs.gather import Gatherer
from daemon.jobs.recall import recall
from daemon.jobs.refresh import derive, enrol, refresh
from daemon.store import sources
from daemon.store.database import Database, open_file, open_scratch
from daemon.store.forget import forget
from daemon.store.sources import Source
from daemon.store.upgrade import upgrade
from tests.jobs.office import Office, open_office
from tests.jobs.world import ANA, AT, BEN, ME, days_ago, letter, n_days, people

ALIAS = Address("m.stein@example.net", "Buchhaltung")
LIFE = (
    letter("a", ALIAS, (ANA,), at=days_ago(9)),
    letter("b", ANA, (ALIAS,), at=days_ago(8)),
    letter("c", ALIAS, (ANA,), at=days_ago(5)),
)
BASIS = Basis(frozenset({ME.email}), sources=frozenset({"work"}))
DAY = timedelta(days=1)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office(monkeypatch, Office(letters=list(LIFE), addresses=(ALIAS.email, ME.email)))


@pytest.fixture
def work(tmp_path: Path) -> Source:
    secret = Secret(f"file:{tmp_path / 'work.tokens'}")
    Tokens(secret).write({"token": "fresh"})
    return Source("work", "graph", "graph", "text", given={"client_id": "1", "secret": secret})


@pytest.fixture
def engine() -> Database:
    return open_scratch()


def by_gatherer(engine: Database, basis: Basis, work: Source, at: datetime) -> None:
    gatherer = Gatherer(engine, basis)
    gatherer.gather(enrol(engine, [work]), at=at)
    gatherer.close()
    derive(engine, basis, at=at)


def by_refresh(engine: Database, basis: Basis, work: Source, at: datetime) -> None:
    refresh(engine, basis, [work], at=at)


def told(engine: Database) -> dict[str, tuple[str, ...]]:
    with engine.connect() as connection:
        return sources.read_addresses(connection)


Read = Callable[[Database, Basis, Source, datetime], Any]


@pytest.mark.parametrize("read", [by_gatherer, by_refresh])
def test_mail_from_an_alias_that_only_the_account_knows_is_the_owners(
    office: Office, work: Source, engine: Database, read: Read
) -> None:
    read(engine, BASIS, work, AT)
    assert told(engine) == {"work": (ALIAS.email, ME.email)}
    [(person, n)] = n_days(engine).items()
    assert (people(engine)[person], n) == ({ANA.email}, 3)
    assert office.n_asked == 1


def test_without_it_the_alias_would_be_a_stranger(
    office: Office, work: Source, engine: Database
) -> None:
    office.addresses = ()
    by_refresh(engine, BASIS, work, AT)
    assert n_days(engine) == {}


@pytest.mark.parametrize("read", [by_gatherer, by_refresh])
def test_an_account_is_asked_once_a_day(
    office: Office, work: Source, engine: Database, read: Read
) -> None:
    for hours in (0, 1, 23, 24, 25, 49):
        read(engine, BASIS, work, AT + timedelta(hours=hours))
    assert office.n_asked == 3
    read(engine, BASIS, work, AT - 99 * DAY)  # by a clock that was put back
    assert office.n_asked == 4


@pytest.mark.parametrize("read", [by_gatherer, by_refresh])
@pytest.mark.parametrize("problem", [AccessDenied("too narrow"), KeyError("sendAs")])
def test_an_account_that_does_not_say_spoils_no_reading_and_is_not_asked_again_at_once(
    office: Office, work: Source, engine: Database, read: Read, problem: Exception
) -> None:
    read(engine, BASIS, work, AT)
    office.denies_addresses = problem
    office.letters.append(letter("d", BEN, (ME,), at=days_ago(1)))
    read(engine, BASIS, work, AT + DAY)
    read(engine, BASIS, work, AT + DAY + timedelta(hours=1))
    with engine.connect() as connection:
        [source] = sources.list_sources(connection)
    assert (source.needs, source.is_stopped, source.n_observations) == ("", False, 4)
    assert office.n_asked == 2
    assert told(engine) == {"work": (ALIAS.email, ME.email)}  # what it said before


def test_one_that_lets_nobody_in_is_not_asked(
    office: Office, work: Source, engine: Database
) -> None:
    office.denies = AccessDenied("taken back; type: kithd sign-in")
    by_gatherer(engine, BASIS, work, AT)
    by_refresh(engine, BASIS, work, AT)
    assert office.n_asked == 0


def test_a_change_of_aliases_is_taken_with_the_next_answer(
    office: Office, work: Source, engine: Database
) -> None:
    by_refresh(engine, BASIS, work, AT)
    office.addresses = (ME.email,)
    by_refresh(engine, BASIS, work, AT + DAY)
    assert n_days(engine) == {}


def test_what_it_said_goes_with_the_source(office: Office, work: Source, engine: Database) -> None:
    by_refresh(engine, BASIS, work, AT)
    without = replace(BASIS, sources=frozenset({"other"}))
    derive(engine, without, at=AT)
    assert n_days(engine) == {}
    sources.retire_others(engine, ["other"])
    assert told(engine) == {}
    assert office.n_asked == 1


def test_after_a_sign_in_it_is_asked_anew(office: Office, work: Source, engine: Database) -> None:
    by_refresh(engine, BASIS, work, AT)
    sources.resume(engine, "work")
    by_refresh(engine, BASIS, work, AT + timedelta(hours=1))
    assert office.n_asked == 2


def test_what_is_derived_anew_still_knows_it(
    office: Office, work: Source, engine: Database
) -> None:
    office.letters.append(letter("x", ME, (BEN,), at=days_ago(3)))
    by_refresh(engine, BASIS, work, AT)
    forget(engine, BEN.email)
    derive(engine, BASIS, at=AT)
    [person] = n_days(engine)
    assert people(engine)[person] == {ANA.email}


def test_the_past_knows_it_and_a_past_that_was_kept_is_made_anew_when_it_changes(
    office: Office, work: Source, tmp_path: Path
) -> None:
    kept = open_file(tmp_path / "kithd.db")
    upgrade(kept)
    by_refresh(kept, BASIS, work, AT)
    then = AT - 4 * DAY

    def past_days() -> list[int]:
        past = recall(kept, BASIS, [work], at=then, now=AT, place=tmp_path / "past.db")
        found = list(n_days(past).values())
        past.dispose()
        return found

    assert past_days() == [3]
    office.addresses = ()
    by_refresh(kept, BASIS, work, AT + DAY)
    assert past_days() == []
    kept.dispose()
