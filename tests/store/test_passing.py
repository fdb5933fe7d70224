"""When people were seen in passing, as it is read back and as it is found to have changed."""

import sqlite3
from collections.abc import Callable
from typing import cast

import pytest
import sqlalchemy as sa

from daemon.people.model import Identity, Person, PersonId
from daemon.store import people, schema
from daemon.store.database import Connection, Database, open_scratch, writing
from daemon.store.letters import Letter, save_letters
from daemon.store.passing import (
    is_anything_ahead,
    mark_passing_stale,
    read_last_passing,
    read_passing,
)
from daemon.store.people import Seen
from tests.jobs.world import rows

ANA, HOME, BEN = "ana@example.com", "ana@example.net", "ben@example.com"


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    known = [
        Person(PersonId(one), "X", ("X",), frozenset(map(Identity, theirs)))
        for one, theirs in ((ANA, (ANA, HOME)), (BEN, (BEN,)))
    ]
    with writing(engine) as tx:
        people.save_people(tx, known)
        tx.execute(sa.delete(schema.stale))
    return engine


def post(engine: Database, uid: str, at: int, *emails: str, source: str = "s") -> None:
    """Mail on which these addresses were seen; nobody is marked."""
    letter = Letter(source, uid, at, f"<{uid}>", f"<{uid}>", None, emails[0], False, 1, True)
    shown = {(email, ""): Seen(n_seen=1) for email in emails}
    with writing(engine) as tx:
        people.save_sightings(tx, source, [uid], [(uid, at, shown)])
        save_letters(tx, [letter])
        tx.execute(sa.delete(schema.stale))


def meet(engine: Database, uid: str, at: int, email: str, *, is_direct: bool = False) -> None:
    row = {"source": "c", "uid": uid, "alter": email, "at": at, "is_direct": is_direct}
    rest = {"channel": "meeting", "direction": "mutual", "claim": "always", "thread": uid}
    with writing(engine) as tx:
        tx.execute(sa.insert(schema.interactions), [{**row, **rest}])


def last(engine: Database, *persons: str, until: int = 2**40) -> dict[str, int]:
    with engine.connect() as connection:
        return read_last_passing(connection, persons, until=until)


def every(engine: Database, until: int = 2**40) -> dict[str, list[int]]:
    with engine.connect() as connection:
        return read_passing(connection, until=until)


def marked(engine: Database, *, after: int, until: int) -> list[str]:
    with writing(engine) as tx:
        tx.execute(sa.delete(schema.stale))
        mark_passing_stale(tx, after=after, until=until)
    return [email for (email,) in rows(engine, schema.stale)]


def test_the_last_of_all_addresses_and_of_mail_and_meetings_is_found(engine: Database) -> None:
    post(engine, "1", 100, ANA, BEN)
    post(engine, "2", 300, HOME)
    meet(engine, "m", 200, ANA)
    meet(engine, "n", 400, BEN)
    assert last(engine, ANA, BEN) == {ANA: 300, BEN: 400}
    assert last(engine, ANA, BEN, until=299) == {ANA: 200, BEN: 100}
    assert last(engine, ANA, until=100) == {ANA: 100}
    assert last(engine, ANA, until=99) == last(engine) == last(engine, "nobody") == {}


def test_every_instant_is_told_once_and_in_order(engine: Database) -> None:
    post(engine, "2", 300, ANA)
    post(engine, "1", 100, HOME, ANA, BEN)
    post(engine, "1", 100, HOME, source="t")
    meet(engine, "m", 200, ANA)
    meet(engine, "n", 300, HOME)
    assert every(engine) == {ANA: [100, 200, 300], BEN: [100]}
    assert every(engine, until=299) == {ANA: [100, 200], BEN: [100]}


def test_a_small_meeting_and_an_address_of_nobody_are_no_sights(engine: Database) -> None:
    meet(engine, "m", 200, ANA, is_direct=True)
    post(engine, "1", 100, "talk@lists.example.org")
    assert (every(engine), last(engine, ANA)) == ({}, {})


def test_a_card_or_an_invitation_shows_names_and_is_no_sight(engine: Database) -> None:
    with writing(engine) as tx:
        people.save_sightings(tx, "k", ["1"], [("1", None, {(ANA, "Ana"): Seen(n_seen=1)})])
    assert (every(engine), last(engine, ANA)) == ({}, {})


def test_many_people_are_asked_about_at_once(engine: Database) -> None:
    post(engine, "1", 100, ANA, BEN)
    crowd = [f"a{n}@example.org" for n in range(12_000)]
    assert last(engine, *crowd, ANA, BEN) == {ANA: 100, BEN: 100}


def test_only_who_was_seen_in_between_is_marked(engine: Database) -> None:
    post(engine, "1", 100, ANA)
    post(engine, "2", 200, BEN, HOME)
    assert marked(engine, after=100, until=199) == []
    assert marked(engine, after=99, until=100) == [ANA]
    assert marked(engine, after=100, until=200) == [HOME, BEN]
    assert marked(engine, after=0, until=2**40) == [ANA, HOME, BEN]


def test_whether_anything_lies_ahead_is_known(engine: Database) -> None:
    post(engine, "1", 100, ANA)
    meet(engine, "m", 200, ANA)
    meet(engine, "n", 300, ANA, is_direct=True)
    with engine.connect() as connection:
        found = [
            is_anything_ahead(connection, after=after, until=until)
            for after, until in ((0, 99), (0, 100), (100, 199), (100, 200), (200, 400))
        ]
    assert found == [False, True, False, True, False]


def count_steps(engine: Database, query: Callable[[Connection], object]) -> int:
    """How many instructions of the database's machine ``query`` takes."""
    n_steps = 0

    def step() -> int:
        nonlocal n_steps
        n_steps += 1
        return 0

    with writing(engine) as tx:
        driver = cast(sqlite3.Connection, tx.connection.driver_connection)
        driver.set_progress_handler(step, 1)
        query(tx)
        driver.set_progress_handler(None, 1)
    return n_steps


@pytest.mark.parametrize("n_mails", [1, 300])
def test_however_much_mail_there_is_it_is_not_gone_through(engine: Database, n_mails: int) -> None:
    for n in range(n_mails):
        post(engine, str(n), n, *(f"a{k}@example.org" for k in range(10)))
    post(engine, "last", 5000, ANA)
    assert 0 < count_steps(engine, lambda tx: mark_passing_stale(tx, after=6000, until=7000)) < 300
    assert 0 < count_steps(engine, lambda tx: read_last_passing(tx, [ANA], until=7000)) < 300
