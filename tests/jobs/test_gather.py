"""Sources are read side by side and stored one after the other; nothing is lost or twice."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, get_ident
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from connectors.errors import Unavailable
from connectors.memory import Account
from connectors.protocol import Batch, Cursor
from daemon.jobs.gather import Gathered, Gatherer
from daemon.jobs.refresh import enrol
from daemon.store import ingest, schema
from daemon.store.database import Database, open_file
from daemon.store.sources import Source, read_schedule
from tests.jobs.changes import Log
from tests.jobs.world import AT, BASIS, letter

MINUTE = timedelta(minutes=1)


def account(name: str, n: int, on_read: Callable[[int], None] | None = None) -> Account:
    found = [letter(f"{name}-{i}") for i in range(n)]
    return Account(log=Log(found, on_read) if on_read else list(found))


def source(name: str, found: Account, page: int = 2) -> Source:
    return Source(name, "memory", "", "text", given={"account": found, "page": page})


@pytest.fixture
def engine(tmp_path: Path) -> Database:
    engine = open_file(tmp_path / "kithd.db")
    schema.metadata.create_all(engine)
    return engine


@contextmanager
def gatherer(engine: Database, **options: Any) -> Iterator[Gatherer]:
    one = Gatherer(engine, BASIS, draw=lambda: 0.5, **options)
    try:
        yield one
    finally:
        one.close()


def gather(engine: Database, *wanted: Source, **options: Any) -> Gathered:
    with gatherer(engine, **options) as one:
        return one.gather(enrol(engine, wanted), at=AT)


def stored(engine: Database) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(schema.observations.c.uid)))


def scheduled(engine: Database, name: str) -> Source:
    with engine.connect() as connection:
        return next(s for s in read_schedule(connection) if s.name == name)


def uids(*found: Account) -> set[str]:
    return {one.uid for a in found for one in list.__iter__(a.log)}


def test_all_of_every_source_is_stored_and_each_is_looked_at_again_later(
    engine: Database,
) -> None:
    found = [account(f"a{i}", 5) for i in range(6)]
    told = gather(engine, *(source(f"s{i}", a) for i, a in enumerate(found)))
    assert told == Gathered(n_stored=30, troubles=(), n_reading=0)
    assert stored(engine) == uids(*found)
    assert scheduled(engine, "s3").next_at == AT + 15 * MINUTE
    assert scheduled(engine, "s3").read_at == AT


def test_sources_are_read_at_the_same_time_and_stored_by_the_caller_alone(
    engine: Database,
) -> None:
    meet, writers = Barrier(2), set[int]()

    def wait_for_the_other(_: int) -> None:
        meet.wait(timeout=5)

    with gatherer(engine, on_batch=lambda *_: writers.add(get_ident())) as one:
        wanted = [source(n, account(n, 2, wait_for_the_other)) for n in ("a", "b")]
        told = one.gather(enrol(engine, wanted), at=AT)
    assert told.n_stored == 4  # one after the other they would never have met
    assert writers == {get_ident()}


def test_the_trouble_of_one_source_stops_no_other(engine: Database) -> None:
    def burst(_: int) -> None:
        raise RuntimeError("a bug, with a secret in its text")

    locked, fine = account("locked", 2), account("fine", 5)
    locked.locked = True
    told = gather(
        engine,
        source("locked", locked),
        source("odd", account("odd", 2, burst)),
        Source("wrong", "no-such-kind", "", "text"),
        source("fine", fine),
    )
    assert stored(engine) == uids(fine)
    says = {t.source: t for t in told.troubles}
    assert says["locked"].is_final
    assert says["wrong"].is_final
    assert not says["odd"].is_final
    assert "RuntimeError" in says["odd"].needs
    assert "secret" not in says["odd"].needs
    assert scheduled(engine, "locked").is_stopped
    assert scheduled(engine, "odd").next_at == AT + MINUTE


def test_a_source_that_forgot_its_cursor_is_read_once_more_from_the_beginning(
    engine: Database,
) -> None:
    found = account("a", 3)
    gather(engine, source("s", found))
    found.epoch += 1
    found.log.append(letter("a-3"))
    told = gather(engine, source("s", found))
    assert told.troubles == ()
    assert stored(engine) == uids(found)


def test_what_time_was_too_short_for_comes_at_the_next_call_and_is_not_read_twice(
    engine: Database,
) -> None:
    found = account("a", 20)
    with gatherer(engine) as one:
        wanted = enrol(engine, [source("s", found)])
        assert one.gather(wanted, at=AT, seconds=0) == Gathered(0, (), n_reading=1)
        assert one.gather(wanted, at=AT, seconds=0) == Gathered(0, (), n_reading=1)
        assert one.gather(wanted, at=AT).n_reading == 0
    assert stored(engine) == uids(found)
    assert found.n_read == 20


def test_a_wish_to_stop_ends_it_after_the_batch_it_is_in(engine: Database) -> None:
    found, batches = account("a", 20), list[str]()
    gather(
        engine,
        source("s", found),
        is_stopping=lambda: len(batches) >= 3,
        on_batch=lambda name, _: batches.append(name),
    )
    assert len(stored(engine)) == 6
    gather(engine, source("s", found))
    assert stored(engine) == uids(found)


def test_a_source_that_hangs_keeps_nobody_waiting(engine: Database) -> None:
    is_over, fine = Event(), account("fine", 4)
    began = monotonic()
    with closing(Gatherer(engine, BASIS, is_stopping=lambda: monotonic() - began > 0.5)) as one:
        hung = account("hung", 2, lambda _: (is_over.wait(20), None)[1])
        told = one.gather(enrol(engine, [source("hung", hung), source("fine", fine)]), at=AT)
        assert stored(engine) == uids(fine)
        assert told.n_reading == 1
        assert monotonic() - began < 3
        is_over.set()


def test_a_batch_that_cannot_be_stored_is_read_again_and_nothing_after_it_takes_its_place(
    engine: Database, tmp_path: Path
) -> None:
    found = account("a", 12)
    other = sqlite3.connect(tmp_path / "kithd.db", isolation_level=None)
    with gatherer(engine) as one:
        [wanted] = enrol(engine, [source("s", found)])
        one.gather([wanted], at=AT, seconds=0)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=100")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DBAPIError):
            one.gather((), at=AT)
        other.execute("ROLLBACK")
        assert one.gather([wanted], at=AT).n_reading == 0
    other.close()
    assert stored(engine) == uids(found)


def test_who_finds_the_cursor_moved_leaves_the_source_to_the_other(engine: Database) -> None:
    found = account("a", 6)

    def overtake(_name: str, _progress: object) -> None:
        now = ingest.cursor_of(engine, "s")
        batch = Batch((), Cursor("0:6"))
        ingest.commit(engine, "s", batch, expected=now, at=AT)

    told = gather(engine, source("s", found), on_batch=overtake)
    assert [(t.source, t.is_final) for t in told.troubles] == [("s", False)]
    assert stored(engine) == {"a-0", "a-1"}
    assert scheduled(engine, "s").n_failures == 0


def test_how_far_a_long_reading_has_come_is_noted_until_it_ends(engine: Database) -> None:
    found, noted = account("a", 6), list[tuple[int | None, int | None]]()

    def look(name: str, _progress: object) -> None:
        one = scheduled(engine, name)
        noted.append((one.n_done, one.n_expected))

    gather(engine, source("s", found), on_batch=look)
    assert noted == [(2, 6), (4, 6), (6, 6)]
    assert scheduled(engine, "s").n_expected is None


def test_what_a_busy_server_asks_for_is_waited_for(engine: Database) -> None:
    def refuse(_: int) -> None:
        raise Unavailable("too many requests", retry_after=timedelta(hours=3))

    [trouble] = gather(engine, source("s", account("a", 2, refuse))).troubles
    assert (trouble.needs, trouble.is_final) == ("too many requests", False)
    one = scheduled(engine, "s")
    assert one.next_at
    assert timedelta(hours=3) <= one.next_at - AT <= timedelta(hours=3.6)
    assert one.needs == ""  # nothing to tell the owner before it has lasted an hour
