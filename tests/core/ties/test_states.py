"""States follow from the forecast as the thresholds say, and change in no other way."""

from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate
from daemon.ties.gaps import GapState, add_day, see
from daemon.ties.model import State, Tie
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds, classify
from tests.core.ties.rhythms import GAPS, MODELS, rhythm_of

ANA = PersonId("ana@example.org")
ORDER = list(State)
LENGTHS = tuple(chain(range(120), range(120, 600, 9), (730, 1461, 2500, 5000)))

THRESHOLDS = st.builds(
    lambda low, more, unusual_at, min_days, mutual: Thresholds(
        low, low + more, unusual_at, min_days, mutual
    ),
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.49),
    st.floats(0.01, 0.99),
    st.integers(1, 6),
    st.booleans(),
)
RHYTHMS = st.builds(rhythm_of, GAPS, st.integers(0, 400))
WAYS = st.sampled_from(((4, 4), (4, 0), (0, 4)))


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


def wait(gaps: GapState, silent: int) -> GapState:
    """The same rhythm with all its days so much further back."""
    by = timedelta(silent)
    seen_on = gaps.seen_on and gaps.seen_on - by
    return GapState(
        gaps.n_days,
        gaps.last_on - by,
        gaps.first_on - by,
        *(gaps.weight, gaps.mean, gaps.scatter, gaps.recent),
        seen_on,
    )


def silence(
    gaps: GapState, ways: tuple[int, int], model: Renewal, thresholds: Thresholds
) -> tuple[Tie, ...]:
    """The tie at each of ``LENGTHS`` days of silence."""
    rows: list[Row] = [(ANA, wait(gaps, length), *ways) for length in LENGTHS]
    return estimate(rows, on=gaps.last_on, model=model, thresholds=thresholds)


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


def test_the_defaults_are_those_that_are_written_down() -> None:
    assert Thresholds() == Thresholds(
        cooling_at=0.25, fading_at=0.50, unusual_at=0.5, min_days=3, mutual=True
    )


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


def test_nobody_is_in_doubt_while_half_the_gaps_are_longer_than_the_silence() -> None:
    assert state_of(p_dormant=0.9, unusual=0.4999) is State.ACTIVE
    assert state_of(p_dormant=0.9, unusual=0.5) is State.FADING


def test_quiet_mode_waits_until_the_silence_is_unusual() -> None:
    quiet = Thresholds(unusual_at=0.9)
    assert state_of(p_dormant=0.7, unusual=0.89, thresholds=quiet) is State.ACTIVE
    assert state_of(p_dormant=0.7, unusual=0.90, thresholds=quiet) is State.FADING


def test_many_ties_keep_their_order() -> None:
    states = classify(
        [9, 9, 1], [True] * 3, [0.6, 0.3, 0.3], [0.9] * 3, [9] * 3, [180] * 3, Thresholds()
    )
    assert states == (State.FADING, State.COOLING, State.NEW)


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, WAYS, MODELS, THRESHOLDS)
def test_within_a_silence_a_tie_only_moves_down(
    gaps: GapState, ways: tuple[int, int], model: Renewal, thresholds: Thresholds
) -> None:
    places = [ORDER.index(tie.state) for tie in silence(gaps, ways, model, thresholds)]
    assert places == sorted(places)


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, WAYS, MODELS, THRESHOLDS)
def test_a_tie_sleeps_from_its_horizon_on_and_not_before(
    gaps: GapState, ways: tuple[int, int], model: Renewal, thresholds: Thresholds
) -> None:
    for tie in silence(gaps, ways, model, thresholds):
        assert (tie.state is State.DORMANT) == (tie.silent_days >= tie.dormant_at_days), tie


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, WAYS, MODELS, THRESHOLDS)
def test_a_tie_is_new_with_too_few_days_or_one_way_and_only_then(
    gaps: GapState, ways: tuple[int, int], model: Renewal, thresholds: Thresholds
) -> None:
    is_new = gaps.n_days < thresholds.min_days or (thresholds.mutual and 0 in ways)
    for tie in silence(gaps, ways, model, thresholds):
        if tie.state is not State.DORMANT:
            assert (tie.state is State.NEW) == is_new, tie


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, MODELS, THRESHOLDS, st.integers(1, 3000))
def test_one_new_day_of_contact_makes_a_tie_neither_fading_nor_dormant(
    gaps: GapState, model: Renewal, thresholds: Thresholds, silent: int
) -> None:
    back = add_day(gaps, gaps.last_on + timedelta(silent), model.forget)
    row: Row = (ANA, back, 4, 4)
    (tie,) = estimate([row], on=back.last_on, model=model, thresholds=thresholds)
    assert tie.state is (State.NEW if back.n_days < thresholds.min_days else State.ACTIVE)


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, MODELS, THRESHOLDS)
def test_nobody_is_in_doubt_before_the_silence_is_as_unusual_as_the_owner_wants(
    gaps: GapState, model: Renewal, thresholds: Thresholds
) -> None:
    for tie in silence(gaps, (4, 4), model, thresholds):
        is_spoken_of = tie.state in {State.COOLING, State.FADING}
        assert not is_spoken_of or tie.unusual >= thresholds.unusual_at, tie


@settings(max_examples=50, deadline=None)
@given(RHYTHMS, WAYS, THRESHOLDS, st.integers(1, 400))
def test_contact_in_passing_moves_no_tie_down(
    gaps: GapState, ways: tuple[int, int], thresholds: Thresholds, days: int
) -> None:
    seen = see(gaps, gaps.last_on + timedelta(gaps.seen_days + days))
    unseen_as, seen_as = (silence(one, ways, Renewal(), thresholds) for one in (gaps, seen))
    for before, after in zip(unseen_as, seen_as, strict=True):
        assert ORDER.index(after.state) <= ORDER.index(before.state), (before, after)
