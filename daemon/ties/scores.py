"""Forecasts and what came -> how good the forecasts were."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daemon.ties.models.protocol import FittedDecay, Floats
from daemon.ties.snapshots import Snapshots

_SUREST = 1e-6
"""No forecast is held to be surer than this: one that was certain and wrong would weigh more
than all the others together."""


NO_WORSE = 0.005
"""By how much the order may be worse and count as no worse: half a case in 100, unseen by anybody.

Source: on made-up pasts of 50 people the chances often became truer by a fifth while the
order moved by a tenth of a case, to either side.
"""


@dataclass(frozen=True, slots=True)
class Score:
    """How good a model was on ``n`` snapshots.

    ``auc`` is in [0, 1], 0.5 for a model that knows nothing: the share of pairs of a silence that
    lasted and one that did not, both asked about after the same number of days, of which
    the first was thought the likelier to last. ``log_loss`` is in nats, at least 0, and
    0 is best.
    """

    n: int
    auc: float
    log_loss: float

    def is_better_than(self, other: "Score") -> bool:
        """Whether the chances are nearer to what came, and the order is no worse."""
        return self.log_loss < other.log_loss and self.auc >= other.auc - NO_WORSE


def score(model: FittedDecay, past: Snapshots) -> Score:
    """Return how well ``model`` foresaw what came of ``past``.

    Raises:
        ValueError: There is no pair to tell apart.
    """
    p_lasting = model.outlast(past.rhythms, past.silent_days, past.until_days)
    return Score(
        n=len(past),
        auc=measure_auc(p_lasting, past.is_lasting, past.window_days),
        log_loss=measure_log_loss(p_lasting, past.is_lasting),
    )


def measure_log_loss(p_lasting: Floats, is_lasting: NDArray[np.bool_]) -> float:
    """Return the mean of -ln of the chance that was given to what came, in nats.

    Arrays of equal length, at least 1.

    Source: Good 1952, "Rational decisions": a proper score, best at the true chances.
    """
    given = np.clip(np.where(is_lasting, p_lasting, 1 - p_lasting), _SUREST, 1 - _SUREST)
    return float(-np.log(given).mean())


def measure_auc(
    p_lasting: Floats, is_lasting: NDArray[np.bool_], groups: Floats | None = None
) -> float:
    """Return the share of pairs, one that lasted and one that did not, in the right order.

    A pair that was given the same chance counts half. With ``groups``, one number an
    entry, pairs are made within each group only.

    Raises:
        ValueError: There is no pair.

    Source: Mann and Whitney 1947; Hanley and McNeil 1982.
    """
    groups = np.zeros(len(p_lasting)) if groups is None else groups
    counts = [
        _count_pairs(p_lasting[groups == group], is_lasting[groups == group])
        for group in np.unique(groups)
    ]
    n_pairs = sum(n for _, n in counts)
    if not n_pairs:
        raise ValueError("nothing to tell apart: all lasted, or none did")
    return sum(n_right for n_right, _ in counts) / n_pairs


def _count_pairs(p_lasting: Floats, is_lasting: NDArray[np.bool_]) -> tuple[float, int]:
    """Return how many pairs are in the right order, and how many there are."""
    lasted, resumed = p_lasting[is_lasting], np.sort(p_lasting[~is_lasting])
    n_below = np.searchsorted(resumed, lasted, "left")
    n_not_above = np.searchsorted(resumed, lasted, "right")
    return float((n_below + n_not_above).sum()) / 2, len(lasted) * len(resumed)
