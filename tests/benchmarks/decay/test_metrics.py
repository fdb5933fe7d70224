"""Each measure agrees with the library everybody trusts, ties and all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as trusted

from benchmarks.decay import metrics

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60).filter(
    lambda case: len({outcome for outcome, _ in case}) == 2
)


@given(CASES)
def test_every_measure_agrees_with_scikit_learn(case: list[tuple[bool, int]]) -> None:
    outcome = np.array([is_silent for is_silent, _ in case])
    chance = np.array([value / 20 for _, value in case])
    found = metrics.assess(outcome, chance)
    bounded = np.clip(chance, metrics.LEAST, 1 - metrics.LEAST)
    assert found.auc == pytest.approx(trusted.roc_auc_score(outcome, chance))
    precision = trusted.average_precision_score(outcome, chance)
    assert found.average_precision == pytest.approx(precision)
    assert found.brier == pytest.approx(trusted.brier_score_loss(outcome, chance))
    assert found.log_loss == pytest.approx(trusted.log_loss(outcome, bounded))


def test_chances_that_come_true_have_no_calibration_error() -> None:
    chance = np.repeat([0.2, 0.6], 10)
    outcome = np.array([True] * 2 + [False] * 8 + [True] * 6 + [False] * 4)
    assert metrics.calibration_error(outcome, chance) == pytest.approx(0)


def test_chances_that_are_off_by_a_fifth_have_that_error() -> None:
    chance = np.repeat([0.4, 0.8], 10)
    outcome = np.array([True] * 2 + [False] * 8 + [True] * 6 + [False] * 4)
    assert metrics.calibration_error(outcome, chance) == pytest.approx(0.2)


def test_rows_of_one_chance_are_one_group() -> None:
    outcome = np.array([True, False] * 50)
    curve = metrics.calibration_curve(outcome, np.full(100, 0.3))
    assert (curve.said.tolist(), curve.seen.tolist()) == ([pytest.approx(0.3)], [0.5])
    assert curve.weight.tolist() == [1.0]
