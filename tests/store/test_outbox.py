"""A digest moves from ready to claimed to sent, and only one mover wins."""

from datetime import UTC, date, datetime

import pytest

from daemon.store import outbox
from daemon.store.database import Database, open_scratch, writing
from daemon.store.outbox import Outgoing

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
ON = date(2026, 3, 2)
DIGEST = Outgoing(ON, "<1@example.org>", b"digest", "ready")


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    with writing(engine) as tx:
        assert outbox.put(tx, DIGEST, at=AT)
    return engine


def test_a_day_has_one_digest_and_the_first_stays(engine: Database) -> None:
    with writing(engine) as tx:
        assert not outbox.put(tx, Outgoing(ON, "<2@example.org>", b"other", "ready"), at=AT)
        assert outbox.read_outgoing(tx, ON) == DIGEST


def test_of_two_that_claim_it_one_succeeds(engine: Database) -> None:
    claims = [outbox.move(engine, ON, before="ready", after="claimed", at=AT) for _ in range(2)]
    assert claims == [True, False]


def test_a_day_without_a_digest_has_none(engine: Database) -> None:
    with engine.connect() as connection:
        assert outbox.read_outgoing(connection, date(2026, 3, 3)) is None
    assert not outbox.move(engine, date(2026, 3, 3), before="ready", after="sent", at=AT)
