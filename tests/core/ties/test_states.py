"""States follow from the forecast as the thresholds say."""

import pytest

from daemon.ties.model import State
from daemon.ties.states import Thresholds, classify


def state_of(
    *,
    n_days: int = 10,
    is_mutual: bool = True,
    p_dormant: float = 0.0,
    unusual: float = 0.5,
    silent_days: int = 20,
    thresholds: Thresholds = Thresholds(),  # noqa: B008 -- immutable: one instance serves
) -> State:
    (state,) = classify(n_days, is_mutual, p_dormant, unusual, silent_days, 180.0, thresholds)
    return state


@pytest.mark.parametrize(
    ("p_dormant", "state"),
    [
        (0.0, State.ACTIVE),
        (0.2499, State.ACTIVE),
        (0.25, State.COOLING),
        (0.4999, State.COOLING),
        (0.50, State.FADING),
        (1.0, State.FADING),
    ],
)
def test_each_threshold_belongs_to_the_state_it_opens(p_dormant: float, state: State) -> None:
    assert state_of(p_dormant=p_dormant) is state


def test_a_silence_as_long_as_the_horizon_is_dormant() -> None:
    assert state_of(p_dormant=1.0, silent_days=179) is State.FADING
    assert state_of(p_dormant=1.0, silent_days=180) is State.DORMANT


def test_a_tie_is_new_until_the_third_day_and_until_both_have_written() -> None:
    assert state_of(n_days=2, p_dormant=0.9) is State.NEW
    assert state_of(n_days=3, p_dormant=0.9) is State.FADING
    assert state_of(is_mutual=False, p_dormant=0.9) is State.NEW


def test_the_owner_may_count_one_way_ties_too() -> None:
    assert state_of(is_mutual=False, thresholds=Thresholds(mutual=False)) is State.ACTIVE


def test_who_was_met_twice_years_ago_is_not_new() -> None:
    assert state_of(n_days=2, silent_days=900) is State.DORMANT


def test_quiet_mode_waits_until_the_silence_is_unusual() -> None:
    quiet = Thresholds(unusual_at=0.9)
    assert state_of(p_dormant=0.7, unusual=0.89, thresholds=quiet) is State.ACTIVE
    assert state_of(p_dormant=0.7, unusual=0.90, thresholds=quiet) is State.FADING


def test_many_ties_keep_their_order() -> None:
    states = classify(
        [9, 9, 1], [True] * 3, [0.6, 0.3, 0.3], [0.9] * 3, [9] * 3, [180] * 3, Thresholds()
    )
    assert states == (State.FADING, State.COOLING, State.NEW)
