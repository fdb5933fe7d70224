"""The renewal model says what its formulas say, and keeps its promises whatever the numbers."""

from dataclasses import fields, replace
from math import exp, log, log1p, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.ties.estimate import stack
from daemon.ties.models.protocol import Floats, Forecast, Rhythms
from daemon.ties.models.renewal import Renewal
from tests.core.ties.rhythms import (
    MODELS,
    NEUTRAL,
    RHYTHMS,
    SILENCES,
    WILD,
    column,
    pick,
    pile,
    rhythm_of,
)

PROBABILITIES = ("p_dormant", "p_contact_30", "unusual")
EVERY_LENGTH = np.array([0, 0.5, *range(1, 200), 250, 365, 730, 1461, 3652, 1e5, 1e7, 1e9])


def rhythm(
    n: float = 10,
    weight: float = 6,
    mean: float = 2,
    scatter: float = 1,
    recent: float = 4,
    seen: float = 0,
) -> Rhythms:
    return Rhythms(*map(column, (n, weight, mean, scatter, recent, seen)))


def forecast_one(tie: Rhythms, silent: float, model: Renewal = Renewal()) -> Forecast:  # noqa: B008 -- immutable
    return model.forecast(tie, column(silent))


def over_time(model: Renewal, tie: Rhythms, silences: Floats) -> Forecast:
    """The forecast of one tie at each of these silences."""
    return model.forecast(pile([tie] * len(silences)), silences)


BY_HAND = [
    (1, 0, 0, 0, 1, 0, 12),
    (3, 1.9, 2.0, 0.4, 2.7, 0, 0),
    (16, 7.9, 2.2, 0.3, 5.9, 40, 46),
    (90, 9.9, 4.6, 6.0, 6.1, 3, 150),
    (400, 9.99, 0.7, 5.0, 60, 0, 9),
]
MODELS_BY_HAND = {
    "neutral": NEUTRAL,
    "shipped": Renewal(),
    "another": Renewal(
        **{"prior_gap_days": 20, "prior_weight": 5, "prior_df": 6, "prior_log_sd": 0.7},
        **{"dropout_base": -1, "dropout_per_log_n": -0.2, "dormant_days": 60, "dormant_gaps": 5},
        **{"odds_base": -0.4, "odds_scale": 1.3, "odds_per_recent": 0.1, "odds_per_seen": -0.6},
    ),
}


@pytest.mark.parametrize("name", MODELS_BY_HAND)
@pytest.mark.parametrize(("n", "weight", "mean", "scatter", "recent", "seen", "silent"), BY_HAND)
def test_the_forecast_is_the_formulas_worked_by_hand(
    name: str,
    n: float,
    weight: float,
    mean: float,
    scatter: float,
    recent: float,
    seen: float,
    silent: float,
) -> None:
    model = MODELS_BY_HAND[name]
    k, nu = model.prior_weight + weight, model.prior_df + weight
    away = mean - log(model.prior_gap_days)
    mu = (model.prior_weight * log(model.prior_gap_days) + weight * mean) / k
    total = model.prior_df * model.prior_log_sd**2 + scatter
    s = sqrt((total + model.prior_weight * weight / k * away**2) / nu * (1 + 1 / k))
    q = 1 / (1 + exp(-(model.dropout_base + model.dropout_per_log_n * (log(n) - 2))))
    horizon = max(model.dormant_days, model.dormant_gaps * exp(mu))
    of_late, in_passing = model.odds_per_recent * min(recent, 6), log1p(seen) * model.odds_per_seen

    def survive(t: float) -> float:
        """The log-logistic law: a logistic one of scale 0.6 s in the logarithm of the gap."""
        return 1.0 if t < 1 else 1 / (1 + exp((log(t - 0.5) - mu) / (0.6 * s)))

    def last(until: float) -> float:
        raw = (q + (1 - q) * survive(until)) / (q + (1 - q) * survive(silent))
        log_odds = log(raw / (1 - raw))
        return 1 / (
            1 + exp(-(model.odds_base + model.odds_scale * log_odds + of_late + in_passing))
        )

    got = forecast_one(rhythm(n, weight, mean, scatter, recent, seen), silent, model)
    assert got.p_dormant[0] == pytest.approx(1 if silent >= horizon else last(horizon), rel=1e-9)
    assert got.p_contact_30[0] == pytest.approx(1 - last(silent + 30), abs=1e-12)
    assert got.unusual[0] == pytest.approx(1 - survive(silent), abs=1e-12)
    assert got.typical_gap_days[0] == pytest.approx(exp(mu))
    assert got.dormant_at_days[0] == pytest.approx(horizon)


