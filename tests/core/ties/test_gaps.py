"""Rhythms are the same however the days arrive."""

from datetime import date, timedelta
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.ties.gaps import GapState, add_day, fold

START = date(2023, 1, 1)
GAPS = st.lists(st.integers(1, 900), max_size=40)
FORGET = st.floats(0.05, 1.0)


def days_of(gaps: list[int], start: date = START) -> list[date]:
    days = [start]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    return days


def close(one: GapState, other: GapState) -> bool:
    same_law = (one.weight, one.mean, one.scatter) == pytest.approx(
        (other.weight, other.mean, other.scatter), rel=1e-9, abs=1e-9
    )
    return same_law and one.n_days == other.n_days


def test_the_first_day_has_no_gap_yet() -> None:
    assert add_day(None, START, 0.9) == GapState(1, START, START, 0.0, 0.0, 0.0)


def test_the_update_is_the_one_the_design_notes_give() -> None:
    state = fold(days_of([10, 20]), 0.9)
    mean = (0.9 * log(10) + log(20)) / 1.9
    scatter = 0.9 * (log(10) - mean) ** 2 + (log(20) - mean) ** 2
    assert close(state, GapState(3, state.last_on, START, 1.9, mean, scatter))


@given(GAPS, FORGET)
def test_it_equals_the_weighted_mean_and_scatter_of_all_gaps(gaps: list[int], rho: float) -> None:
    state = fold(days_of(gaps), rho)
    weights = [rho**age for age in reversed(range(len(gaps)))]
    mean = sum(w * log(g) for w, g in zip(weights, gaps, strict=True)) / (sum(weights) or 1)
    scatter = sum(w * (log(g) - mean) ** 2 for w, g in zip(weights, gaps, strict=True))
    wanted = GapState(len(gaps) + 1, state.last_on, START, sum(weights), mean, scatter)
    assert close(state, wanted)


@given(GAPS, FORGET, st.data())
def test_days_added_one_by_one_equal_days_folded_at_once(
    gaps: list[int], rho: float, data: st.DataObject
) -> None:
    days = days_of(gaps)
    cut = data.draw(st.integers(1, len(days)))
    state = fold(days[:cut], rho)
    for on in days[cut:]:
        state = add_day(state, on, rho)
    assert state == fold(days, rho)


@given(GAPS, FORGET)
def test_a_day_given_twice_counts_once(gaps: list[int], rho: float) -> None:
    days = days_of(gaps)
    assert fold([on for on in days for _ in range(2)], rho) == fold(days, rho)


@given(GAPS, FORGET, st.integers(-5000, 5000))
def test_the_same_gaps_at_another_time_make_the_same_rhythm(
    gaps: list[int], rho: float, shift: int
) -> None:
    assert close(fold(days_of(gaps), rho), fold(days_of(gaps, START + timedelta(shift)), rho))


@given(st.lists(st.integers(1, 400), min_size=1), FORGET, st.integers(2, 24))
def test_another_unit_of_time_shifts_the_mean_and_nothing_else(
    gaps: list[int], rho: float, factor: int
) -> None:
    one, other = fold(days_of(gaps), rho), fold(days_of([factor * g for g in gaps]), rho)
    assert other.mean == pytest.approx(one.mean + log(factor))
    assert other.scatter == pytest.approx(one.scatter, abs=1e-6)
    assert other.weight == one.weight


def test_an_earlier_day_is_refused_so_that_the_caller_folds_again() -> None:
    state = fold(days_of([5]), 0.9)
    with pytest.raises(ValueError, match="before the last day"):
        add_day(state, START, 0.9)


def test_a_rhythm_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        fold([], 0.9)
