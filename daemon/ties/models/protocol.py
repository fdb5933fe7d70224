"""A tie's rhythm and its silence -> a forecast: what every decay model promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
"""One number a tie; all arrays of one call have the same length and order."""


@dataclass(frozen=True, slots=True)
class Rhythms:
    """Many ties' gap states as columns. ``n_days`` and ``recent`` are at least 1, the rest 0."""

    n_days: Floats
    weight: Floats
    mean: Floats
    scatter: Floats
    recent: Floats
    seen_days: Floats


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected of each tie. Probabilities are in [0, 1], gaps in days.

    ``p_dormant``: the silence will reach ``dormant_at_days``. ``p_contact_30``: contact
    within the next 30 days. ``unusual``: the share of the tie's own gaps that are
    shorter than this silence.
    """

    p_dormant: Floats
    p_contact_30: Floats
    unusual: Floats
    typical_gap_days: Floats
    dormant_at_days: Floats


class FittedDecay(Protocol):
    """One fitted model: immutable, comparable, and JSON all the way down.

    It knows no clock and remembers nothing: a tie's forecast depends on its rhythm and
    its silence alone, and is the same whichever other ties are scored beside it.
    """

    @property
    def forget(self) -> float:
        """What is left of a gap's weight when the next one ends, in (0, 1]."""
        ...

    def forecast(self, rhythms: Rhythms, silent_days: Floats, /) -> Forecast:
        """Return the forecast of each tie after ``silent_days`` whole days, at least 0."""
        ...

    def outlast(self, rhythms: Rhythms, silent_days: Floats, until_days: Floats, /) -> Floats:
        """Return the chance that each silence, now ``silent_days`` long, reaches ``until_days``.

        1 where it already has. ``p_dormant`` is this at the horizon, and ``p_contact_30``
        is 1 less this at ``silent_days`` + 30.
        """
        ...

    def to_dict(self) -> dict[str, float]:
        """Return everything it takes to make this model again."""
        ...

    @classmethod
    def from_dict(cls, settings: Mapping[str, float], /) -> Self:
        """Return the model that ``to_dict`` described."""
        ...