def test_the_defaults_that_are_the_designs_are_those_of_the_design_notes() -> None:
    shipped = Renewal().to_dict()
    # What adjusts the odds is the benchmark's to say.
    assert {name: value for name, value in shipped.items() if not name.startswith("odds_")} == {
        "prior_gap_days": 8.0,
        "prior_weight": 2.0,
        "prior_df": 3.0,
        "prior_log_sd": 1.1,
        "forget": 0.9,
        "dropout_base": -3.0,
        "dropout_per_log_n": -0.8,
        "dormant_days": 180,
        "dormant_gaps": 3.0,
        "day": 1.0,
    }


def test_contact_today_is_no_silence_at_all() -> None:
    assert forecast_one(rhythm(), 0).unusual[0] == 0


def test_half_the_gaps_are_longer_than_the_usual_one() -> None:
    got = forecast_one(rhythm(), 0)
    at_it = forecast_one(rhythm(), float(got.typical_gap_days[0]) + 0.5)
    assert at_it.unusual[0] == pytest.approx(0.5)


def test_a_tie_nothing_is_known_of_has_the_gap_of_the_prior() -> None:
    assert forecast_one(rhythm(1, 0, 0, 0, 1), 5).typical_gap_days[0] == pytest.approx(8)


def test_a_slow_tie_is_given_three_of_its_own_gaps() -> None:
    got = forecast_one(rhythm(30, 9, log(200), 0.5), 300)
    assert got.dormant_at_days[0] == pytest.approx(3 * got.typical_gap_days[0])
    assert got.dormant_at_days[0] > 300


def test_at_the_horizon_the_silence_is_certain_to_have_lasted() -> None:
    assert forecast_one(rhythm(), 179).p_dormant[0] < 1
    assert forecast_one(rhythm(), 180).p_dormant[0] == 1


def test_older_ties_end_less_easily() -> None:
    young, old = (forecast_one(rhythm(n), 20).p_dormant[0] for n in (8, 200))
    assert old < young


def test_much_contact_of_late_makes_a_silence_less_likely_to_last() -> None:
    few, some, many, more = (
        forecast_one(rhythm(recent=recent), 40).p_dormant[0] for recent in (1, 3, 6, 60)
    )
    assert few > some > many == more


def test_what_is_longer_than_any_life_has_a_length_all_the_same() -> None:
    endless = rhythm(9, 1e6, 1e3, 0)
    assert forecast_one(endless, 5).typical_gap_days[0] == pytest.approx(1e9)
    seconds = replace(Renewal(), day=86_400.0)
    assert forecast_one(endless, 5, seconds).typical_gap_days[0] == pytest.approx(8.64e13)


@given(WILD, RHYTHMS, st.integers(0, 10**6), st.integers(0, 10**6))
@example(  # both ways to stay silent underflow: 0/0
    model=Renewal(prior_gap_days=1.0, prior_weight=1.0, prior_log_sd=0.001, dropout_base=-1e4),
    tie=rhythm(1, 1e6, 0, 0),
    silent=179,
    until=180,
)
@example(  # the odds of contact are beyond all numbers
    model=Renewal(dropout_base=-1e4, odds_base=-1e4, odds_scale=4, prior_log_sd=0.001),
    tie=rhythm(1, 1e6, 0, 0),
    silent=0,
    until=10**6,
)
def test_whatever_the_numbers_every_answer_is_a_number_in_its_range(
    model: Renewal, tie: Rhythms, silent: int, until: int
) -> None:
    got = forecast_one(tie, silent, model)
    for field in fields(Forecast):
        assert np.isfinite(getattr(got, field.name)).all(), field.name
    for name in PROBABILITIES:
        assert 0 <= getattr(got, name)[0] <= 1, name
    assert 0 <= model.outlast(tie, column(silent), column(until))[0] <= 1
    assert got.dormant_at_days[0] >= 180


@given(st.one_of(MODELS, WILD), RHYTHMS)
def test_while_a_silence_lasts_it_only_grows_likelier_to_last(model: Renewal, tie: Rhythms) -> None:
    got = over_time(model, tie, EVERY_LENGTH)
    assert (np.diff(got.p_dormant) >= -1e-12).all()
    assert (np.diff(got.unusual) >= -1e-12).all()
    assert len({*got.dormant_at_days.tolist()}) == len({*got.typical_gap_days.tolist()}) == 1
    assert ((got.p_dormant == 1) | (got.dormant_at_days > EVERY_LENGTH)).all()
    assert got.unusual[0] == 0


@given(st.one_of(MODELS, WILD), RHYTHMS, SILENCES)
def test_a_longer_silence_is_never_the_likelier_to_come(
    model: Renewal, tie: Rhythms, silent: int
) -> None:
    ties = pile([tie] * len(EVERY_LENGTH))
    lasts = model.outlast(ties, np.full(len(EVERY_LENGTH), float(silent)), EVERY_LENGTH)
    assert (np.diff(lasts) <= 1e-12).all()
    assert (lasts[silent >= EVERY_LENGTH] == 1).all()


