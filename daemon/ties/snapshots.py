"""Contact histories and past days -> snapshots: ties as they stood, and what came of them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from daemon.ties.estimate import stack
from daemon.ties.gaps import GapState, add_day, see
from daemon.ties.model import ContactHistory
from daemon.ties.models.protocol import Floats, Rhythms

EVERY_DAYS = 30
HORIZONS = (30, 90)
MIN_DAYS = 3
LIVE_DAYS = 90

_NEVER = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Ties on past days with known outcome; every array has one entry a snapshot.

    Attributes:
        rhythms: As they stood on the day, nothing later known.
        silent_days: How long the silence had lasted on that day, in whole days.
        until_days: The longer silence that is asked about, above ``silent_days``.
        is_lasting: Whether the silence did reach ``until_days``.
        on: The day, as a proleptic Gregorian ordinal.
    """

    rhythms: Rhythms
    silent_days: Floats
    until_days: Floats
    is_lasting: NDArray[np.bool_]
    on: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of snapshots."""
        return len(self.on)

    @property
    def window_days(self) -> Floats:
        """How many days from ``on`` the outcome was waited for."""
        return self.until_days - self.silent_days

    def where(self, chosen: NDArray[np.bool_]) -> "Snapshots":
        """Return those that are ``chosen``, one entry a snapshot, in the same order."""
        columns = (getattr(self.rhythms, field.name)[chosen] for field in fields(Rhythms))
        return Snapshots(
            Rhythms(*columns),
            self.silent_days[chosen],
            self.until_days[chosen],
            self.is_lasting[chosen],
            self.on[chosen],
        )


class _Standing(NamedTuple):
    """A tie on the day ``on``, and the next day of contact, both as ordinals."""

    rhythm: GapState
    on: int
    next_on: int


def take_snapshots(
    histories: Iterable[ContactHistory],
    *,
    ego_days: Iterable[date],
    until: date,
    forget: float,
    every_days: int = EVERY_DAYS,
    horizons: Sequence[int] = HORIZONS,
    min_days: int = MIN_DAYS,
    live_days: int = LIVE_DAYS,
) -> Snapshots:
    """Return each tie as it stood on past days, with what came of it, oldest day first.

    A tie is taken on a day T if it had ``min_days`` interaction days before T, both had
    reached the other, and the last contact was at most ``live_days`` ago. The outcome
    is whether nothing came in [T, T + H), for each H of ``horizons``. It is known only if
    all of that lies before ``until``, and if the ego still wrote to somebody in its second
    half: who writes to nobody is away, and a silence says nothing then.

    Args:
        histories: Their ``out_days`` and ``in_days`` say when both had reached the other.
        ego_days: The days on which the ego wrote to anybody.
        until: All days before this one were observed to their end; later ones are ignored.
        forget: What is left of a gap's weight when the next one ends, in (0, 1].
        every_days: From one T to the next, counted back from ``until``.
        horizons: The windows H, in days.
        min_days: At least 1.
        live_days: At least 1.

    Source: design notes, decay model (the benchmark).
    """
    end = until.toordinal()
    found = [
        one
        for history in histories
        for one in _stand(history, end, forget, every_days, min_days, live_days)
    ]
    return _observe(found, ego_days, end, horizons)


def _observe(
    found: Sequence[_Standing], ego_days: Iterable[date], end: int, horizons: Sequence[int]
) -> Snapshots:
    on = np.array([one.on for one in found], dtype=np.int64)
    next_on = np.array([one.next_on for one in found], dtype=np.int64)
    wrote_on = np.array(sorted({day.toordinal() for day in ego_days}), dtype=np.int64)
    parts = [(h, _find_known(on, h, wrote_on, end)) for h in horizons]
    rows = np.concatenate([known for _, known in parts])
    window = np.concatenate([np.full(len(known), h) for h, known in parts])
    oldest_first = np.argsort(on[rows], kind="stable")
    rows, window = rows[oldest_first], window[oldest_first]
    rhythms = [found[row].rhythm for row in rows]
    silent_days = on[rows] - np.array([r.last_on.toordinal() for r in rhythms], dtype=np.int64)
    return Snapshots(
        rhythms=stack(rhythms),
        silent_days=silent_days.astype(np.float64),
        until_days=(silent_days + window).astype(np.float64),
        is_lasting=next_on[rows] >= on[rows] + window,
        on=on[rows],
    )


def _stand(
    history: ContactHistory, end: int, forget: float, every_days: int, min_days: int, live_days: int
) -> Iterator[_Standing]:
    """Yield the tie on each day of the grid on which it was mutual, known and live."""
    mutual_on = _find_mutual(history)
    following = chain(islice(history.days, 1, None), (date.max,))
    rhythm: GapState | None = None
    for day, next_day in zip(history.days, following, strict=True):
        rhythm = add_day(rhythm, day, forget)
        last_on, next_on = day.toordinal(), next_day.toordinal()
        if rhythm.n_days < min_days or last_on < mutual_on:
            continue
        # Contact on a day of the grid itself is of the future that is asked about.
        first = end - (end - last_on - 1) // every_days * every_days
        for on in range(first, min(last_on + live_days, next_on, end - 1) + 1, every_days):
            yield _Standing(see(rhythm, _find_seen(history, on)), on, next_on)


def _find_seen(history: ContactHistory, on: int) -> date | None:
    """Return the last day of contact in passing before the day ``on``."""
    days = history.passing_days
    place = bisect_left(days, date.fromordinal(on)) if days else 0
    return days[place - 1] if place else None


def _find_mutual(history: ContactHistory) -> int:
    """Return the day from which both have reached the other, after all days if never."""
    if not (history.out_days and history.in_days):
        return _NEVER
    return max(history.out_days[0], history.in_days[0]).toordinal()


def _find_known(
    on: NDArray[np.int64], horizon: int, wrote_on: NDArray[np.int64], end: int
) -> NDArray[np.int64]:
    """Return the places at which the outcome after ``horizon`` days is known."""
    closes = on + horizon
    n_before = np.searchsorted(wrote_on, on + horizon / 2)
    is_writing = np.searchsorted(wrote_on, closes) > n_before
    return np.flatnonzero((closes <= end) & is_writing)
