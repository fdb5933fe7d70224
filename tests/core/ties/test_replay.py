"""A replayed past says of each day what kithd would have said on that day."""

from datetime import date
from itertools import pairwise
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ties.estimate import estimate
from daemon.ties.gaps import fold
from daemon.ties.model import ContactHistory, State
from daemon.ties.states import Thresholds
from tests.core.ties.pasts import (
    ANA,
    BEN,
    CUTS,
    END,
    MODEL,
    THRESHOLDS,
    after,
    history,
    list_changes,
    pasts,
    played,
)

Changes: TypeAlias = tuple[tuple[date, State], ...]
RANKS = {state: rank for rank, state in enumerate(State)}


def state_on(past: ContactHistory, on: date, thresholds: Thresholds) -> State | None:
    """What an estimate on that very day says, knowing nothing later; None before the first."""
    out, into = (sum(d <= on for d in days) for days in (past.out_days, past.in_days))
    if not out:
        return None
    seen_on = max((d for d in past.passing_days if d <= on), default=None)
    known = fold([d for d in past.days if d <= on], MODEL.forget, seen_on)
    row = (past.alter, known, out, into)
    (tie,) = estimate([row], on=on, model=MODEL, thresholds=thresholds)
    return tie.state


def replayed_on(changes: Changes, on: date) -> State | None:
    return next((state for day, state in reversed(changes) if day <= on), None)


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, st.lists(CUTS, min_size=1, max_size=12))
def test_on_every_day_it_says_what_an_estimate_on_that_day_says(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, days: list[date]
) -> None:
    silences = played(*past, thresholds=thresholds)
    for one in past:
        changes = list_changes(silences, one.alter)
        for on in days:
            assert replayed_on(changes, on) is state_on(one, on, thresholds)


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, CUTS)
def test_what_comes_later_changes_nothing_of_what_was_said_before(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, cut: date
) -> None:
    whole = played(*past, thresholds=thresholds)
    early = played(*past, thresholds=thresholds, until=cut)
    for one in past:
        known = tuple(change for change in list_changes(whole, one.alter) if change[0] <= cut)
        assert list_changes(early, one.alter) == known


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS)
def test_within_a_silence_a_tie_only_moves_down_the_list_of_states(
    past: tuple[ContactHistory, ...], thresholds: Thresholds
) -> None:
    silences = played(*past, thresholds=thresholds)
    for one in past:
        for (_, before), (on, state) in pairwise(list_changes(silences, one.alter)):
            assert RANKS[state] > RANKS[before] or on in (*one.days, *one.passing_days)


def test_seeing_each_other_in_passing_puts_off_what_a_silence_comes_to() -> None:
    unseen, seen = (history(ANA, [5] * 6, passing=passing) for passing in ((), (70, 100)))
    fading, later = (
        [on for on, state in list_changes(played(one), ANA) if state is State.FADING][-1]
        for one in (unseen, seen)
    )
    assert fading < later
    assert played(seen).n_silences == played(unseen).n_silences == 7


def test_one_contact_brings_a_dormant_tie_back() -> None:
    past = history(ANA, [5, 5, 5, 5, 400, 3])
    states = [state for _, state in list_changes(played(past), ANA)]
    down = [State.ACTIVE, State.COOLING, State.FADING, State.DORMANT]
    assert states == [State.NEW, *down, *down]


def test_the_days_of_its_changes_are_told() -> None:
    changes = {state: on for on, state in list_changes(played(history(ANA, [5, 5])), ANA)}
    assert changes[State.NEW] == after(0)
    assert changes[State.ACTIVE] == after(10)
    assert after(10) < changes[State.COOLING] < changes[State.FADING] < changes[State.DORMANT]
    assert changes[State.DORMANT] == after(190)


def test_whoever_the_ego_has_not_reached_yet_is_no_person() -> None:
    silences = played(
        history(ANA, [4, 4, 4], ways=["in", "in", "out"]), history(BEN, [3], ways=["in", "in"])
    )
    assert list_changes(silences, ANA)[0][0] == after(8)
    assert list_changes(silences, BEN) == ()


def test_a_tie_is_new_until_both_have_reached_the_other_whatever_comes_later() -> None:
    one_way = history(ANA, [4] * 8, ways=["out"] * 6)
    changes = list_changes(played(one_way), ANA)
    assert changes[:2] == ((after(0), State.NEW), (after(24), State.ACTIVE))
    anybody = played(one_way, thresholds=Thresholds(mutual=False))
    assert list_changes(anybody, ANA)[:2] == ((after(0), State.NEW), (after(8), State.ACTIVE))


def test_the_usual_gap_is_the_median_of_those_before_the_silence() -> None:
    silences = played(history(ANA, [2, 9, 4, 30]))
    assert silences.median_gap.tolist()[1:] == [2.0, 5.5, 4.0, 6.5]


def test_nobody_leaves_nothing_to_say() -> None:
    assert len(played()) == 0
    assert len(played(history(ANA, [3]), until=after(-1))) == 0
    assert played().until == END
