"""Chances and what came of them -> how good the chances were."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from benchmarks.decay.arrays import Bools, Floats

N_BINS = 10
LEAST = 1e-6
"""A chance below this, or as near to 1, is taken for it: one mistake must not cost all."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a model's chances of silence were on one set of rows.

    Attributes:
        auc: The chance that a silent row scores above another; 0.5 is guessing.
        average_precision: The mean share of silent ones among those scored as high.
        brier: The mean squared miss; lower is better.
        log_loss: The mean surprise, in nats; lower is better.
        calibration_error: By how much the chances are off in the mean of ten groups.
    """

    auc: float
    average_precision: float
    brier: float
    log_loss: float
    calibration_error: float


def is_decidable(is_silent: Bools) -> bool:
    """Whether both outcomes occur, so that there is an order to get right."""
    return bool(is_silent.any() and not is_silent.all())


def assess(is_silent: Bools, chance: Floats) -> Quality:
    """Return how good ``chance`` is; both outcomes must occur."""
    return Quality(
        auc(is_silent, chance),
        average_precision(is_silent, chance),
        brier(is_silent, chance),
        log_loss(is_silent, chance),
        calibration_error(is_silent, chance),
    )


def auc(is_silent: Bools, chance: Floats) -> float:
    """Return the area under the ROC curve, ties counting half; both outcomes must occur.

    Source: Hanley and McNeil 1982, by the sum of ranks.
    """
    n, n_silent = len(is_silent), int(is_silent.sum())
    ranks = rankdata(chance)[is_silent].sum()
    return float((ranks - n_silent * (n_silent + 1) / 2) / (n_silent * (n - n_silent)))


def average_precision(is_silent: Bools, chance: Floats) -> float:
    """Return the precision at each silent row, averaged; rows of equal chance come at once."""
    order = np.argsort(-chance, kind="stable")
    ends = np.flatnonzero(np.diff(-chance[order], append=np.inf))
    hits = np.cumsum(is_silent[order])[ends]
    return float(np.sum(np.diff(hits, prepend=0) * hits / (ends + 1)) / hits[-1])


def brier(is_silent: Bools, chance: Floats) -> float:
    """Return the mean squared difference of chance and outcome. Source: Brier 1950."""
    return float(np.mean((chance - is_silent) ** 2))


def log_loss(is_silent: Bools, chance: Floats) -> float:
    """Return the mean of -ln(the chance that was given to what happened)."""
    bounded = np.clip(chance, LEAST, 1 - LEAST)
    return float(-np.mean(np.log(np.where(is_silent, bounded, 1 - bounded))))


def calibration_error(is_silent: Bools, chance: Floats) -> float:
    """Return the expected calibration error over ten groups of equal size.

    Source: Naeini, Cooper, Hauskrecht 2015, with groups of equal count.
    """
    curve = calibration_curve(is_silent, chance)
    return float(np.sum(curve.weight * np.abs(curve.said - curve.seen)))


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Groups of rows by chance: the mean chance ``said``, the share ``seen``, the ``weight``."""

    said: Floats
    seen: Floats
    weight: Floats


def calibration_curve(is_silent: Bools, chance: Floats, n_bins: int = N_BINS) -> CalibrationCurve:
    """Return the groups, by rising chance; rows of equal chance are never parted."""
    ranks = rankdata(chance) - 0.5
    group = np.minimum((ranks * n_bins / len(chance)).astype(np.int64), n_bins - 1)
    count = np.bincount(group, minlength=n_bins)
    filled = count > 0
    said = np.bincount(group, chance, n_bins)[filled] / count[filled]
    seen = np.bincount(group, is_silent, n_bins)[filled] / count[filled]
    return CalibrationCurve(said, seen, count[filled] / len(chance))
