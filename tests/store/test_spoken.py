"""What was said stands in its place: by whom, to whom, and what was written after it."""

from connectors.observations import Address
from daemon.cues.model import CueKind
from daemon.jobs.refresh import derive
from daemon.store import spoken
from daemon.store.database import Database
from daemon.store.instants import to_seconds
from daemon.store.spoken import Placed
from tests.jobs.world import (
    ANA,
    ANA_HOME,
    AT,
    BASIS,
    BEN,
    ME,
    days_ago,
    know,
    letter,
    open_world,
    tell,
)

ASK = "Could you send me the map, please?"
PROMISE = "I will send you the map by Friday."


def said(engine: Database) -> list[Placed]:
    with engine.connect() as connection:
        return list(spoken.read_said(connection, after=0, until=to_seconds(AT)))


def test_what_others_ask_is_said_by_them() -> None:
    [one] = said(know(letter("a", ANA_HOME, subject="Map", text=ASK), letter("b", ANA)))
    assert (one.kind, one.person, one.by_ego, one.subject) == (CueKind.ASK, ANA.email, False, "Map")
    assert one.sentence == ASK


def test_what_the_owner_promises_is_said_to_whom_the_owner_answers() -> None:
    engine = know(
        letter("a", ANA, at=days_ago(11)),
        letter("b", ME, (BEN, ANA), answers=("<a>",), text=PROMISE),
    )
    assert [(p.kind, p.person, p.by_ego) for p in said(engine)] == [
        (CueKind.PROMISE, ANA.email, True)
    ]


def test_what_the_owner_writes_to_one_person_is_said_to_that_person() -> None:
    assert [p.person for p in said(know(letter("b", ME, (ANA,), text=PROMISE)))] == [ANA.email]


def test_what_the_owner_writes_to_several_is_said_to_nobody_in_particular() -> None:
    assert said(know(letter("b", ME, (ANA, BEN), text=PROMISE))) == []


def test_two_addresses_of_one_person_are_one_recipient() -> None:
    engine = know(letter("b", ME, (ANA, ANA_HOME), text=PROMISE))
    assert [p.person for p in said(engine)] == [ANA.email]


def test_one_message_in_two_sources_is_said_once() -> None:
    engine = open_world("s", "t")
    for source in ("s", "t"):
        tell(engine, [letter("a", ANA, text=ASK)], source)
    derive(engine, BASIS, at=AT)
    assert len(said(engine)) == 1


def test_what_was_written_after_is_found_by_thread_and_writer() -> None:
    engine = know(
        letter("a", ANA, at=days_ago(9)),
        letter("b", ME, (ANA,), at=days_ago(8), answers=("<a>",)),
        letter("c", ANA_HOME, at=days_ago(7), answers=("<b>",)),
        letter("d", Address("x@example.org"), (BEN,), at=days_ago(7), answers=("<b>",)),
    )
    with engine.connect() as connection:
        written = spoken.read_written(connection, ["<a>"], after=0, until=to_seconds(AT))
    first = to_seconds(days_ago(9))
    assert written.next("<a>", "", first) == to_seconds(days_ago(8))
    assert written.next("<a>", ANA.email, first) == to_seconds(days_ago(7))
    assert written.next("<a>", ANA.email, to_seconds(days_ago(7))) is None
    assert written.next("<other>", "", 0) is None


def test_how_long_the_owner_takes_to_answer() -> None:
    engine = know(
        letter("a", ANA, at=days_ago(9)),
        letter("b", ME, (ANA,), at=days_ago(8), answers=("<a>",)),
        letter("c", BEN, at=days_ago(5), answers=("<b>",)),
        letter("d", ME, (BEN,), at=days_ago(2), answers=("<c>",)),
    )
    with engine.connect() as connection:
        times = spoken.read_reply_times(connection, after=0, until=to_seconds(AT))
    assert sorted(times) == [86_400, 3 * 86_400]
