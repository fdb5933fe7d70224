"""Rows and a horizon -> the chance of silence: what every model of the table promises."""

from typing import Protocol

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.rows import Rows


class TooLittle(ValueError):
    """There are not enough examples, or only of one kind, to learn from."""


class Fitted(Protocol):
    """A model that is ready. It knows of each row only what was known on its day."""

    def score(self, rows: Rows, horizon: Floats, /) -> Floats:
        """Return the chance of no contact within ``horizon`` days of each row's day.

        Between 0 and 1, higher for what is likelier to stay silent; a row scores the same
        alone or among others.
        """
        ...


class Model(Protocol):
    """A way to foresee silence, before it has seen any example."""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        ...

    def fit(self, training: Examples, /) -> Fitted:
        """Return the model as learnt from ``training``.

        Raises:
            TooLittle: It needs more to learn from.
        """
        ...
