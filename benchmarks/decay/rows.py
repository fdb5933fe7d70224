"""Ties on past days -> Rows: all that was known of each tie then, and nothing later."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from benchmarks.decay.arrays import Bools, Floats, Ints
from benchmarks.decay.histories import History
from benchmarks.decay.networks import DAY_SECONDS

T = TypeVar("T")


@dataclass(frozen=True, eq=False, slots=True)
class Past:
    """What was known of one tie when the day ``on`` began. It cannot show anything later.

    Days are whole numbers and ascend; ``silent_days`` is ``on`` less the last of ``days``,
    so at least 1. Messages are given in seconds, ascending.
    """

    history: History  # models read the properties below, which end where the day begins
    on: int

    @property
    def days(self) -> Ints:
        """The interaction days before ``on``."""
        return self.history.days[: int(np.searchsorted(self.history.days, self.on))]

    @property
    def at(self) -> Ints:
        """When each direct message was sent."""
        return self.history.at[: self._n_messages]

    @property
    def is_out(self) -> Bools:
        """Whether the owner sent it, for each direct message."""
        return self.history.is_out[: self._n_messages]

    @property
    def n_recipients(self) -> Ints:
        """How many received it, for each direct message."""
        return self.history.n_recipients[: self._n_messages]

    @property
    def ambient_at(self) -> Ints:
        """When each ambient message was sent."""
        return self.history.ambient_at[: self._n_ambient]

    @property
    def ambient_kind(self) -> Ints:
        """Which `Ambient` it was, for each ambient message."""
        return self.history.ambient_kind[: self._n_ambient]

    @property
    def ambient_recipients(self) -> Ints:
        """How many received it, for each ambient message."""
        return self.history.ambient_recipients[: self._n_ambient]

    @property
    def posted_at(self) -> Ints:
        """When the contact wrote to a list that all read."""
        return self.history.posted_at[: self._count(self.history.posted_at)]

    @property
    def owner_days(self) -> Ints:
        """The days before ``on`` on which the owner wrote to anybody."""
        days = self.history.owner.days
        return days[: int(np.searchsorted(days, self.on))]

    @property
    def _n_messages(self) -> int:
        return self._count(self.history.at)

    @property
    def _n_ambient(self) -> int:
        return self._count(self.history.ambient_at)

    def _count(self, at: Ints) -> int:
        return int(np.searchsorted(at, self.on * DAY_SECONDS))


@dataclass(frozen=True, slots=True)
class Flat:
    """Many short lists as two columns: ``value`` and the ``row`` that it belongs to."""

    row: Ints
    value: Ints

    def add_up(self, weights: Floats, n_rows: int) -> Floats:
        """Return the sum of ``weights``, one a value, in each row."""
        total: Floats = np.bincount(self.row, weights=weights, minlength=n_rows).astype(np.float64)
        return total


@dataclass(frozen=True, eq=False)
class Rows:
    """Pasts beside one another, and columns that are worked out when first asked for."""

    pasts: tuple[Past, ...]
    _kept: dict[Callable[["Rows"], object], object] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.pasts)

    def derive(self, feature: Callable[["Rows"], T]) -> T:
        """Return ``feature(self)``, worked out once and kept."""
        if feature not in self._kept:
            self._kept[feature] = feature(self)
        return self._kept[feature]  # type: ignore[return-value]  # kept under what made it

    def where(self, keep: Bools) -> "Rows":
        """Return the rows for which ``keep`` holds, in the same order."""
        return Rows(tuple(self.pasts[k] for k in np.flatnonzero(keep)))

    @cached_property
    def on(self) -> Ints:
        """The day of each row."""
        return np.array([past.on for past in self.pasts], dtype=np.int64)

    @cached_property
    def owner(self) -> Ints:
        """Whose tie it is, a number within the network."""
        return np.array([past.history.owner.person for past in self.pasts], dtype=np.int64)

    @cached_property
    def days(self) -> Flat:
        """The interaction days of each row."""
        return self.flatten(lambda past: past.days)

    @cached_property
    def n_days(self) -> Floats:
        """How many interaction days each row has."""
        return self.days.add_up(np.ones(len(self.days.row)), len(self))

    @cached_property
    def silent_days(self) -> Floats:
        """Days since the last interaction day, at least 1."""
        last = self.days.value[np.cumsum(self.n_days).astype(np.int64) - 1]
        return (self.on - last).astype(np.float64)

    @cached_property
    def age_days(self) -> Floats:
        """Days since the first interaction day."""
        ends = np.cumsum(self.n_days).astype(np.int64)
        first = self.days.value[ends - self.n_days.astype(np.int64)]
        return (self.on - first).astype(np.float64)

    def flatten(self, read: Callable[[Past], Ints]) -> Flat:
        """Return what ``read`` finds in each past, as columns."""
        lists = [read(past) for past in self.pasts]
        sizes = np.array([len(values) for values in lists], dtype=np.int64)
        row = np.repeat(np.arange(len(lists)), sizes)
        return Flat(row, np.concatenate([np.zeros(0, dtype=np.int64), *lists]))


def join(parts: Iterable[Rows]) -> Rows:
    """Return all rows of ``parts``, one after the other."""
    return Rows(tuple(past for part in parts for past in part.pasts))
