"""The schedule of a source: when it is due, how it fails, and when it is let be."""

from datetime import UTC, datetime, timedelta

import pytest

from daemon.store import sources
from daemon.store.database import Database, open_scratch
from daemon.store.sources import Source

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    for name in ("mail", "feed"):
        sources.register(engine, Source(name, "memory", "here", "text"))
    return engine


def read(engine: Database, name: str = "mail") -> Source:
    with engine.connect() as connection:
        return next(s for s in sources.read_schedule(connection) if s.name == name)


def fail(engine: Database, at: datetime, needs: str = "") -> None:
    sources.fail(engine, "mail", needs=needs, at=at, next_at=at + HOUR)


def test_what_was_read_is_due_later_and_needs_nothing(engine: Database) -> None:
    fail(engine, AT, needs="the server is down")
    sources.note_progress(engine, "mail", n_done=3, n_expected=9)
    sources.succeed(engine, "mail", at=AT + HOUR, next_at=AT + 2 * HOUR)
    one = read(engine)
    assert (one.read_at, one.next_at) == (AT + HOUR, AT + 2 * HOUR)
    assert (one.needs, one.n_failures, one.failing_since) == ("", 0, None)
    assert (one.n_done, one.n_expected) == (None, None)


def test_failures_are_counted_from_the_first(engine: Database) -> None:
    fail(engine, AT)
    fail(engine, AT + HOUR, needs="the server is down")
    one = read(engine)
    assert (one.n_failures, one.failing_since, one.next_at) == (2, AT, AT + 2 * HOUR)
    assert one.needs == "the server is down"
    assert read(engine, "feed") == Source("feed", "memory", "here", "text")


def test_all_that_stopped_or_was_put_off_is_resumed_and_its_need_stays_until_it_is_read(
    engine: Database,
) -> None:
    sources.stop(engine, "mail", needs="sign in again")
    sources.succeed(engine, "feed", at=AT, next_at=AT + HOUR)
    assert read(engine).is_stopped
    sources.resume_all(engine)
    assert (read(engine).is_stopped, read(engine).needs) == (False, "sign in again")
    assert read(engine, "feed").next_at == AT + HOUR


def test_news_makes_due_what_is_well_and_not_what_fails(engine: Database) -> None:
    fail(engine, AT)
    sources.succeed(engine, "feed", at=AT, next_at=AT + HOUR)
    sources.make_due(engine, ["mail", "feed"], at=AT)
    assert read(engine).next_at == AT + HOUR
    assert read(engine, "feed").next_at == AT


def test_a_source_that_is_not_wanted_any_more_needs_nothing(engine: Database) -> None:
    sources.stop(engine, "mail", needs="sign in again")
    sources.stop(engine, "feed", needs="another address")
    sources.retire_others(engine, ["feed"])
    assert read(engine).needs == ""
    assert read(engine, "feed").needs == "another address"
