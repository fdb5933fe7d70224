"""Every decay model keeps the contract, and the contract has teeth."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate, stack
from daemon.ties.fit import fit
from daemon.ties.gaps import GapState, add_day, fold, see
from daemon.ties.model import State, Tie
from daemon.ties.models.protocol import FittedDecay, Forecast, Rhythms
from daemon.ties.models.renewal import Renewal
from tests.core.ties.rhythms import NEUTRAL, draw_past
from tests.core.ties.spoilt import (
    BearsAGrudge,
    CountsItsOwnSilence,
    CountsTheSameChanceTwice,
    DoubtsWhatHasBeen,
    ForeseesTwoFutures,
    ForgetsToDivide,
    Hopes,
    LooksAtTheClock,
    LosesSightFarAhead,
    NeverSleeps,
    NeverSure,
    Ranks,
    Remembers,
    ReturnsNoNumber,
    Spoilt,
    TurnsUnusualAround,
    WritesDownHalf,
)

START = date(2020, 1, 1)
ANA = PersonId("ana@example.org")
SILENCES = range(0, 700, 7)
PAST_GAPS: tuple[tuple[int, ...], ...] = (
    (),
    (1,),
    (180,),
    (3, 40),
    (1,) * 200,
    (7,) * 30,
    (6, 9, 8, 7, 10, 5, 9),
    (1, 60, 2, 45, 1, 90, 3),
    (30,) * 12,
    (120, 150, 90, 200),
)

Check = Callable[[FittedDecay], None]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Add one duty of a decay model, as a plain function that asserts."""
    CHECKS.append(function)
    return function


def rhythms_of(model: FittedDecay) -> list[GapState]:
    """Each past, and each with the two still seen in passing for some days after it."""
    unseen = [fold(days_of(gaps), model.forget) for gaps in PAST_GAPS]
    return [*unseen, *(see(one, one.last_on + timedelta(20)) for one in unseen[::2])]


def days_of(gaps: tuple[int, ...]) -> Iterator[date]:
    yield (day := START)
    for gap in gaps:
        yield (day := day + timedelta(gap))


def tie_of(model: FittedDecay, gaps: GapState, silent: int) -> Tie:
    row: Row = (ANA, gaps, 9, 9)
    (tie,) = estimate([row], on=gaps.last_on + timedelta(silent), model=model)
    return tie


def silence_of(model: FittedDecay, gaps: GapState) -> tuple[Tie, ...]:
    """The tie as it stands after each of these silences, all in one pass."""
    rows: list[Row] = [(ANA, shift(gaps, -silent), 9, 9) for silent in SILENCES]
    return estimate(rows, on=gaps.last_on, model=model)


def shift(gaps: GapState, days: int) -> GapState:
    moved = timedelta(days)
    return replace(
        gaps,
        last_on=gaps.last_on + moved,
        first_on=gaps.first_on + moved,
        seen_on=gaps.seen_on and gaps.seen_on + moved,
    )


def numbers(tie: Tie) -> tuple[float, ...]:
    return (
        tie.p_dormant,
        tie.p_contact_30,
        tie.unusual,
        tie.typical_gap_days,
        tie.dormant_at_days,
    )


@check
def probabilities_are_probabilities(model: FittedDecay) -> None:
    """All are numbers in [0, 1], and both gaps are above 0."""
    for gaps in rhythms_of(model):
        for tie in silence_of(model, gaps):
            assert all(0 <= p <= 1 for p in (tie.p_dormant, tie.p_contact_30, tie.unusual)), tie
            assert tie.typical_gap_days > 0 < tie.dormant_at_days, tie


@check
def dormancy_only_grows_likelier_within_a_silence(model: FittedDecay) -> None:
    """p_dormant never falls while nothing happens."""
    for gaps in rhythms_of(model):
        for before, after in pairwise(silence_of(model, gaps)):
            assert after.p_dormant >= before.p_dormant - 1e-12, (before, after)


