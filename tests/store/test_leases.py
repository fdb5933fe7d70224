"""One holder at a time, whoever asks and whenever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from daemon.store import leases
from daemon.store.database import Database, open_file
from daemon.store.leases import Lease
from daemon.store.schema import metadata

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(tmp_path: Path) -> Database:
    engine = open_file(tmp_path / "kithd.db")
    metadata.create_all(engine)
    return engine


def take(engine: Database, who: str, at: datetime = AT, instead_of: str | None = None) -> bool:
    return leases.take(engine, "s", who, at=at, until=at + 5 * MINUTE, instead_of=instead_of)


def test_the_first_has_it_and_keeps_it_as_long_as_it_renews_it(engine: Database) -> None:
    assert take(engine, "a")
    assert not take(engine, "b", AT + 4 * MINUTE)
    assert take(engine, "a", AT + 4 * MINUTE)
    assert not take(engine, "b", AT + 8 * MINUTE)
    assert leases.read_lease(engine, "s") == Lease("a", AT + 9 * MINUTE)


def test_who_does_not_renew_it_loses_it(engine: Database) -> None:
    assert take(engine, "a")
    assert take(engine, "b", AT + 5 * MINUTE)
    assert not take(engine, "a", AT + 6 * MINUTE)


def test_a_dead_holder_is_replaced_and_nobody_else(engine: Database) -> None:
    assert take(engine, "a")
    assert not take(engine, "b", instead_of="c")
    assert take(engine, "b", instead_of="a")
    assert not take(engine, "a")


def test_who_gave_it_back_has_it_no_more(engine: Database) -> None:
    assert take(engine, "a")
    leases.release(engine, "s", "b")
    assert not take(engine, "b")
    leases.release(engine, "s", "a")
    assert leases.read_lease(engine, "s") is None
    assert take(engine, "b")


def test_a_lease_taken_by_a_clock_of_another_decade_binds_nobody(engine: Database) -> None:
    assert take(engine, "a", AT + timedelta(days=3650))
    assert take(engine, "b")


def test_of_many_who_ask_at_once_one_has_it(engine: Database) -> None:
    start, won = Barrier(8), list[str]()

    def ask(who: str) -> None:
        start.wait()
        if take(engine, who):
            won.append(who)

    askers = [Thread(target=ask, args=(f"p{i}",)) for i in range(8)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert len(won) == 1
