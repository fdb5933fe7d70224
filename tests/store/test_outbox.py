"""A digest moves from ready to claimed to sent, and only one mover wins."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from daemon.store import outbox
from daemon.store.database import Database, open_scratch, writing
from daemon.store.outbox import Outgoing

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
ON = date(2026, 3, 2)
DIGEST = Outgoing("<1@example.org>", b"digest", on=ON, state="ready")


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    with writing(engine) as tx:
        assert outbox.put(tx, DIGEST, at=AT)
    return engine


def test_a_day_has_one_digest_and_the_first_stays(engine: Database) -> None:
    with writing(engine) as tx:
        assert not outbox.put(
            tx, Outgoing("<2@example.org>", b"other", on=ON, state="ready"), at=AT
        )
        assert outbox.read_outgoing(tx, ON) == DIGEST


def test_of_two_that_claim_it_one_succeeds(engine: Database) -> None:
    claims = [
        outbox.move(engine, DIGEST.message_id, before="ready", after="claimed", at=AT)
        for _ in range(2)
    ]
    assert claims == [True, False]


def test_a_day_without_a_digest_has_none(engine: Database) -> None:
    with engine.connect() as connection:
        assert outbox.read_outgoing(connection, date(2026, 3, 3)) is None
    assert not outbox.move(engine, "<none@example.org>", before="ready", after="sent", at=AT)


def put(engine: Database, *more: Outgoing) -> None:
    with writing(engine) as tx:
        for one in more:
            assert outbox.put(tx, one, at=AT)


def days_later(n: int, state: str = "ready") -> Outgoing:
    on = ON + timedelta(days=n)
    return Outgoing(f"<d{n}@example.org>", b"x", on=on, state=state)


def test_a_quiet_day_makes_room_for_a_digest_and_a_digest_for_nothing(engine: Database) -> None:
    put(engine, days_later(1, "quiet"), days_later(1))
    with writing(engine) as tx:
        assert not outbox.put(tx, days_later(1, "quiet"), at=AT)
        assert not outbox.put(tx, replace(days_later(1), message=b"other"), at=AT)
        found = outbox.read_outgoing(tx, ON + timedelta(days=1))
    assert found == days_later(1)


def test_what_is_put_off_is_due_again_at_its_hour_and_not_before(engine: Database) -> None:
    later = AT + timedelta(minutes=5)
    assert not outbox.put_off(engine, DIGEST.message_id, problem="busy", at=AT, until=later)
    outbox.move(engine, DIGEST.message_id, before="ready", after="claimed", at=AT)
    assert outbox.put_off(engine, DIGEST.message_id, problem="busy", at=AT, until=later)
    with engine.connect() as connection:
        assert outbox.read_unsent(connection, at=later - timedelta(seconds=1)) == ()
        [due] = outbox.read_unsent(connection, at=later)
        [troubled] = outbox.list_troubled(connection)
    assert (due.state, due.n_attempts, due.problem) == ("ready", 1, "busy")
    assert troubled == due


def test_of_two_that_claim_again_what_lay_one_succeeds(engine: Database) -> None:
    outbox.move(engine, DIGEST.message_id, before="ready", after="claimed", at=AT)
    with engine.connect() as connection:
        [lying] = outbox.read_unsent(connection, at=AT)
    later = AT + timedelta(minutes=15)
    assert [outbox.claim_again(engine, lying, at=later) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("problem", "may_go"), [("the mail server refused it", True), (outbox.UNKNOWN, False)]
)
def test_only_what_surely_was_not_sent_may_be_hurried(
    engine: Database, problem: str, may_go: bool
) -> None:
    outbox.give_up(engine, DIGEST.message_id, problem=problem, at=AT, before="ready")
    assert outbox.hurry(engine, ON, at=AT) is may_go
    with engine.connect() as connection:
        assert len(outbox.read_unsent(connection, at=AT)) == may_go


@pytest.mark.parametrize("state", ["claimed", "sent"])
def test_what_is_on_its_way_or_there_is_not_hurried(engine: Database, state: str) -> None:
    outbox.move(engine, DIGEST.message_id, before="ready", after=state, at=AT)
    assert not outbox.hurry(engine, ON, at=AT)


def test_failures_are_told_until_something_arrives(engine: Database) -> None:
    put(engine, days_later(1, "failed"), days_later(3, "failed"), days_later(4, "quiet"))
    put(engine, Outgoing("<a@example.org>", b"x", outbox.ANSWER, state="failed"))

    def told(before: int) -> list[str]:
        with engine.connect() as connection:
            found = outbox.list_failed(connection, before=ON + timedelta(days=before))
        return [one.message_id for one in found]

    assert told(1) == []
    assert told(3) == ["<d1@example.org>"]
    assert told(9) == ["<d1@example.org>", "<d3@example.org>"]
    put(engine, days_later(2, "sent"))
    assert told(9) == ["<d3@example.org>"]
    put(engine, days_later(5, "sent"))
    assert told(9) == []


def test_silence_is_counted_from_the_last_mail_or_the_first_day(engine: Database) -> None:
    def since() -> date | None:
        with engine.connect() as connection:
            return outbox.silent_since(connection)

    assert since() == ON
    put(engine, days_later(3, "sent"), days_later(5, "quiet"))
    assert since() == ON + timedelta(days=3)
    with open_scratch().connect() as connection:
        assert outbox.silent_since(connection) is None
