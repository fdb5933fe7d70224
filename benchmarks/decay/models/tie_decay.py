"""Contact days that fade with time -> a rank: the less is left of them, the likelier silence."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.metrics import auc
from benchmarks.decay.models.calibrate import Calibrated, Ranked, require
from benchmarks.decay.rows import Rows

HALF_LIVES = (3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0, 112.0, 160.0, 224.0, 365.0)


@dataclass(frozen=True)
class TieDecay:
    """Each contact day counts 1 and loses half of it in a half-life chosen on the training.

    Source: Ahmad, Porter, Beguerisse-Diaz 2021, tie-decay networks in continuous time.
    """

    name: str = field(default="tie decay", init=False)

    def fit(self, training: Examples) -> Calibrated:
        """Return it with the half-life that ranks the training best, networks averaged."""
        require(training)
        best = max(HALF_LIVES, key=lambda half_life: _rank_well(training, half_life))
        return Ranked(self.name, fade(best)).fit(training)


def remain(rows: Rows, half_life_days: float) -> Floats:
    """Return what is left of each tie's contact days, each 1 on its day."""
    age = rows.on[rows.days.row] - rows.days.value
    return rows.days.add_up(np.exp2(-age / half_life_days), len(rows))


def fade(half_life_days: float) -> Callable[[Rows, Floats], Floats]:
    """Return the rank by what is left, as a logarithm."""

    def rank(rows: Rows, _: Floats) -> Floats:
        left: Floats = -np.log(np.maximum(remain(rows, half_life_days), 1e-300))
        return left

    return rank


def _rank_well(training: Examples, half_life_days: float) -> float:
    rank = fade(half_life_days)(training.rows, training.horizon)
    found = [
        auc(training.is_silent[training.network == k], rank[training.network == k])
        for k in range(int(training.network.max()) + 1)
    ]
    return float(np.mean([0.5 if value is None else value for value in found]))
