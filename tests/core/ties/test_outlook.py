"""What comes if nothing happens is what the forecast will say on each of the coming days."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate
from daemon.ties.gaps import fold
from daemon.ties.model import State
from daemon.ties.models.renewal import Renewal
from daemon.ties.outlook import FARTHEST_DAYS, look_ahead
from daemon.ties.states import Thresholds

ON = date(2026, 3, 1)
GAPS = st.lists(st.integers(1, 40), min_size=1, max_size=30)


def row(gaps: list[int], *, silent_days: int = 5, n_in: int = 9) -> Row:
    """A tie whose days lie ``gaps`` apart, the last one so many days before ON.

    The two were seen among others since, as far as that is known.
    """
    last = ON - timedelta(days=silent_days)
    days = [last - timedelta(days=sum(gaps[n:])) for n in range(len(gaps) + 1)]
    state = replace(fold(days, 0.9), seen_on=last + timedelta(days=silent_days // 2))
    return PersonId("ana@example.org"), state, len(days), n_in


def state_on(one: Row, day: date) -> State:
    (tie,) = estimate([one], on=day)
    return tie.state


@given(GAPS, st.integers(0, 90))
def test_each_turn_is_the_first_day_of_its_state(gaps: list[int], silent_days: int) -> None:
    one = row(gaps, silent_days=silent_days)
    for turn in look_ahead(one, on=ON).turns:
        assert state_on(one, turn.on) is turn.state
        assert state_on(one, turn.on - timedelta(days=1)) is not turn.state


@given(GAPS, st.integers(0, 90))
def test_the_chance_of_each_day_is_that_days_forecast_and_never_falls(
    gaps: list[int], silent_days: int
) -> None:
    one = row(gaps, silent_days=silent_days)
    chances = look_ahead(one, on=ON).p_dormant
    for days in {0, len(chances) // 2, len(chances) - 1}:
        (tie,) = estimate([one], on=ON + timedelta(days=days))
        assert chances[days] == pytest.approx(tie.p_dormant)
    assert all(before <= after + 1e-12 for before, after in pairwise(chances))


def test_a_tie_cools_fades_and_sleeps_in_this_order() -> None:
    outlook = look_ahead(row([9, 8, 10, 9, 11, 8, 9] * 4), on=ON)
    assert [turn.state for turn in outlook.turns] == [State.COOLING, State.FADING, State.DORMANT]
    assert outlook.p_dormant[-1] == 1
    assert outlook.on == ON


def test_a_one_way_tie_stays_new_until_it_sleeps() -> None:
    outlook = look_ahead(row([9] * 9, n_in=0), on=ON)
    assert [turn.state for turn in outlook.turns] == [State.DORMANT]


def test_a_dormant_tie_has_nothing_ahead() -> None:
    outlook = look_ahead(row([9] * 9, silent_days=400), on=ON)
    assert (outlook.p_dormant, outlook.turns) == ((1.0,), ())


def test_thresholds_move_the_turns() -> None:
    one = row([9, 8, 10, 9, 11, 8, 9] * 4)
    usual = look_ahead(one, on=ON).turns
    late = look_ahead(one, on=ON, thresholds=Thresholds(cooling_at=0.25, fading_at=0.8)).turns
    assert usual[0] == late[0]
    assert usual[1].on < late[1].on


def test_nothing_is_foretold_beyond_five_years() -> None:
    outlook = look_ahead(row([9] * 9), on=ON, model=Renewal(dormant_days=3000))
    assert len(outlook.p_dormant) == FARTHEST_DAYS + 1
    assert State.DORMANT not in {turn.state for turn in outlook.turns}
