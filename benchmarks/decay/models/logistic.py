"""Six numbers a tie -> a chance of silence: the plainest model that learns."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.decay.arrays import Bools, Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.models.calibrate import require
from benchmarks.decay.models.features import typical_gap
from benchmarks.decay.models.tie_decay import remain
from benchmarks.decay.rows import Rows

HALF_LIVES = (30.0, 120.0)
RIDGE = 1.0


def six_terms(rows: Rows) -> Floats:
    """Return the six terms, a row each: logarithms of the silence, the number of interaction
    days, the median gap, the age, and of what is left of the days at two half-lives."""
    terms = (
        np.log(rows.silent_days),
        np.log(rows.n_days),
        np.log(typical_gap(rows)),
        np.log(rows.age_days),
        *(np.log(remain(rows, half) + 0.01) for half in HALF_LIVES),
    )
    return np.column_stack(terms)


@dataclass(frozen=True, slots=True)
class FittedLogistic:
    """Weights of the six terms after each is brought to mean 0 and spread 1."""

    mean: Floats
    spread: Floats
    weights: Floats
    base: float

    def score(self, rows: Rows, horizon: Floats) -> Floats:
        """Return the chance of silence; it was learnt for one horizon and knows no other."""
        del horizon
        terms = (rows.derive(six_terms) - self.mean) / self.spread
        chance: Floats = expit(self.base + terms @ self.weights)
        return chance


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression on six terms, with a slight pull towards no effect."""

    name: str = field(default="six-term logistic", init=False)

    def fit(self, training: Examples) -> FittedLogistic:
        """Return the likeliest weights."""
        require(training)
        terms = training.rows.derive(six_terms)
        mean, spread = terms.mean(axis=0), np.maximum(terms.std(axis=0), 1e-9)
        standard = (terms - mean) / spread
        found = _fit(standard, training.is_silent, training.weights)
        return FittedLogistic(mean, spread, found[1:], float(found[0]))


def _fit(terms: Floats, is_silent: Bools, weights: Floats) -> Floats:
    def loss(at: Floats) -> tuple[float, Floats]:
        chance = expit(at[0] + terms @ at[1:])
        fit = np.where(is_silent, chance, 1 - chance)
        miss = weights * (chance - is_silent)
        slope = np.concatenate([[miss.sum()], terms.T @ miss + RIDGE * at[1:]])
        return float(-weights @ np.log(np.maximum(fit, 1e-12)) + RIDGE / 2 * at[1:] @ at[1:]), slope

    best: Floats = minimize(loss, np.zeros(terms.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return best
