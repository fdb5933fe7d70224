"""Old ties worth waking are named a few at a time, and nobody who should be left alone."""

from collections import Counter
from datetime import timedelta

import pytest

from daemon.suggestions.model import (
    Cadence,
    Circle,
    Gaps,
    Never,
    NotThis,
    Rest,
    Rules,
    SuggestionDecision,
    SuggestionKey,
)
from daemon.suggestions.waking import N_A_WEEK, POOL, find_worth_waking, pick_for_week
from daemon.ties.model import State, Tie
from tests.builders import TODAY, days_ago, identity, meeting, person_id, situation, tie

SANA = identity("sana")
ASLEEP = tie("sana", State.DORMANT, silent_days=400)


def waking(*ties: Tie, **more: object) -> list[str]:
    found = find_worth_waking(situation(*ties, **more))  # type: ignore[arg-type]  # a builder's fields
    return [one.alter.partition("@")[0] for one in found]


def test_those_of_most_contact_come_first_then_those_who_slept_last() -> None:
    ties = (
        tie("marek", State.DORMANT, n_days=20, silent_days=900),
        tie("joy", State.DORMANT, n_days=90, silent_days=2000),
        tie("sana", State.DORMANT, n_days=20, silent_days=300),
    )
    assert waking(*ties) == ["joy", "sana", "marek"]


@pytest.mark.parametrize("state", [s for s in State if s is not State.DORMANT])
def test_only_the_dormant_sleep(state: State) -> None:
    assert waking(tie("sana", state)) == []


@pytest.mark.parametrize(
    "decision",
    [
        Never(SANA, days_ago(900)),
        Rest(SANA, days_ago(300)),
        NotThis(SuggestionKey("x"), "article", SANA, days_ago(20)),
        Cadence(SANA, 30, days_ago(20)),
    ],
    ids=lambda decision: type(decision).__name__,
)
def test_who_rests_is_never_spoken_of_was_refused_or_is_asked_for_is_not_named(
    decision: SuggestionDecision,
) -> None:
    assert waking(ASLEEP, decisions=(decision,)) == []


def test_nor_is_who_stopped_answering_never_answered_or_will_be_met() -> None:
    assert waking(ASLEEP) == ["sana"]
    assert waking(ASLEEP, unanswered={"sana": 2}) == []
    assert waking(ASLEEP, unanswered={"sana": 1}) == ["sana"]
    assert waking(ASLEEP, booked=(meeting("sana"),)) == []
    assert waking(tie("sana", State.DORMANT, silent_days=400, is_mutual=False)) == []
    assert waking(tie("sana", State.DORMANT, silent_days=400, n_days=2)) == []


def test_a_rest_is_over_once_there_was_contact_again() -> None:
    assert waking(ASLEEP, decisions=(Rest(SANA, days_ago(500)),)) == ["sana"]


def test_a_circle_with_a_gap_of_its_own_names_them_as_due_instead() -> None:
    close = (Circle(SANA, "close", days_ago(9)),)
    rules = Rules(circles={"close": Gaps(longest_days=30)})
    assert waking(ASLEEP, decisions=close) == ["sana"]
    assert waking(ASLEEP, decisions=close, rules=rules) == []


MANY = [tie(f"p{n:02}", State.DORMANT, n_days=100 - n, silent_days=400) for n in range(40)]


def week(number: int, ties: list[Tie] = MANY) -> list[str]:
    monday = TODAY - timedelta(days=TODAY.weekday())
    return [one.alter for one in pick_for_week(ties, monday + timedelta(weeks=number))]


def test_a_few_are_named_all_week_and_others_from_monday_on() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    picks = {tuple(pick_for_week(MANY, monday + timedelta(days=n))) for n in range(7)}
    assert len(picks) == 1
    assert len(week(0)) == N_A_WEEK
    assert set(week(0)).isdisjoint(week(1))


def test_the_best_take_turns_and_no_others() -> None:
    named = Counter(name for number in range(POOL) for name in week(number))
    assert set(named) == {one.alter for one in MANY[:POOL]}
    assert set(named.values()) == {N_A_WEEK}


@pytest.mark.parametrize("n", range(N_A_WEEK + 2))
def test_nobody_is_named_twice_in_a_week(n: int) -> None:
    for number in range(9):
        assert len(set(week(number, MANY[:n]))) == len(week(number, MANY[:n])) == min(n, N_A_WEEK)


def test_the_names_are_people_of_the_situation() -> None:
    (one,) = pick_for_week(find_worth_waking(situation(ASLEEP)), TODAY)
    assert one.alter == person_id("sana")