@given(st.one_of(MODELS, WILD), RHYTHMS, SILENCES)
def test_both_chances_of_the_forecast_are_chances_to_outlast(
    model: Renewal, tie: Rhythms, silent: int
) -> None:
    now = column(silent)
    got = model.forecast(tie, now)
    np.testing.assert_array_equal(got.p_dormant, model.outlast(tie, now, got.dormant_at_days))
    np.testing.assert_array_equal(got.p_contact_30, 1 - model.outlast(tie, now, now + 30))


def in_unit(model: Renewal, c: float) -> Renewal:
    """The same model with ``c`` of its new units to the old one."""
    gap, day = c * model.prior_gap_days, c * model.day
    return replace(model, prior_gap_days=gap, dormant_days=c * model.dormant_days, day=day)


@given(
    MODELS,
    RHYTHMS,
    SILENCES,
    st.integers(1, 400),
    st.one_of(st.sampled_from((24.0, 1440.0, 86_400.0, 1 / 7)), st.floats(1e-3, 1e5)),
)
@example(Renewal(), rhythm(9, 9.9, log(20_000), 1, 1, 30), 99, 40, 86_400.0)  # 55 years a gap
def test_in_another_unit_of_time_all_chances_are_the_same(
    model: Renewal, tie: Rhythms, silent: int, more: int, c: float
) -> None:
    other = replace(tie, mean=tie.mean + log(c), seen_days=c * tie.seen_days)
    ours, theirs = (
        forecast_one(tie, silent, model),
        forecast_one(other, c * silent, in_unit(model, c)),
    )
    for name in PROBABILITIES:
        assert getattr(theirs, name)[0] == pytest.approx(getattr(ours, name)[0], abs=1e-6), name
    assert theirs.typical_gap_days[0] == pytest.approx(c * ours.typical_gap_days[0], rel=1e-6)
    assert theirs.dormant_at_days[0] == pytest.approx(c * ours.dormant_at_days[0], rel=1e-6)
    lasts = model.outlast(tie, column(silent), column(silent + more))
    same = in_unit(model, c).outlast(other, column(c * silent), column(c * silent + c * more))
    assert same[0] == pytest.approx(lasts[0], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(MODELS, st.lists(st.tuples(RHYTHMS, SILENCES), min_size=1, max_size=40), st.randoms())
def test_a_tie_scores_the_same_alone_or_among_others_to_the_last_bit(
    model: Renewal, ties: list[tuple[Rhythms, int]], order: object
) -> None:
    together = pile([tie for tie, _ in ties])
    silent = column(*(days for _, days in ties))
    places = sorted(range(len(ties)), key=lambda _: order.random())  # type: ignore[attr-defined]  # a Random
    shuffled = model.forecast(pick(together, places), silent[places])
    among, lasts = model.forecast(together, silent), model.outlast(together, silent, 2 * silent + 9)
    for field in fields(Forecast):
        alone = [getattr(model.forecast(tie, column(days)), field.name)[0] for tie, days in ties]
        assert getattr(among, field.name).tolist() == alone, field.name
        assert getattr(shuffled, field.name).tolist() == [alone[place] for place in places]
    once = [model.outlast(tie, column(days), column(2 * days + 9))[0] for tie, days in ties]
    assert lasts.tolist() == once


@given(RHYTHMS, SILENCES, st.floats(0, 1000), st.floats(0, 1000))
def test_who_was_seen_in_passing_is_never_the_likelier_to_be_gone(
    tie: Rhythms, silent: int, seen: float, longer: float
) -> None:
    before, after = (
        forecast_one(replace(tie, seen_days=column(days)), silent) for days in (seen, seen + longer)
    )
    assert after.p_dormant[0] <= before.p_dormant[0] + 1e-12
    assert after.p_contact_30[0] >= before.p_contact_30[0] - 1e-12
    assert after.unusual[0] == before.unusual[0]


def test_who_was_seen_in_passing_is_likelier_to_be_back() -> None:
    unseen, seen = (
        Renewal().forecast(stack([rhythm_of([9] * 8, days)]), column(40)) for days in (0, 35)
    )
    assert seen.p_dormant[0] < unseen.p_dormant[0] - 0.05


@pytest.mark.parametrize(
    "settings",
    [
        {"prior_log_sd": 0.0},
        {"forget": 1.1},
        {"forget": 0.0},
        {"prior_df": float("nan")},
        {"odds_scale": 0.0},
        {"odds_scale": -1.0},
        {"odds_scale": 4.1},
        {"day": 0.0},
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Renewal.from_dict(settings)


def test_a_name_that_is_no_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="no such setting: forgets"):
        Renewal.from_dict({"forgets": 0.9})
