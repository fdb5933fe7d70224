"""The fit finds what made the past, trusts little past little, and returns a sound model."""

import time
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from daemon.ties.fit import ALIKE, ODDS, RHYTHM, START_SD, fit
from daemon.ties.models.protocol import FittedDecay, Floats
from daemon.ties.models.renewal import Renewal
from daemon.ties.snapshots import Snapshots
from tests.core.ties.rhythms import MODELS, NEUTRAL, draw_past, pick
from tests.core.ties.spoilt import Spoilt

TRUTH = replace(NEUTRAL, odds_base=0.8, odds_scale=0.7, odds_per_recent=-0.2, odds_per_seen=-0.4)
OF_SCALE = {"prior_gap_days", "prior_weight", "prior_df", "prior_log_sd", "odds_scale"}
SEEDS = st.integers(0, 10**6)


def odds_of(model: FittedDecay) -> dict[str, float]:
    return {name: model.to_dict()[name] for name in ODDS}


def moved(model: FittedDecay, start: Renewal) -> dict[str, float]:
    """How far each parameter has come, in the unit in which the prior expects it near."""
    begun, done = start.to_dict(), model.to_dict()
    return {
        name: float(np.log(done[name] / begun[name]))
        if name in OF_SCALE
        else done[name] - begun[name]
        for name in (*ODDS, *RHYTHM)
    }


def loss_of(
    model: FittedDecay, past: Snapshots, start: Renewal, weights: Floats | None = None
) -> float:
    """What a fit makes small, by its description: the mean log loss, and the pull's price."""
    each = np.ones(len(past)) if weights is None else weights
    chance = model.outlast(past.rhythms, past.silent_days, past.until_days)
    given = np.clip(np.where(past.is_lasting, chance, 1 - chance), 1e-9, 1)
    far = sum(by**2 for by in moved(model, start).values())
    mean = float(-(each @ np.log(given)) / each.sum())
    return mean + far * ALIKE / (2 * START_SD**2 * float(each.sum()))


