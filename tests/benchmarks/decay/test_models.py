"""What every model promises, and what each rule says of a tie one can work out by hand."""

from contextlib import suppress

import numpy as np
import pytest

from benchmarks.decay.columns import lay_out
from benchmarks.decay.cuts import Examples, join_examples
from benchmarks.decay.metrics import auc
from benchmarks.decay.models import features
from benchmarks.decay.models.calibrate import fit_curve
from benchmarks.decay.models.protocol import Model, TooLittle
from benchmarks.decay.models.roster import MODELS
from benchmarks.decay.models.tie_decay import TieDecay, remain
from benchmarks.decay.rows import Past, Rows
from tests.benchmarks.decay.builders import made_field, only_tie, talk

NOTHING = join_examples([])
COLUMN = lay_out(made_field(4), 30, None)
BY_NAME = {model.name: model for model in MODELS}
LEARNS = ("tie decay", "BG/NBD", "Pareto/NBD", "gradient boosting", "six-term logistic")


def one_row(days: list[int], on: int) -> Rows:
    return Rows((Past(only_tie(talk("a", "b", days)), on),))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.name))
def test_a_model_gives_a_chance_to_every_tie_and_the_same_alone(model: Model) -> None:
    fitted = model.fit(COLUMN.training)
    rows, horizon = COLUMN.test.rows, COLUMN.test.horizon
    chance = fitted.score(rows, horizon)
    assert chance.shape == (len(rows),)
    assert ((chance >= 0) & (chance <= 1)).all()
    for k in (0, len(rows) // 2, len(rows) - 1):
        alone = np.zeros(len(rows), dtype=bool)
        alone[k] = True
        assert fitted.score(rows.where(alone), horizon[alone])[0] == pytest.approx(chance[k])


@pytest.mark.parametrize("name", LEARNS)
def test_a_model_that_learns_says_when_there_is_too_little(name: str) -> None:
    with pytest.raises(TooLittle, match="0 examples"):
        BY_NAME[name].fit(NOTHING)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.name))
def test_whatever_else_there_is_ranks_without_any_training(model: Model) -> None:
    with suppress(TooLittle):
        chance = model.fit(NOTHING).score(COLUMN.test.rows, COLUMN.test.horizon)
        assert ((chance >= 0) & (chance <= 1)).all()


@pytest.mark.parametrize("name", ["recency", "overdue ratio", "fixed 30 days"])
def test_calibration_keeps_the_order(name: str) -> None:
    test = COLUMN.test
    raw = BY_NAME[name].fit(NOTHING).score(test.rows, test.horizon)
    learnt = BY_NAME[name].fit(COLUMN.training).score(test.rows, test.horizon)
    assert auc(test.is_silent, learnt) == pytest.approx(auc(test.is_silent, raw))


def test_a_curve_finds_the_law_that_made_the_outcomes() -> None:
    chance = np.random.default_rng(2)
    rank = chance.normal(50, 10, 40_000)
    outcome = chance.random(40_000) < 1 / (1 + np.exp(-(rank - 55) / 5))
    base, slope = fit_curve(rank, outcome, np.ones(40_000))
    assert (base, slope) == pytest.approx((-11, 0.2), rel=0.03)


def test_contact_days_lose_half_in_a_half_life() -> None:
    assert remain(one_row([0, 10, 20], 30), 10.0).tolist() == [1 / 8 + 1 / 4 + 1 / 2]


def test_the_half_life_is_the_one_that_ranks_best() -> None:
    """Two kinds of ties: many days long ago fall silent, few but late ones do not."""
    pasts, silent = [], []
    for k in range(40):
        old = only_tie(talk("a", "b", [*range(k, k + 20), 240 + k % 7]))
        new = only_tie(talk("a", "b", [250 + k % 9, 252 + k % 9, 280 + k % 9]))
        pasts += [Past(old, 300), Past(new, 300)]
        silent += [True, False]
    examples = Examples(Rows(tuple(pasts)), np.full(80, 30.0), np.array(silent))
    chance = TieDecay().fit(examples).score(examples.rows, examples.horizon)
    assert auc(examples.is_silent, chance) == 1


def test_features_say_what_their_names_say() -> None:
    rows = one_row([0, 10, 12, 40], 50)
    found = {name: values.tolist()[0] for name, values in features.describe(rows).items()}
    assert len(found) >= 40
    assert found["silence"] == 10
    assert (found["n_days"], found["age"]) == (4, 50)
    assert found["mean_gap"] == pytest.approx(40 / 3)
    assert (found["gap_0.00"], found["gap_0.50"], found["gap_1.00"]) == (2, 10, 28)
    assert (found["last_gap_1"], found["last_gap_2"], found["last_gap_3"]) == (28, 2, 10)
    assert (found["out"], found["in"], found["is_last_out"]) == (2, 2, 0)
    assert found["shorter"] == pytest.approx(2 / 3)
    assert features.typical_gap(rows).tolist() == [10]


def test_features_are_finite_for_every_tie() -> None:
    for name, values in features.describe(COLUMN.training.rows).items():
        assert np.isfinite(values).all(), name