@check
def a_silence_only_grows_more_unusual(model: FittedDecay) -> None:
    """unusual never falls while nothing happens, and begins at 0."""
    for gaps in rhythms_of(model):
        silence = silence_of(model, gaps)
        assert silence[0].unusual == 0, silence[0]
        for before, after in pairwise(silence):
            assert after.unusual >= before.unusual - 1e-12, (before, after)


@check
def a_silence_leaves_the_rhythm_alone(model: FittedDecay) -> None:
    """The usual gap and the horizon are made of past gaps: no contact, no change."""
    for gaps in rhythms_of(model):
        silence = silence_of(model, gaps)
        assert len({(tie.typical_gap_days, tie.dormant_at_days) for tie in silence}) == 1


@check
def the_horizon_is_certainty(model: FittedDecay) -> None:
    """A silence that has reached its horizon has."""
    for gaps in rhythms_of(model):
        for tie in silence_of(model, gaps):
            assert tie.p_dormant == 1 or tie.silent_days < tie.dormant_at_days, tie


@check
def contact_and_dormancy_exclude_each_other(model: FittedDecay) -> None:
    """Contact within 30 days and a silence longer than that are never both likely."""
    for gaps in rhythms_of(model):
        for tie in silence_of(model, gaps):
            if tie.silent_days + 30 <= tie.dormant_at_days:
                assert tie.p_dormant + tie.p_contact_30 <= 1 + 1e-9, tie


@check
def a_longer_silence_is_never_likelier(model: FittedDecay) -> None:
    """The chance to reach a length falls with the length, and is 1 up to what has been."""
    lengths = np.array([*range(0, 400, 7), 730.0, 3652.0, 36524.0])
    for gaps in rhythms_of(model):
        ties = stack([gaps] * len(lengths))
        for silent in (0, 7, 40, 200):
            lasts = model.outlast(ties, np.full(len(lengths), float(silent)), lengths)
            assert ((lasts >= 0) & (np.diff(lasts, prepend=1.0) <= 1e-12)).all(), (gaps, silent)
            assert (lasts[lengths <= silent] == 1).all(), (gaps, silent)


@check
def the_forecast_says_what_outlast_says(model: FittedDecay) -> None:
    """p_dormant is the chance to reach the horizon, p_contact_30 that of not 30 more days."""
    silent_days = np.array(SILENCES, dtype=np.float64)
    for gaps in rhythms_of(model):
        ties = stack([gaps] * len(silent_days))
        told = model.forecast(ties, silent_days)
        to_horizon = model.outlast(ties, silent_days, told.dormant_at_days)
        to_30_more = model.outlast(ties, silent_days, silent_days + 30)
        assert np.abs(told.p_dormant - to_horizon).max() < 1e-9, gaps
        assert np.abs(told.p_contact_30 - (1 - to_30_more)).max() < 1e-9, gaps


@check
def states_only_move_down_within_a_silence(model: FittedDecay) -> None:
    """New, active, cooling, fading, dormant: without contact there is no way back."""
    order = list(State)
    for gaps in rhythms_of(model):
        places = [order.index(tie.state) for tie in silence_of(model, gaps)]
        assert places == sorted(places), (gaps, places)
        assert places[-1] == order.index(State.DORMANT), gaps


@check
def one_contact_clears_the_flag(model: FittedDecay) -> None:
    """One day of contact, however late, and the tie is neither fading nor dormant."""
    for gaps in rhythms_of(model):
        for silent in (30, 60, 120, 300):
            back = add_day(gaps, gaps.last_on + timedelta(silent), model.forget)
            for since in (0, 1):
                assert tie_of(model, back, since).state not in {State.FADING, State.DORMANT}, gaps


@check
def a_tie_scores_the_same_alone_or_among_others(model: FittedDecay) -> None:
    """No tie's forecast hangs on which others are scored beside it, or where."""
    on = max(gaps.last_on for gaps in rhythms_of(model)) + timedelta(40)
    rows: list[Row] = [(ANA, gaps, 9, 9) for gaps in rhythms_of(model)]
    alone = [estimate([row], on=on, model=model)[0] for row in rows]
    assert list(estimate(rows, on=on, model=model)) == alone
    assert list(estimate(rows[::-1], on=on, model=model)) == alone[::-1]


