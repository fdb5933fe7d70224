"""Snapshots with known outcome -> the model that foretells them best, held near its start."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

import numpy as np
from numpy.typing import NDArray

from daemon.ties.models.protocol import FittedDecay, Floats
from daemon.ties.models.renewal import Renewal
from daemon.ties.snapshots import Snapshots

RHYTHM = (
    *("prior_gap_days", "prior_weight", "prior_df", "prior_log_sd"),
    *("dropout_base", "dropout_per_log_n"),
)
"""The six parameters of the rhythm and the dropout. Source: design notes, decay model."""

ODDS = ("odds_base", "odds_scale", "odds_per_recent", "odds_per_seen")
"""The four by which the odds are adjusted."""

_SCALES = frozenset(
    ("prior_gap_days", "prior_weight", "prior_df", "prior_log_sd", "odds_scale"),
)
"""Above 0, and so moved by their logarithm."""

START_SD = 0.5
"""How far a parameter is expected to lie from where it starts, in its unit or its logarithm.

Source: between the four public networks the fitted parameters differ by 0.2 to 0.6.
"""

ALIKE = 10
"""How many snapshots tell as much as one that stands alone: a tie is seen month after month."""

_FARTHEST = 10.0
_STEEPEST = 4.0  # as far as the model takes it
_STEPS = 30
_ENOUGH = 1e-7
_NUDGE = 1e-4
_SUREST = 1e-9


def fit(
    past: Snapshots,
    start: FittedDecay,
    names: Sequence[str] = ODDS,
    weights: Floats | None = None,
) -> FittedDecay:
    """Return ``start`` with the parameters ``names`` moved to where they foretell ``past`` best.

    It minimises the log loss plus a pull towards where each parameter started, as a normal
    prior of ``START_SD`` has it; with few snapshots it hardly moves. Deterministic.

    Args:
        past: At least one snapshot.
        start: A `Renewal`; another kind of model has nothing to fit and is returned.
        names: Parameters of the model. Without the odds' adjustment a past tells little, and
            fitting the rhythm besides gains nothing on networks that were left out.
        weights: What each snapshot counts, 1 in the mean; all the same if not given.

    Source: maximum a posteriori by damped Newton steps on the expected information
    (Fisher scoring; Nelder and Wedderburn 1972).
    """
    if not isinstance(start, Renewal):
        return start
    task = _Task(past, start, tuple(names), np.ones(len(past)) if weights is None else weights)
    place, damping = np.zeros(len(names)), 1e-3
    loss = task.lose(place)
    for _ in range(_STEPS):
        slope, information = task.look_around(place)
        step = np.linalg.solve(information + damping * np.diag(np.diag(information)), -slope)
        found = task.lose(place + step)
        if found < loss:
            is_settled = loss - found < _ENOUGH
            place, loss, damping = place + step, found, damping / 3
            if is_settled:
                break
        else:
            damping *= 10
    return task.move(place)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be foretold, and the parameters that may move. A place is how far they did."""

    past: Snapshots
    start: Renewal
    names: tuple[str, ...]
    weights: Floats

    def move(self, place: Floats) -> Renewal:
        """Return the model at ``place``."""
        moved = {
            name: _move(name, getattr(self.start, name), by)
            for name, by in zip(self.names, place.tolist(), strict=True)
        }
        return replace(self.start, **moved)

    def lose(self, place: Floats) -> float:
        """Return the mean log loss at ``place``, in nats, and the price of being so far away."""
        chance = self._foretell(place)
        given = np.where(self.past.is_lasting, chance, 1 - chance)
        return float(-np.average(np.log(given), weights=self.weights)) + self._price(place)

    def look_around(self, place: Floats) -> tuple[Floats, Floats]:
        """Return the slope of the loss at ``place`` and its expected curvature."""
        chance = self._foretell(place)
        now = _log_odds(chance)
        nudges = np.eye(len(place)) * _NUDGE
        slopes = np.array([(_log_odds(self._foretell(place + n)) - now) / _NUDGE for n in nudges])
        share = self.weights / self.weights.sum()
        slope = slopes @ (share * (chance - self.past.is_lasting)) + self._pull * place
        information = (slopes * (share * chance * (1 - chance))) @ slopes.T
        return slope, information + self._pull * np.eye(len(place))

    @property
    def _pull(self) -> float:
        return ALIKE / (START_SD**2 * float(self.weights.sum()))

    def _price(self, place: Floats) -> float:
        return float(self._pull / 2 * np.sum(place**2))

    def _foretell(self, place: Floats) -> Floats:
        past = self.past
        chance = self.move(place).outlast(past.rhythms, past.silent_days, past.until_days)
        return np.clip(chance, _SUREST, 1 - _SUREST)


def _move(name: str, value: float, by: float) -> float:
    # Far enough for any past, and no overflow on the way.
    by = min(max(by, -_FARTHEST), _FARTHEST)
    if name == "odds_scale":
        return min(value * exp(by), _STEEPEST)
    return value * exp(by) if name in _SCALES else value + by


def _log_odds(chance: NDArray[np.float64]) -> Floats:
    odds: Floats = np.log(chance / (1 - chance))
    return odds
