"""Scores are what their sources say they are."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from daemon.ties.models.protocol import Floats
from daemon.ties.scores import Score, measure_auc, measure_log_loss

CHANCES = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()))
BOTH = CHANCES.filter(lambda rows: len({lasted for _, lasted in rows}) == 2)


def columns(rows: list[tuple[float, bool]]) -> tuple[Floats, NDArray[np.bool_]]:
    return np.array([p for p, _ in rows]), np.array([lasted for _, lasted in rows])


@given(BOTH)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    lasted = [p for p, is_lasting in rows if is_lasting]
    resumed = [p for p, is_lasting in rows if not is_lasting]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in lasted for b in resumed]
    assert measure_auc(*columns(rows)) == pytest.approx(sum(pairs) / len(pairs))


@given(BOTH)
def test_auc_is_the_statistic_of_mann_and_whitney(rows: list[tuple[float, bool]]) -> None:
    p, is_lasting = columns(rows)
    if len(set(p.tolist())) > 1:  # its p-value, not the statistic, is undefined without
        u = mannwhitneyu(p[is_lasting], p[~is_lasting], method="asymptotic").statistic
        n_pairs = is_lasting.sum() * (~is_lasting).sum()
        assert measure_auc(p, is_lasting) == pytest.approx(u / n_pairs)


@given(BOTH)
def test_a_model_turned_around_is_as_bad_as_it_was_good(rows: list[tuple[float, bool]]) -> None:
    p, is_lasting = columns(rows)
    assert measure_auc(1 - p, is_lasting) == pytest.approx(1 - measure_auc(p, is_lasting))


def test_pairs_are_made_within_a_group_only() -> None:
    p = np.array([0.6, 0.5, 0.2, 0.1])
    is_lasting = np.array([True, False, True, False])
    assert measure_auc(p, is_lasting) == 0.75
    assert measure_auc(p, is_lasting, np.array([90.0, 90.0, 30.0, 30.0])) == 1.0


@pytest.mark.parametrize("lasts", [True, False])
def test_where_all_lasted_or_none_there_is_nothing_to_tell_apart(lasts: bool) -> None:
    with pytest.raises(ValueError, match="nothing to tell apart"):
        measure_auc(np.array([0.2, 0.3]), np.array([lasts, lasts]))


def test_log_loss_is_the_mean_surprise_in_nats() -> None:
    p, is_lasting = np.array([0.8, 0.4, 0.5]), np.array([True, False, True])
    assert measure_log_loss(p, is_lasting) == pytest.approx(-(log(0.8) + log(0.6) + log(0.5)) / 3)


def test_one_certainty_that_was_wrong_costs_much_and_not_everything() -> None:
    sure = measure_log_loss(np.array([1.0] + [0.9] * 99), np.array([False] + [True] * 99))
    assert 0.2 < sure < 0.3
    assert measure_log_loss(np.array([1.0, 0.0]), np.array([True, False])) < 2e-6


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_no_other_chance_scores_better_than_the_true_one(true: float, told: float) -> None:
    n = 10_000
    is_lasting = np.arange(n) < round(true * n)
    best = measure_log_loss(np.full(n, is_lasting.mean()), is_lasting)
    assert measure_log_loss(np.full(n, told), is_lasting) >= best - 1e-12
    assert exp(-best) >= 0.5 - 1e-9


@pytest.mark.parametrize(
    ("auc", "log_loss", "is_better"),
    [
        (0.8, 0.5, True),
        (0.7, 0.5, True),
        (0.697, 0.5, True),
        (0.69, 0.5, False),
        (0.7, 0.6, False),
        (0.8, 0.6, False),
        (0.9, 0.7, False),
    ],
)
def test_better_is_nearer_to_what_came_and_no_worse_in_order(
    auc: float, log_loss: float, is_better: bool
) -> None:
    assert Score(9, auc, log_loss).is_better_than(Score(9, 0.7, 0.6)) is is_better
