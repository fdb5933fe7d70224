"""Contact days as a customer's purchases -> what "buy till you die" models know of each.

Such a model gives the likelihood L(x, t, T) of a history; the chance of no contact in the
next H days is then L(x, t, T + H) / L(x, t, T): the same history, seen for longer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.optimize import minimize

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.models.calibrate import require
from benchmarks.decay.rows import Past, Rows


@dataclass(frozen=True, slots=True)
class Purchases:
    """One entry a customer; all times in one unit, counted from the first purchase.

    Attributes:
        n_repeats: Purchases after the first (x).
        last: When the last one was, 0 if there was but one (t).
        seen: Until when we looked, at least ``last`` (T).
        weights: How much each customer counts.
    """

    n_repeats: Floats
    last: Floats
    seen: Floats
    weights: Floats

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.seen)

    def scale(self, unit: float) -> "Purchases":
        """Return the same with times in ``unit`` times the present unit."""
        return Purchases(self.n_repeats, self.last / unit, self.seen / unit, self.weights)


LogLikelihood: TypeAlias = Callable[[Floats, Purchases], Floats]
"""The log-likelihood of each customer under four parameters, all above 0."""


@dataclass(frozen=True, slots=True)
class Population:
    """A likelihood with its parameters, and how likely all customers are under them."""

    log_likelihood: LogLikelihood
    parameters: Floats
    total: float

    def score(self, rows: Rows, horizon: Floats) -> Floats:
        """Return the chance of no contact within ``horizon`` days."""
        now = summarise(rows)
        later = Purchases(now.n_repeats, now.last, now.seen + horizon, now.weights)
        log_chance = self.log_likelihood(self.parameters, later) - self.log_likelihood(
            self.parameters, now
        )
        chance: Floats = np.exp(np.clip(log_chance, -50.0, 0.0))
        return chance


@dataclass(frozen=True, slots=True)
class BuyTillYouDie:
    """A model of repeated purchases that end one day, unseen."""

    name: str
    log_likelihood: LogLikelihood
    rates: tuple[int, ...]

    def fit(self, training: Examples) -> Population:
        """Return it at the likeliest parameters for all ties of ``training``.

        Each tie counts once, as seen on the last day that the training knows of, whether
        it is still live or not: a population of survivors would not know of death.
        """
        require(training)
        return self.fit_population(summarise_once(training))

    def fit_population(self, customers: Purchases) -> Population:
        """Return it at the parameters under which ``customers`` are the likeliest.

        ``rates`` says which of the parameters carry the unit of time.
        """
        unit = float(customers.seen.mean()) or 1.0
        scaled = customers.scale(unit)

        def loss(log_parameters: Floats) -> float:
            each = self.log_likelihood(np.exp(log_parameters), scaled)
            return float(-(customers.weights @ each) / customers.weights.sum())

        tries = [
            minimize(loss, np.full(4, start), method="L-BFGS-B", bounds=[(-9.0, 9.0)] * 4)
            for start in (0.0, -1.0, 1.0)
        ]
        best = np.exp(min(tries, key=lambda found: float(found.fun)).x)
        best[list(self.rates)] *= unit
        total = float(customers.weights @ self.log_likelihood(best, customers))
        return Population(self.log_likelihood, best, total)


def summarise(rows: Rows) -> Purchases:
    """Return each row's interaction days as purchases, times in days."""
    last = rows.age_days - rows.silent_days
    return Purchases(rows.n_days - 1, last, rows.age_days, np.ones(len(rows)))


def summarise_once(training: Examples) -> Purchases:
    """Return each tie of ``training`` once, as seen at the end of its last window."""
    ends = training.rows.on + training.horizon
    until = [int(ends[training.network == k].max()) for k in range(training.network.max() + 1)]
    ties = {
        past.history: (until[k], weight)
        for past, k, weight in zip(
            training.rows.pasts, training.network, training.weights, strict=True
        )
    }
    seen = Rows(tuple(Past(history, on) for history, (on, _) in ties.items()))
    purchases = summarise(seen)
    weights = np.array([weight for _, weight in ties.values()])
    return Purchases(purchases.n_repeats, purchases.last, purchases.seen, weights)
