"""A command becomes decisions, or says what stands in the way."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.commands.decide import decide, resolve_until
from daemon.commands.grammar import list_verbs, parse
from daemon.commands.model import (
    Answer,
    AskMore,
    Entry,
    Forgotten,
    NotUnderstood,
    Outcome,
    Problem,
    Question,
    Span,
    Undo,
    Unit,
    Weekday,
)
from daemon.people.model import Identity, NotSame, Same
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Done,
    Helped,
    Never,
    Note,
    NotThis,
    Paused,
    Rest,
    Snoozed,
    SuggestionKey,
)

AT = datetime(2026, 11, 21, 6, tzinfo=UTC)
TODAY = date(2026, 11, 21)  # a Saturday
ANA, BOB, EVE = (Identity(f"{name}@example.org") for name in ("ana", "bob", "eve"))
KEYS = {ref: SuggestionKey(f"k{ref}") for ref in (1, 2, 3)}
ENTRIES = {
    1: Entry(KEYS[1], "reply", (ANA,), who="Ana", why="Ana asked."),
    2: Entry(KEYS[2], "article", (BOB,), who="Bob"),
    3: Entry(KEYS[3], "introduction", (ANA, BOB), who="Ana and Bob"),
}


def obey(line: str, entries: dict[int, Entry] = ENTRIES) -> Outcome:
    (command,) = parse(line)
    assert not isinstance(command, NotUnderstood)
    return decide(command, entries=entries, at=AT, today=TODAY)


@pytest.mark.parametrize(
    ("line", "decisions"),
    [
        ("done 1", (Done(KEYS[1], AT),)),
        ("done all", tuple(Done(key, AT) for key in KEYS.values())),
        ("snooze 2 2w", (Snoozed(KEYS[2], date(2026, 12, 5), AT),)),
        ("not 1", (NotThis(KEYS[1], "reply", ANA, AT),)),
        ("not 3", tuple(NotThis(KEYS[3], "introduction", who, AT) for who in (ANA, BOB))),
        ("never 1 yes", (Never(ANA, AT),)),
        ("forget 1 yes", (Forgotten(ANA, AT),)),
        ("rest 2", (Rest(BOB, AT),)),
        ("rest eve@example.org", (Rest(EVE, AT),)),
        ("circle 2 close", (Circle(BOB, "close", AT),)),
        ("cadence 2 1m", (Cadence(BOB, 30, AT),)),
        ("cadence 2 2w to 1m", (Cadence(BOB, 30, AT, 14),)),
        ("gave 1 a view", (Helped(ANA, True, "a view", AT),)),
        ("got 1 a view", (Helped(ANA, False, "a view", AT),)),
        ("note 1 has a dog", (Note(ANA, "has a dog", AT),)),
        ("same 1 2", (Same(ANA, BOB, AT),)),
        ("not-same 1 eve@example.org", (NotSame(ANA, EVE, AT),)),
        ("pause until friday", (Paused(date(2026, 11, 27), AT),)),
        ("resume", (Paused(None, AT),)),
        ("undo 3", (Undo(KEYS[3], (ANA, BOB), AT),)),
        ("undo eve@example.org", (Undo(None, (EVE,), AT),)),
    ],
)
def test_a_command_becomes_its_decisions(line: str, decisions: Outcome) -> None:
    assert obey(line) == decisions


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("never 1", "Never suggest Ana again? Answer: never 1 yes"),
        (
            "never eve@example.org",
            "Never suggest eve@example.org again? Answer: never eve@example.org yes",
        ),
        ("forget 2", "Forget all that is kept about Bob? Answer: forget 2 yes"),
    ],
)
def test_what_is_for_good_is_asked_back_once(line: str, question: str) -> None:
    assert obey(line) == Question(question)
    assert isinstance(obey(question.partition("Answer: ")[2]), tuple)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("done 7", "There is no item 7 in that digest. It has 1, 2 and 3."),
        ("done 1 7", "There is no item 7 in that digest. It has 1, 2 and 3."),
        ("never 7", "There is no item 7 in that digest. It has 1, 2 and 3."),
        ("same 1 1", "Both are ana@example.org: name two different addresses."),
        ("snooze 1 until 2020-01-01", "2020-01-01 is not in the future."),
        ("pause until 2026-11-21", "2026-11-21 is not in the future."),
        (
            "rest 3",
            "Item 3 is about ana@example.org and bob@example.org: name one by address.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_plainly(line: str, problem: str) -> None:
    assert obey(line) == Problem(problem)


def test_a_digest_of_one_or_none_is_named_right() -> None:
    assert obey("done 7", {1: ENTRIES[1]}) == Problem(
        "There is no item 7 in that digest. It has only 1."
    )
    assert obey("done all", {}) == Problem("That digest has no items.")
    nobody = {1: Entry(KEYS[1], "pulse", ())}
    assert obey("rest 1", nobody) == Problem("Item 1 is about nobody: name an address.")


def test_questions_of_the_owner_are_answered() -> None:
    assert obey("why 1") == Answer("Ana asked.")
    assert obey("help") == Answer(list_verbs())
    assert obey("more") == AskMore()


@pytest.mark.parametrize(
    ("until", "today", "day"),
    [
        (Span(1, Unit.MONTH), date(2026, 1, 31), date(2026, 2, 28)),
        (Span(1, Unit.MONTH), date(2028, 1, 31), date(2028, 2, 29)),
        (Span(14, Unit.MONTH), date(2026, 11, 21), date(2028, 1, 21)),
        (Span(1, Unit.MONTH), date(2026, 12, 31), date(2027, 1, 31)),
        (Weekday(5), TODAY, date(2026, 11, 28)),
        (Weekday(6), TODAY, date(2026, 11, 22)),
    ],
)
def test_a_span_ends_on_the_calendars_day(until: Span | Weekday, today: date, day: date) -> None:
    assert resolve_until(until, today) == day


@given(
    st.one_of(
        st.builds(Span, st.integers(1, 999), st.sampled_from(Unit)),
        st.builds(Weekday, st.integers(0, 6)),
    ),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_every_span_ends_after_today(until: Span | Weekday, today: date) -> None:
    assert resolve_until(until, today) > today
