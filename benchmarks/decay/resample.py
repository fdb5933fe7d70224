"""Owners drawn anew, many times -> how far a figure could have come out otherwise."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from benchmarks.decay.arrays import Bools, Floats, Ints

N_RESAMPLES = 500
_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each owner of one network is drawn in each resample.

    ``counts`` has a row a resample and a column for each entry of ``owners`` (ascending).
    The same draws serve all columns of a network and all models, so that a difference is
    one of the same people.
    """

    owners: Ints
    counts: Ints

    def weigh(self, owner: Ints) -> Ints:
        """Return how often each row counts in each resample, given the rows' owners."""
        return self.counts[:, np.searchsorted(self.owners, owner)]


def draw(network: str, owners: Ints, n_resamples: int = N_RESAMPLES) -> Draws:
    """Return resamples of ``owners`` with replacement; always the same for the same names."""
    distinct = np.unique(owners)
    chance = np.random.default_rng(crc32(network.encode()))
    n = len(distinct)
    counts = chance.multinomial(n, np.full(n, 1 / max(n, 1)), n_resamples)
    return Draws(distinct, counts)


def resample_auc(is_silent: Bools, chance: Floats, owner: Ints, draws: Draws) -> Floats:
    """Return the AUC in each resample, NaN where only one outcome was drawn."""
    order = np.argsort(chance, kind="stable")
    starts = np.flatnonzero(np.diff(chance[order], prepend=-np.inf))
    columns = np.searchsorted(draws.owners, owner[order])
    silent = is_silent[order]
    blocks = [
        _weighted_auc(draws.counts[first : first + _BLOCK][:, columns], silent, starts)
        for first in range(0, len(draws.counts), _BLOCK)
    ]
    return np.concatenate(blocks)


def _weighted_auc(weights: Ints, is_silent: Bools, starts: Ints) -> Floats:
    """Rows by rising chance, their groups of equal chance beginning at ``starts``."""
    silent = np.add.reduceat(weights * is_silent, starts, axis=1)
    other = np.add.reduceat(weights * ~is_silent, starts, axis=1)
    below = np.cumsum(other, axis=1) - other / 2
    pairs = silent.sum(axis=1) * other.sum(axis=1)
    won = (silent * below).sum(axis=1)
    found: Floats = np.where(pairs > 0, won / np.maximum(pairs, 1), np.nan)
    return found


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the middle 95 % of what it was over the resamples; None if unknown."""

    value: float
    low: float | None
    high: float | None


def interval(value: float, resampled: Floats) -> Interval:
    """Return the 2.5th and 97.5th percentile around ``value``. Source: Efron 1979."""
    known = resampled[~np.isnan(resampled)]
    if len(known) <= len(resampled) / 2:
        return Interval(value, None, None)
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(value, float(low), float(high))
