"""Every decay model keeps the contract, and the contract has teeth."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import count, pairwise
from typing import Self

import numpy as np
import pytest

from daemon.people.model import PersonId
from daemon.ties.estimate import Row, estimate
from daemon.ties.gaps import GapState, add_day, fold
from daemon.ties.model import State, Tie
from daemon.ties.models.protocol import FittedDecay, Floats, Forecast, Rhythms
from daemon.ties.models.renewal import Renewal

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
    return [fold(days_of(gaps), model.forget) for gaps in PAST_GAPS]


def days_of(gaps: tuple[int, ...]) -> Iterator[date]:
    yield (day := START)
    for gap in gaps:
        yield (day := day + timedelta(gap))


def tie_of(model: FittedDecay, gaps: GapState, silent: int) -> Tie:
    row: Row = (ANA, gaps, 9, 9)
    (tie,) = estimate([row], on=gaps.last_on + timedelta(silent), model=model)
    return tie


def silence_of(model: FittedDecay, gaps: GapState) -> list[Tie]:
    return [tie_of(model, gaps, silent) for silent in SILENCES]


def shift(gaps: GapState, days: int) -> GapState:
    moved = timedelta(days)
    return replace(gaps, last_on=gaps.last_on + moved, first_on=gaps.first_on + moved)


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
            assert tie_of(model, back, 0).state not in {State.FADING, State.DORMANT}, gaps


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
]


@pytest.mark.parametrize("model", MODELS, ids=["unfitted", "stubborn", "hasty"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_keeps_the_contract(check: Check, model: FittedDecay) -> None:
    check(model)


@dataclass(frozen=True)
class Spoilt:
    """The renewal model with one thing gone wrong; each subclass says which."""

    settings: Renewal = Renewal()  # noqa: RUF009 -- immutable: one instance serves all

    @property
    def forget(self) -> float:
        return self.settings.forget

    def forecast(self, rhythms: Rhythms, silent_days: Floats, /) -> Forecast:
        return self.spoil(self.settings.forecast(rhythms, silent_days), silent_days)

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        raise NotImplementedError

    def to_dict(self) -> dict[str, float]:
        return self.settings.to_dict()

    @classmethod
    def from_dict(cls, settings: Mapping[str, float], /) -> Self:
        return cls(Renewal.from_dict(settings))


class ForgetsToDivide(Spoilt):
    """Odds where a probability should be."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / 0.4)


class ReturnsNoNumber(Spoilt):
    """0/0 in the far tail."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, p_dormant=np.where(silent_days > 600, np.nan, forecast.p_dormant))


class Hopes(Spoilt):
    """Expects a return after half a year: right of some ties, and a flag that flickers."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        factor = np.where((silent_days > 90) & (silent_days < 120), 0.5, 1.0)
        return replace(forecast, p_dormant=forecast.p_dormant * factor)


class CountsItsOwnSilence(Spoilt):
    """Lets the open gap stretch the rhythm it is measured by: the overdue ratio's flaw."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, typical_gap_days=forecast.typical_gap_days + silent_days / 9)


class TurnsUnusualAround(Spoilt):
    """The share of longer gaps in the place of the shorter."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, unusual=1 - forecast.unusual)


class NeverSure(Spoilt):
    """Still hopes when the horizon is behind."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_dormant=np.minimum(forecast.p_dormant, 0.99))


class CountsTheSameChanceTwice(Spoilt):
    """Contact soon and silence for long, both likely."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=np.sqrt(forecast.p_contact_30))


class NeverSleeps(Spoilt):
    """A horizon that recedes, so that no tie is ever dormant."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, dormant_at_days=silent_days + 30)


class BearsAGrudge(Spoilt):
    """A tie that has had a long gap stays in doubt after the contact that ended it."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        slow = forecast.typical_gap_days > 20
        return replace(forecast, p_dormant=np.where(slow, 1.0, forecast.p_dormant))


class Ranks(Spoilt):
    """Scores a tie against the others in the room."""

    def spoil(self, forecast: Forecast, silent_days: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / len(silent_days))


class LooksAtTheClock(Spoilt):
    """Measures a little of its silence by the wall clock."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, unusual=forecast.unusual * (1 - time.perf_counter() / 1e9))


_asked = count(1)


class Remembers(Spoilt):
    """Answers otherwise the more often it is asked."""

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return replace(forecast, p_contact_30=forecast.p_contact_30 / next(_asked))


class WritesDownHalf(Spoilt):
    """Leaves out of its description what it was fitted to."""

    def __init__(self, settings: Renewal = Renewal(prior_gap_days=20)) -> None:  # noqa: B008 -- immutable
        super().__init__(settings)

    def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
        return forecast

    def to_dict(self) -> dict[str, float]:
        return {"forget": self.forget}


BROKEN: list[tuple[FittedDecay, Check]] = [
    (ForgetsToDivide(), probabilities_are_probabilities),
    (ReturnsNoNumber(), probabilities_are_probabilities),
    (Hopes(), dormancy_only_grows_likelier_within_a_silence),
    (Hopes(), states_only_move_down_within_a_silence),
    (CountsItsOwnSilence(), a_silence_leaves_the_rhythm_alone),
    (TurnsUnusualAround(), a_silence_only_grows_more_unusual),
    (NeverSure(), the_horizon_is_certainty),
    (CountsTheSameChanceTwice(), contact_and_dormancy_exclude_each_other),
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

    class Sound(Spoilt):
        def spoil(self, forecast: Forecast, _: Floats, /) -> Forecast:
            return forecast

    for duty in CHECKS:
        duty(Sound())


def test_a_forecast_has_one_number_a_tie() -> None:
    rhythms = Rhythms(*(np.ones(3) for _ in fields(Rhythms)))
    for model in MODELS:
        forecast = model.forecast(rhythms, np.zeros(3))
        assert all(getattr(forecast, field.name).shape == (3,) for field in fields(Forecast))
