"""Ties are estimated in one pass, in order, from the past alone."""

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate, estimate_history, stack
from daemon.ties.gaps import fold
from daemon.ties.model import ContactHistory, State
from daemon.ties.models.protocol import Forecast, Rhythms
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds
from tests.core.ties.rhythms import NEUTRAL, column, rhythm_of

ON = date(2024, 6, 1)
ANA = PersonId("ana@example.org")


def history_of(
    gaps: list[int], silent: int, *, n_out: int = 3, n_in: int = 3, passing: int | None = None
) -> ContactHistory:
    """``passing`` says how many days ago the two last saw each other in passing, if ever."""
    days = [ON - timedelta(silent + sum(gaps))]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    seen = () if passing is None else (ON - timedelta(passing),)
    return ContactHistory(ANA, tuple(days), n_out, n_in, ON, passing_days=seen)


def row_of(history: ContactHistory) -> Row:
    gaps = fold(history.days, 0.9, max(history.passing_days, default=None))
    return history.alter, gaps, history.n_out, history.n_in


HISTORIES = st.builds(
    history_of,
    st.lists(st.integers(1, 200), max_size=12),
    st.integers(0, 300),
    n_out=st.integers(0, 2),
    n_in=st.integers(0, 2),
    passing=st.none() | st.integers(0, 300),
)


@given(st.lists(HISTORIES, max_size=6))
def test_a_tie_is_the_same_alone_as_among_others(histories: list[ContactHistory]) -> None:
    together = estimate([row_of(history) for history in histories], on=ON)
    assert together == tuple(estimate_history(history) for history in histories)


def test_a_tie_says_of_whom_since_when_and_how_long() -> None:
    tie = estimate_history(history_of([7, 9, 8], 5, n_out=4, n_in=2))
    assert (tie.alter, tie.as_of, tie.n_days, tie.silent_days) == (ANA, ON, 4, 5)
    assert (tie.first_on, tie.last_on) == (ON - timedelta(29), ON - timedelta(5))
    assert (tie.n_out, tie.n_in, tie.is_mutual, tie.state) == (4, 2, True, State.ACTIVE)


def test_a_weekly_tie_cools_fades_and_sleeps_and_one_contact_wakes_it() -> None:
    week = [7] * 12
    states = [estimate_history(history_of(week, silent)).state for silent in range(200)]
    assert list(dict.fromkeys(states)) == list(State)[1:]
    assert 25 <= states.index(State.FADING) <= 60
    assert estimate_history(history_of([*week, 190], 0)).state is State.ACTIVE


def test_one_way_contact_stays_new() -> None:
    assert estimate_history(history_of([7] * 9, 10, n_in=0)).state is State.NEW


def test_a_contact_after_the_day_asked_for_is_refused() -> None:
    row = row_of(history_of([7, 7], 0))
    with pytest.raises(ValueError, match="lies after"):
        estimate([row], on=ON - timedelta(1))


def test_nobody_gives_no_ties() -> None:
    assert estimate([], on=ON) == ()


def test_the_owner_moves_the_lines() -> None:
    history = history_of([7] * 12, 46)
    assert estimate_history(history, model=NEUTRAL).state is State.FADING
    later = Thresholds(fading_at=0.99)
    assert estimate_history(history, model=NEUTRAL, thresholds=later).state is State.COOLING


def test_a_great_many_ties_are_one_column_a_fact_in_their_order() -> None:
    few = [history_of([7] * 12, silent, passing=silent // 2) for silent in (0, 20, 46, 90, 200)]
    rows = [row_of(history) for history in few] * 400
    one_by_one = tuple(estimate_history(history) for history in few)
    assert estimate(rows, on=ON) == one_by_one * 400
    columns = stack([gaps for _, gaps, _, _ in rows])
    told = Renewal().forecast(columns, np.tile(column(0, 20, 46, 90, 200), 400))
    assert {getattr(told, field.name).shape for field in fields(Forecast)} == {(2000,)}
    assert told.p_dormant.tolist() == [tie.p_dormant for tie in one_by_one] * 400


def test_the_columns_hold_what_the_rhythms_hold() -> None:
    rhythms = [rhythm_of([4, 9, 30], seen_days=12), rhythm_of([]), rhythm_of([7] * 20)]
    columns = stack(rhythms)
    for field in fields(Rhythms):
        wanted = [float(getattr(rhythm, field.name)) for rhythm in rhythms]
        assert getattr(columns, field.name).tolist() == wanted, field.name
    assert columns.seen_days.tolist() == [12, 0, 0]


def test_whom_one_sees_in_passing_is_less_likely_to_be_gone() -> None:
    unseen, seen, before = (
        estimate_history(history_of([9] * 8, 40, passing=ago)) for ago in (None, 5, 60)
    )
    assert seen.p_dormant < unseen.p_dormant
    assert (seen.silent_days, seen.n_days, seen.unusual) == (40, 9, unseen.unusual)
    assert before == unseen
