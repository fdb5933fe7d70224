"""Rhythms are the same however the days arrive."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.ties.gaps import RECENT_HALF_LIFE_DAYS, GapState, add_day, fold, see

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
    same_lately = one.recent == pytest.approx(other.recent, rel=1e-9)
    return same_law and same_lately and one.n_days == other.n_days


def test_the_first_day_has_no_gap_yet() -> None:
    assert add_day(None, START, 0.9) == GapState(1, START, START, 0.0, 0.0, 0.0, 1.0, None)


def test_the_update_is_the_one_the_design_notes_give() -> None:
    state = fold(days_of([10, 20]), 0.9)
    mean = (0.9 * log(10) + log(20)) / 1.9
    scatter = 0.9 * (log(10) - mean) ** 2 + (log(20) - mean) ** 2
    recent = 1 + 0.5 ** (20 / 90) + 0.5 ** (30 / 90)
    assert close(state, GapState(3, state.last_on, START, 1.9, mean, scatter, recent))


@given(GAPS, FORGET)
def test_it_equals_the_weighted_mean_and_scatter_of_all_gaps(gaps: list[int], rho: float) -> None:
    state = fold(days_of(gaps), rho)
    weights = [rho**age for age in reversed(range(len(gaps)))]
    mean = sum(w * log(g) for w, g in zip(weights, gaps, strict=True)) / (sum(weights) or 1)
    scatter = sum(w * (log(g) - mean) ** 2 for w, g in zip(weights, gaps, strict=True))
    ago = [0, *accumulate(reversed(gaps))]
    recent = sum(0.5 ** (days / RECENT_HALF_LIFE_DAYS) for days in ago)
    wanted = GapState(len(gaps) + 1, state.last_on, START, sum(weights), mean, scatter, recent)
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


def test_recent_contact_halves_in_ninety_days_and_each_day_adds_one() -> None:
    assert fold([START], 0.9).recent == 1
    assert fold(days_of([90]), 0.9).recent == pytest.approx(1.5)
    assert fold(days_of([90, 90]), 0.9).recent == pytest.approx(1.75)


@given(GAPS, FORGET)
def test_recent_contact_is_the_last_day_at_least_and_all_days_at_most(
    gaps: list[int], rho: float
) -> None:
    assert 1 <= fold(days_of(gaps), rho).recent <= len(gaps) + 1


SEEN = st.lists(st.integers(-900, 2000).map(lambda days: START + timedelta(days)), max_size=6)


@given(GAPS, FORGET, SEEN, st.data())
def test_the_last_day_in_passing_is_kept_in_whatever_order_the_days_come(
    gaps: list[int], rho: float, seen: list[date], data: st.DataObject
) -> None:
    days, left = days_of(gaps), iter(seen)
    state = fold(days[:1], rho)
    for is_seen in data.draw(st.permutations([False] * len(gaps) + [True] * len(seen))):
        state = see(state, next(left)) if is_seen else add_day(state, days[state.n_days], rho)
    assert state == fold(days, rho, max(seen, default=None))


@given(GAPS, SEEN)
def test_contact_in_passing_touches_nothing_but_its_own_day(
    gaps: list[int], seen: list[date]
) -> None:
    before = after = fold(days_of(gaps), 0.9)
    for on in seen:
        after = see(after, on)
    assert replace(after, seen_on=None) == before
    assert after.seen_on == max(seen, default=None)
    assert see(after, None) == after


@pytest.mark.parametrize(("ago", "days"), [(None, 0), (-5, 0), (0, 0), (1, 1), (40, 40)])
def test_days_seen_are_counted_from_the_last_contact(ago: int | None, days: int) -> None:
    last = days_of([7, 7])[-1]
    seen_on = None if ago is None else last + timedelta(ago)
    assert fold(days_of([7, 7]), 0.9, seen_on).seen_days == days


def test_the_next_contact_begins_the_count_of_days_seen_anew() -> None:
    seen = see(fold(days_of([7]), 0.9), START + timedelta(20))
    assert seen.seen_days == 13
    assert add_day(seen, START + timedelta(30), 0.9).seen_days == 0
    assert add_day(seen, START + timedelta(18), 0.9).seen_days == 2


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