def chosen(past: Snapshots, places: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Snapshots:
    """These snapshots in this order, each as often as it is named."""
    return Snapshots(
        pick(past.rhythms, places.tolist()),
        past.silent_days[places],
        past.until_days[places],
        past.is_lasting[places],
        past.on[places],
    )


def terms_of(past: Snapshots) -> Floats:
    """What the four odds multiply: the odds' adjustment is a logistic regression on these."""
    plain = NEUTRAL.outlast(past.rhythms, past.silent_days, past.until_days)
    recent, seen = past.rhythms.recent, past.rhythms.seen_days
    return np.column_stack(
        [np.ones(len(past)), np.log(plain / (1 - plain)), np.minimum(recent, 6), np.log1p(seen)]
    )


def errors_of(past: Snapshots) -> dict[str, float]:
    """The standard error of each of the odds, from the information at the truth."""
    terms = terms_of(past)
    p = TRUTH.outlast(past.rhythms, past.silent_days, past.until_days)
    covariance = np.linalg.inv((terms * (p * (1 - p))[:, None]).T @ terms)
    return dict(zip(ODDS, np.sqrt(np.diag(covariance)).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_the_odds_that_made_the_past_are_found_again(seed: int) -> None:
    past = draw_past(TRUTH, 20_000, seed)
    found, errors = odds_of(fit(past, NEUTRAL)), errors_of(past)
    for name, wanted in odds_of(TRUTH).items():
        assert abs(found[name] - wanted) < 4 * errors[name], (name, found[name], errors[name])
        assert errors[name] < 0.07, name


def test_it_lands_where_another_optimiser_does() -> None:
    past = draw_past(TRUTH, 3000, seed=3)
    terms, sign = terms_of(past), np.where(past.is_lasting, -1.0, 1.0)

    def lose(place: Floats) -> float:
        by = place * [1, 0, 1, 1] + [0, np.exp(place[1]), 0, 0]
        price = ALIKE / (2 * START_SD**2 * len(past)) * float(place @ place)
        return float(np.logaddexp(0, sign * (terms @ by)).mean()) + price

    wanted = minimize(lose, np.zeros(4), method="BFGS", options={"gtol": 1e-9}).x
    found = [moved(fit(past, NEUTRAL), NEUTRAL)[name] for name in ODDS]
    assert found == pytest.approx(wanted.tolist(), abs=2e-3)


def test_all_ten_parameters_foretell_no_worse_than_what_made_the_past() -> None:
    truth = replace(TRUTH, prior_gap_days=14.0, prior_log_sd=0.8, dropout_base=-2.0)
    past = draw_past(truth, 5000, seed=4)
    found = fit(past, NEUTRAL, (*RHYTHM, *ODDS))
    assert loss_of(found, past, NEUTRAL) <= loss_of(truth, past, NEUTRAL)
    assert loss_of(found, past, NEUTRAL) <= loss_of(fit(past, NEUTRAL), past, NEUTRAL)


@pytest.mark.parametrize("seed", range(5))
def test_a_past_of_the_model_itself_leaves_it_about_where_it_is(seed: int) -> None:
    start = Renewal()
    by = moved(fit(draw_past(start, 20_000, seed), start), start)
    assert max(map(abs, by.values())) < 0.25


@given(MODELS, SEEDS, st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_on_few_snapshots_it_hardly_moves(truth: Renewal, seed: int, n: int) -> None:
    past = draw_past(truth, n, seed)
    by = moved(fit(past, NEUTRAL), NEUTRAL)
    # The slope of n snapshots against the pull of ten: no term is above 6, but the log-odds.
    largest = np.abs(terms_of(past)).sum(axis=0).max()
    assert max(map(abs, by.values())) <= START_SD**2 / ALIKE * largest * 1.5


def test_the_more_there_is_to_learn_from_the_nearer_it_comes() -> None:
    past = draw_past(TRUTH, 10_000, seed=5)
    off = []
    for n in (1, 30, 1000, 10_000):
        found = fit(past.where(np.arange(len(past)) < n), NEUTRAL).to_dict()
        off.append(sum(abs(found[name] - wanted) for name, wanted in odds_of(TRUTH).items()))
    assert off == sorted(off, reverse=True)
    assert off[0] > 1.4
    assert off[-1] < 0.25


def test_the_same_past_gives_the_same_model_to_the_last_bit() -> None:
    past = draw_past(TRUTH, 500, seed=6)
    assert fit(past, NEUTRAL) == fit(draw_past(TRUTH, 500, seed=6), NEUTRAL)


@given(
    MODELS,
    MODELS,
    SEEDS,
    st.integers(1, 300),
    st.lists(st.sampled_from((*ODDS, *RHYTHM)), min_size=1, unique=True),
)
@settings(max_examples=40, deadline=None)
def test_it_never_foretells_the_past_worse_than_where_it_began(
    truth: Renewal, start: Renewal, seed: int, n: int, names: list[str]
) -> None:
    past = draw_past(truth, n, seed)
    found = fit(past, start, names)
    assert loss_of(found, past, start) <= loss_of(start, past, start) + 1e-12
    kept = {name: value for name, value in start.to_dict().items() if name not in names}
    assert kept.items() <= found.to_dict().items()


def test_a_weight_of_two_is_a_snapshot_given_twice() -> None:
    past = draw_past(TRUTH, 400, seed=7)
    twice = np.arange(len(past)) % 3 == 0
    weighted = fit(past, NEUTRAL, weights=np.where(twice, 2.0, 1.0))
    repeated = fit(
        chosen(past, np.concatenate([np.arange(len(past)), np.flatnonzero(twice)])), NEUTRAL
    )
    assert odds_of(weighted) == pytest.approx(odds_of(repeated), abs=1e-9)
    assert odds_of(weighted) != pytest.approx(odds_of(fit(past, NEUTRAL)), abs=1e-3)


def test_a_weight_of_nothing_is_no_snapshot_at_all() -> None:
    past = draw_past(TRUTH, 400, seed=8)
    half = np.arange(len(past)) < 200
    weighted = fit(past, NEUTRAL, weights=np.where(half, 1.0, 0.0))
    assert odds_of(weighted) == pytest.approx(odds_of(fit(past.where(half), NEUTRAL)), abs=1e-9)


@pytest.mark.parametrize("is_lasting", [True, False], ids=["all lasted", "none lasted"])
@pytest.mark.parametrize("names", [ODDS, (*RHYTHM, *ODDS)], ids=["odds", "all"])
def test_a_past_with_one_outcome_is_believed_and_blows_nothing_up(
    is_lasting: bool, names: tuple[str, ...]
) -> None:
    past = draw_past(TRUTH, 2000, seed=9)
    past = replace(past, is_lasting=np.full(len(past), is_lasting))
    found = fit(past, Renewal(), names)
    assert all(np.isfinite(list(found.to_dict().values())))
    before, after = (
        model.outlast(past.rhythms, past.silent_days, past.until_days).mean()
        for model in (Renewal(), found)
    )
    assert abs(after - is_lasting) < 0.5 * abs(before - is_lasting)
    assert max(map(abs, moved(found, Renewal()).values())) < 10


EXTREMES: Mapping[str, Callable[[Snapshots], Snapshots]] = {
    "nothing unusual": lambda past: past,
    "gaps of a lifetime": lambda past: replace(
        past, rhythms=replace(past.rhythms, mean=past.rhythms.mean + 8)
    ),
    "gaps of a day": lambda past: replace(
        past,
        rhythms=replace(
            past.rhythms,
            mean=np.zeros_like(past.until_days),
            scatter=np.zeros_like(past.until_days),
        ),
    ),
    "asked far ahead": lambda past: replace(past, until_days=past.until_days + 36_500),
    "asked of tomorrow": lambda past: replace(past, until_days=past.silent_days + 1),
    "a million days": lambda past: replace(
        past, rhythms=replace(past.rhythms, n_days=past.rhythms.n_days * 1e6)
    ),
}


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("turned", [False, True], ids=["as it came", "turned round"])
def test_whatever_the_past_what_is_fitted_is_a_sound_model(extreme: str, turned: bool) -> None:
    past = EXTREMES[extreme](draw_past(TRUTH, 500, seed=10))
    past = replace(past, is_lasting=past.is_lasting ^ turned)
    found = fit(past, Renewal(), (*RHYTHM, *ODDS))
    assert isinstance(found, Renewal)
    assert Renewal.from_dict(found.to_dict()) == found
    told = found.forecast(past.rhythms, past.silent_days)
    assert all(np.isfinite(getattr(told, field.name)).all() for field in fields(told))
    assert loss_of(found, past, Renewal()) <= loss_of(Renewal(), past, Renewal())


@given(
    st.fixed_dictionaries(
        {
            "prior_gap_days": st.floats(1e-3, 1e6),
            "prior_weight": st.floats(1e-3, 1e4),
            "prior_log_sd": st.floats(1e-2, 1e2),
            "dropout_base": st.floats(-100, 100),
            "odds_base": st.floats(-100, 100),
            "odds_scale": st.floats(1e-3, 4),
            "odds_per_seen": st.floats(-30, 30),
        }
    ),
    SEEDS,
)
@settings(max_examples=20, deadline=None)
def test_from_wherever_it_starts_what_is_fitted_is_a_sound_model(
    wild: dict[str, float], seed: int
) -> None:
    past = draw_past(TRUTH, 60, seed)
    start = replace(NEUTRAL, **wild)
    found = fit(past, start, (*RHYTHM, *ODDS))
    assert isinstance(found, Renewal)
    assert Renewal.from_dict(found.to_dict()) == found
    assert loss_of(found, past, start) <= loss_of(start, past, start) + 1e-12


def test_where_the_past_wants_a_step_the_odds_are_as_steep_as_they_may_be() -> None:
    past = draw_past(TRUTH, 2000, seed=13)
    past = replace(past, is_lasting=terms_of(past)[:, 1] > 0)
    assert odds_of(fit(past, replace(NEUTRAL, odds_scale=3.5)))["odds_scale"] == 4


def test_another_kind_of_model_is_returned_as_it_is() -> None:
    other = Spoilt()
    assert fit(draw_past(TRUTH, 50, seed=11), other) is other


def test_twenty_thousand_snapshots_are_fitted(capsys: pytest.CaptureFixture[str]) -> None:
    past = draw_past(TRUTH, 20_000, seed=12)
    began = time.process_time()
    found = fit(past, NEUTRAL)
    took = time.process_time() - began
    with capsys.disabled():
        print(f" 20,000 snapshots fitted in {took:.2f} s ", end="")
    assert odds_of(found) == pytest.approx(odds_of(TRUTH), abs=0.3)
