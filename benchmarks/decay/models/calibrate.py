"""A rank and examples -> a chance: one rising curve, so that the order stays what it was."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.decay.arrays import Bools, Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.models.protocol import TooLittle
from benchmarks.decay.rows import Rows

MIN_EXAMPLES, MIN_OF_EACH = 50, 10


@dataclass(frozen=True)
class Ranked:
    """A rank that needs no fitting, and what chance of silence goes with it.

    A rank that runs over orders of magnitude is given as its logarithm. Where there is
    nothing to learn from, the chance is only a rank between 0 and 1.
    """

    name: str
    rank: Callable[[Rows, Floats], Floats]

    def fit(self, training: Examples) -> "Calibrated":
        """Return the model with its rank turned into a chance on ``training``."""
        try:
            require(training)
        except TooLittle:
            return Calibrated(self.rank, 0.0, 1.0)
        rank = self.rank(training.rows, training.horizon)
        base, slope = fit_curve(rank, training.is_silent, training.weights)
        return Calibrated(self.rank, base, slope)


@dataclass(frozen=True)
class Calibrated:
    """A rank and the curve that makes a chance of it."""

    rank: Callable[[Rows, Floats], Floats]
    base: float
    slope: float

    def score(self, rows: Rows, horizon: Floats) -> Floats:
        """Return the chance of silence of each row."""
        chance: Floats = expit(self.base + self.slope * self.rank(rows, horizon))
        return chance


def require(training: Examples) -> None:
    """Make sure that there is something to learn from.

    Raises:
        TooLittle: Fewer than 50 examples, or fewer than 10 of either outcome.
    """
    n_silent = int(training.is_silent.sum())
    if len(training) < MIN_EXAMPLES or min(n_silent, len(training) - n_silent) < MIN_OF_EACH:
        raise TooLittle(f"{len(training)} examples, {n_silent} of them silent")


def fit_curve(rank: Floats, is_silent: Bools, weights: Floats) -> tuple[float, float]:
    """Return the base and the slope, never falling, of the likeliest logistic curve.

    Source: Platt 1999, a sigmoid over a model's output.
    """
    middle, scale = float(rank.mean()), float(rank.std()) or 1.0
    z = (rank - middle) / scale

    def loss(at: Floats) -> tuple[float, Floats]:
        chance = expit(at[0] + np.exp(at[1]) * z)
        miss = weights * (chance - is_silent)
        fit = np.where(is_silent, chance, 1 - chance)
        ridge = 1e-3 * at[1] ** 2
        slope = np.exp(at[1]) * miss @ z + 2e-3 * at[1]
        return float(-weights @ np.log(np.maximum(fit, 1e-12)) + ridge), np.array(
            [miss.sum(), slope]
        )

    start = np.array([0.0, -1.0])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-20, 20), (-8, 4)]).x
    slope = float(np.exp(found[1])) / scale
    return float(found[0]) - slope * middle, slope
