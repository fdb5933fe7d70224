"""Owners drawn anew -> intervals: whole owners, the same draws for all, no surprise."""

import numpy as np
import pytest

from benchmarks.decay.compare import Mean, differ
from benchmarks.decay.metrics import auc
from benchmarks.decay.resample import Draws, draw, interval, resample_auc

CHANCE = np.random.default_rng(5)
OWNER = CHANCE.integers(0, 9, 300)
SCORE = CHANCE.integers(0, 12, 300) / 12  # with many equal scores
SILENT = CHANCE.random(300) < SCORE


def test_a_resampled_auc_is_the_auc_of_the_rows_drawn() -> None:
    draws = draw("net", OWNER, 7)
    found = resample_auc(SILENT, SCORE, OWNER, draws)
    for k, counts in enumerate(draws.weigh(OWNER)):
        rows = np.repeat(np.arange(300), counts)
        assert found[k] == pytest.approx(auc(SILENT[rows], SCORE[rows]))


def test_owners_are_drawn_whole_and_as_many_as_there_are() -> None:
    draws = draw("net", OWNER, 50)
    assert draws.counts.sum(axis=1).tolist() == [9] * 50
    weights = draws.weigh(OWNER)
    for owner in range(9):
        assert len(np.unique(weights[:, owner == OWNER], axis=1).T) == 1


def test_the_same_network_is_always_drawn_alike() -> None:
    assert np.array_equal(draw("net", OWNER, 5).counts, draw("net", OWNER[::-1], 5).counts)
    assert not np.array_equal(draw("net", OWNER, 5).counts, draw("other", OWNER, 5).counts)


def test_an_interval_covers_what_it_should() -> None:
    """Owners with a rate of their own: the interval of a share must hold the truth, mostly."""
    hits = 0
    for seed in range(60):
        chance = np.random.default_rng(seed)
        rate = chance.beta(4, 4, 40)
        owner = np.repeat(np.arange(40), 15)
        hit = chance.random(600) < rate[owner]
        weights = draw(f"n{seed}", owner, 200).weigh(owner)
        found = interval(hit.mean(), weights @ hit / weights.sum(axis=1))
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.5 <= found.high
    assert 51 <= hits <= 60


def test_a_model_does_not_differ_from_itself() -> None:
    found = resample_auc(SILENT, SCORE, OWNER, draw("net", OWNER))
    mean = Mean("m", interval(auc(SILENT, SCORE), found), 0.0, found)
    difference = differ(mean, mean)
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_a_difference_is_surer_than_the_figures_it_is_between() -> None:
    draws = draw("net", OWNER)
    noise = np.random.default_rng(1).normal(0, 0.05, 300)
    means = []
    for score in (SCORE, SCORE + noise):
        found = resample_auc(SILENT, score, OWNER, draws)
        means.append(Mean("m", interval(auc(SILENT, score), found), 0.0, found))
    gap, own = differ(*means), means[0].auc
    assert gap.low is not None
    assert gap.high is not None
    assert own.low is not None
    assert own.high is not None
    assert gap.high - gap.low < (own.high - own.low) / 2


def test_one_outcome_only_gives_no_interval() -> None:
    draws = Draws(np.array([0]), np.ones((10, 1), dtype=np.int64))
    alike = resample_auc(np.ones(5, dtype=bool), np.arange(5.0), np.zeros(5, dtype=int), draws)
    assert np.isnan(alike).all()
    assert interval(0.5, alike).low is None
