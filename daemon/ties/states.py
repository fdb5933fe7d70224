"""A forecast -> the state of a tie, by the owner's thresholds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from daemon.ties.model import State

_STATES = tuple(State)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where one state ends and the next begins; probabilities in [0, 1].

    Attributes:
        cooling_at: ``p_dormant`` from which a tie is cooling.
        fading_at: ``p_dormant`` from which it is fading.
        unusual_at: A tie with a silence less unusual than this stays active (0.9 = quiet). At
            0.5 no tie is out of its rhythm before the silence is longer than half its gaps.
        min_days: With fewer interaction days a tie is new.
        mutual: Whether a tie stays new until both have reached the other.

    Source: design notes, decay model, table of settings; ``unusual_at``: decision record on
    the odds of lasting.
    """

    cooling_at: float = 0.25
    fading_at: float = 0.50
    unusual_at: float = 0.5
    min_days: int = 3
    mutual: bool = True


def classify(
    n_days: ArrayLike,
    is_mutual: ArrayLike,
    p_dormant: ArrayLike,
    unusual: ArrayLike,
    silent_days: ArrayLike,
    dormant_at_days: ArrayLike,
    thresholds: Thresholds,
) -> tuple[State, ...]:
    """Return the state of each tie, in order; arrays of equal length, or single numbers.

    While a silence lasts a tie only moves down the list of states, as ``p_dormant`` and
    ``unusual`` only rise. A silence of ``dormant_at_days`` makes any tie dormant, a new
    one too: who was met twice, years ago, is not new.

    Source: design notes, decay model (states).
    """
    is_new = np.atleast_1d(np.less(n_days, thresholds.min_days))
    if thresholds.mutual:
        is_new = is_new | ~np.atleast_1d(np.asarray(is_mutual, dtype=bool))
    doubt = np.searchsorted((thresholds.cooling_at, thresholds.fading_at), p_dormant, "right")
    # Whoever was in touch today is in touch, however seldom that is.
    is_in_rhythm = np.less(unusual, thresholds.unusual_at) | np.less(silent_days, 1)
    level = np.where(is_in_rhythm, 0, doubt)
    level = np.where(is_new, 0, 1 + level)
    level = np.where(np.greater_equal(silent_days, dormant_at_days), len(_STATES) - 1, level)
    return tuple(map(_STATES.__getitem__, level.tolist()))
