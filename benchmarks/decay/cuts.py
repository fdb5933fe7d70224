"""Ties and days to look at them -> Examples: live ties as they stood, and what came of them.

The settings, all of them, for a network from its first message to its last:

- horizons H of 30 and 90 days; a network shorter than 4 H is too short for H;
- test cuts from half of the span on, a twentieth of the span apart and at least 30 days,
  the last of them H days before the end;
- training cuts every 30 days backwards, from the last one whose window ends no later than
  the first test cut; with cold start every 30 days over the whole span of the other networks;
- a tie is live at a cut T with at least 3 interaction days and both directions seen before
  T, and the last contact within 90 days;
- it is silent when it has no interaction day in [T, T + H);
- ties whose owner wrote to nobody in the second half of the window, [T + H/2, T + H), are
  left out, whatever became of them: such an owner is away and tells nothing of the tie.

Source: design notes, benchmark; the schedule was chosen so that rows and baselines come out
near the figures given there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.decay.arrays import Bools, Floats, Ints
from benchmarks.decay.histories import MIN_DAYS, History
from benchmarks.decay.networks import Network
from benchmarks.decay.rows import Past, Rows, join

HORIZONS = (30, 90)
LIVE_DAYS = 90
STEP_DAYS = 30
TEST_FROM = 0.5
TEST_STEP = 1 / 20
MIN_HORIZONS = 4


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows, the silence asked about, and the answer; one entry a row.

    Attributes:
        rows: What was known.
        horizon: How many days from the row's day on the question reaches.
        is_silent: Whether there was no contact in that time.
    """

    rows: Rows
    horizon: Floats
    is_silent: Bools

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.rows)

    @cached_property
    def network(self) -> Ints:
        """The number of the network of each row, from 0, in the order of the names."""
        names = [past.history.network for past in self.rows.pasts]
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def weights(self) -> Floats:
        """What each example counts, so that each network counts the same; 1 in the mean."""
        count = np.bincount(self.network)
        weights: Floats = len(self) / len(count) / count[self.network]
        return weights


def join_examples(parts: Sequence[Examples]) -> Examples:
    """Return all ``parts`` as one."""
    return Examples(
        join(part.rows for part in parts),
        np.concatenate([np.zeros(0), *(part.horizon for part in parts)]),
        np.concatenate([np.zeros(0, dtype=bool), *(part.is_silent for part in parts)]),
    )


def is_too_short(network: Network, horizon: int) -> bool:
    """Whether ``network`` spans too few days to ask about ``horizon`` days."""
    return network.end_day - network.first_day < MIN_HORIZONS * horizon


def first_test_cut(network: Network) -> int:
    """Return the day from which on everything is test."""
    span = network.end_day - network.first_day
    return network.first_day + int(TEST_FROM * span)


def test_cuts(network: Network, horizon: int) -> Ints:
    """Return the days of the test, ascending."""
    span = network.end_day - network.first_day
    step = max(float(STEP_DAYS), TEST_STEP * span)
    return np.arange(first_test_cut(network), network.end_day - horizon + 1e-6, step).astype(
        np.int64
    )


def training_cuts(network: Network, horizon: int) -> Ints:
    """Return days whose windows end no later than the first test cut, ascending."""
    return _cuts_back(network, first_test_cut(network) - horizon)


def all_cuts(network: Network, horizon: int) -> Ints:
    """Return days over the whole span, for what another network may learn from this one."""
    return _cuts_back(network, network.end_day - horizon)


def _cuts_back(network: Network, last: int) -> Ints:
    return np.arange(last, network.first_day, -STEP_DAYS, dtype=np.int64)[::-1]


def live_rows(ties: Iterable[History], cuts: Ints) -> Rows:
    """Return each of ``ties`` at each of ``cuts`` (ascending) at which it is live."""
    return Rows(tuple(Past(tie, int(on)) for tie in ties for on in cuts[_is_live(tie, cuts)]))


def _is_live(tie: History, cuts: Ints) -> Bools:
    n_days = np.searchsorted(tie.days, cuts)
    silent_days = cuts - tie.days[np.maximum(n_days - 1, 0)]
    is_live: Bools = (n_days >= MIN_DAYS) & (silent_days <= LIVE_DAYS) & (tie.mutual_from < cuts)
    return is_live


def observe(rows: Rows, horizon: Floats) -> Examples:
    """Return ``rows`` with what came of them, less those whose owner was away."""
    next_on = np.array([_find_next(past.history.days, past.on) for past in rows.pasts])
    half = rows.on + horizon / 2
    owner_on = np.array(
        [_find_next(past.history.owner.days, on) for past, on in zip(rows.pasts, half, strict=True)]
    )
    is_known = owner_on < rows.on + horizon
    is_silent = next_on >= rows.on + horizon
    return Examples(rows.where(is_known), horizon[is_known], is_silent[is_known])


def _find_next(days: Ints, on: float) -> float:
    place = int(np.searchsorted(days, on))
    return float(days[place]) if place < len(days) else np.inf


def examples_at(ties: Iterable[History], cuts: Ints, horizon: int) -> Examples:
    """Return what there is to know, and what came of it, at ``cuts``."""
    rows = live_rows(ties, cuts)
    return observe(rows, np.full(len(rows), float(horizon)))