@check
def time_is_an_argument(model: FittedDecay) -> None:
    """The same rhythm and silence in another decade score the same."""
    for gaps in rhythms_of(model):
        now, then = tie_of(model, gaps, 40), tie_of(model, shift(gaps, -9000), 40)
        assert numbers(now) == numbers(then)


@check
def asking_twice_gives_one_answer(model: FittedDecay) -> None:
    """A model remembers nothing and draws no lots."""
    for gaps in rhythms_of(model):
        assert tie_of(model, gaps, 40) == tie_of(model, gaps, 40)


@check
def it_survives_json(model: FittedDecay) -> None:
    """What is written down is the whole model."""
    again = type(model).from_dict(json.loads(json.dumps(model.to_dict())))
    assert again == model
    for gaps in rhythms_of(model):
        assert tie_of(again, gaps, 40) == tie_of(model, gaps, 40)


MODELS: list[FittedDecay] = [
    Renewal(),
    Renewal(prior_gap_days=20, prior_weight=5, prior_df=6, prior_log_sd=0.7, forget=1.0),
    Renewal(dropout_base=-6, dropout_per_log_n=0.0, dormant_days=60, dormant_gaps=5),
    NEUTRAL,
    fit(draw_past(Renewal(odds_base=-0.4, odds_per_seen=-0.6), 2000, seed=8), NEUTRAL),
]


@pytest.mark.parametrize("model", MODELS, ids=["shipped", "stubborn", "hasty", "neutral", "fitted"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_keeps_the_contract(check: Check, model: FittedDecay) -> None:
    check(model)


BROKEN: list[tuple[FittedDecay, Check]] = [
    (ForgetsToDivide(), probabilities_are_probabilities),
    (ReturnsNoNumber(), probabilities_are_probabilities),
    (Hopes(), dormancy_only_grows_likelier_within_a_silence),
    (Hopes(), states_only_move_down_within_a_silence),
    (CountsItsOwnSilence(), a_silence_leaves_the_rhythm_alone),
    (TurnsUnusualAround(), a_silence_only_grows_more_unusual),
    (NeverSure(), the_horizon_is_certainty),
    (CountsTheSameChanceTwice(), contact_and_dormancy_exclude_each_other),
    (LosesSightFarAhead(), a_longer_silence_is_never_likelier),
    (DoubtsWhatHasBeen(), a_longer_silence_is_never_likelier),
    (ForeseesTwoFutures(), the_forecast_says_what_outlast_says),
    (NeverSleeps(), states_only_move_down_within_a_silence),
    (BearsAGrudge(), one_contact_clears_the_flag),
    (Ranks(), a_tie_scores_the_same_alone_or_among_others),
    (LooksAtTheClock(), time_is_an_argument),
    (Remembers(), asking_twice_gives_one_answer),
    (WritesDownHalf(), it_survives_json),
]


@pytest.mark.parametrize(
    ("broken", "check"), BROKEN, ids=lambda one: getattr(one, "__name__", type(one).__name__)
)
def test_the_contract_has_teeth(broken: FittedDecay, check: Check) -> None:
    with pytest.raises(AssertionError):
        check(broken)


def test_every_check_has_a_model_it_rejects() -> None:
    assert {check for _, check in BROKEN} == set(CHECKS)


def test_the_gallery_is_broken_in_one_thing_only() -> None:
    """The harness itself is sound: unspoilt, it keeps every check."""
    for duty in CHECKS:
        duty(Spoilt())


def test_the_fitted_model_of_the_contract_is_not_the_one_it_began_from() -> None:
    assert MODELS[-1] != MODELS[-2]


def test_a_forecast_has_one_number_a_tie() -> None:
    rhythms = Rhythms(*(np.ones(3) for _ in fields(Rhythms)))
    for model in MODELS:
        forecast = model.forecast(rhythms, np.zeros(3))
        assert all(getattr(forecast, field.name).shape == (3,) for field in fields(Forecast))
