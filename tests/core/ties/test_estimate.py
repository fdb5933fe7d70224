"""Ties are estimated in one pass, in order, from the past alone."""

import time
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate, estimate_history
from daemon.ties.gaps import fold
from daemon.ties.model import ContactHistory, State
from daemon.ties.models.protocol import Rhythms
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds, classify

ON = date(2024, 6, 1)
ANA = PersonId("ana@example.org")


def history_of(gaps: list[int], silent: int, *, n_out: int = 3, n_in: int = 3) -> ContactHistory:
    days = [ON - timedelta(silent + sum(gaps))]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    return ContactHistory(ANA, tuple(days), n_out, n_in, ON)


def row_of(history: ContactHistory) -> Row:
    return history.alter, fold(history.days, 0.9), history.n_out, history.n_in


HISTORIES = st.builds(
    history_of,
    st.lists(st.integers(1, 200), max_size=12),
    st.integers(0, 300),
    n_out=st.integers(0, 2),
    n_in=st.integers(0, 2),
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
    assert estimate_history(history).state is State.FADING
    later = Thresholds(fading_at=0.99)
    assert estimate_history(history, thresholds=later).state is State.COOLING


def test_a_hundred_thousand_ties_are_scored_and_classified_in_a_blink(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng, n = np.random.default_rng(0), 100_000
    n_days = rng.integers(1, 300, n).astype(np.float64)
    rhythms = Rhythms(n_days, np.minimum(n_days - 1, 9.9), rng.uniform(0, 4, n), n_days / 40)
    silent = rng.integers(0, 400, n).astype(np.float64)
    began = time.perf_counter()
    got = Renewal().forecast(rhythms, silent)
    states = classify(
        n_days, n_days > 1, got.p_dormant, got.unusual, silent, got.dormant_at_days, Thresholds()
    )
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f" 100,000 ties scored and classified in {took:.3f} s ", end="")
    assert len(states) == n
    assert took < 1.0  # ten times what an idle core needs: a guard against a loop per tie
