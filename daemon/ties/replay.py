"""Days of contact -> every silence there was, and the day on which each changed the tie's state."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import nan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from daemon.people.model import PersonId
from daemon.ties.estimate import stack
from daemon.ties.gaps import GapState, add_day, see
from daemon.ties.model import ContactHistory, State
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.states import Thresholds, classify

Days: TypeAlias = NDArray[np.int64]
"""Days as proleptic Gregorian ordinals, or lengths of time in whole days."""

NEVER = np.iinfo(np.int64).max // 4
"""So many days of silence stand for what does not happen as far as can be seen."""

_RANK = {state: rank for rank, state in enumerate(State)}
_SOUGHT = (_RANK[State.COOLING], _RANK[State.FADING])


@dataclass(frozen=True, slots=True)
class Silences:
    """Every silence of every tie as columns, in stretches, by tie and then by day.

    A silence begins on a day of contact and lasts until the next one. Where the two saw each
    other in passing meanwhile, a new stretch of it begins on that day: a stretch is what one
    rhythm holds for, so that the chance of lasting only rises in it. Whoever the ego had not
    yet reached when a silence began is no person to kithd, so that it is left out.

    Attributes:
        alters: The ties, in the order of the histories.
        tie: Whose silence it is: the place in ``alters``.
        silence: Which one: its number, the same for all its stretches.
        rhythms: The rhythm as known in this stretch.
        median_gap: The median of the gaps before the silence, in days; NaN if there is none.
        began: The day of the contact it follows.
        ended: The day of the contact that ended it, or the first day that is not known.
        from_after: Days of silence at which the stretch begins.
        to_after: Days of silence at which the next stretch begins, or the silence ends.
        first_state: The state on the first day of the stretch, as a rank in ``State``.
        cooling_after: Days of silence from which the tie was cooling or worse in this
            stretch, or ``NEVER``.
        fading_after: The same for fading or worse.
        dormant_after: Days of silence that make it dormant, whether or not it lasted so long.
        until: The last day that is known.
    """

    alters: tuple[PersonId, ...]
    tie: NDArray[np.int64]
    silence: NDArray[np.int64]
    rhythms: tuple[GapState, ...]
    median_gap: NDArray[np.float64]
    began: Days
    ended: Days
    from_after: Days
    to_after: Days
    first_state: NDArray[np.int64]
    cooling_after: Days
    fading_after: Days
    dormant_after: Days
    until: date

    def __len__(self) -> int:
        """Return the number of stretches."""
        return len(self.tie)

    @property
    def n_silences(self) -> int:
        """How many silences there are."""
        return len(np.unique(self.silence))


def replay(
    histories: Sequence[ContactHistory],
    *,
    model: FittedDecay,
    thresholds: Thresholds,
    until: date,
) -> Silences:
    """Return what kithd would have made of each silence, knowing each day what was known then.

    The histories must say who acted on which day (``out_days``, ``in_days``). Contact after
    ``until`` is passed over. What comes later changes nothing of what is said
    of earlier days: the rhythm of a silence is made of the gaps before it.

    Source: design notes, decay model (states); ``p_dormant`` only rises within a stretch, so
    that the day of a change is found by halving.
    """
    found = [one for at, it in enumerate(histories) for one in _walk(at, it, model.forget, until)]
    law = _Law.of(found, model, thresholds)
    from_after = np.array([one.from_after for one in found], dtype=np.int64)
    to_after = np.array([one.to_after for one in found], dtype=np.int64)
    cooling_after, fading_after = law.find_firsts(_SOUGHT, first=from_after, last=to_after - 1)
    return Silences(
        alters=tuple(history.alter for history in histories),
        tie=np.array([one.tie for one in found], dtype=np.int64),
        silence=np.cumsum(from_after == 0) - 1,
        rhythms=law.rhythms,
        median_gap=np.array([one.median_gap for one in found], dtype=np.float64),
        began=np.array([one.began for one in found], dtype=np.int64),
        ended=np.array([one.ended for one in found], dtype=np.int64),
        from_after=from_after,
        to_after=to_after,
        first_state=law.rank(np.arange(len(found)), from_after),
        cooling_after=cooling_after,
        fading_after=fading_after,
        dormant_after=law.dormant_after,
        until=until,
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One stretch as it is walked past; days are ordinals."""

    tie: int
    rhythm: GapState
    median_gap: float
    began: int
    ended: int
    from_after: int
    to_after: int
    is_mutual: bool


def _walk(tie: int, history: ContactHistory, forget: float, until: date) -> Iterator[_Stretch]:
    if not history.out_days:
        return
    reached_on = history.out_days[0]
    mutual_on = max(reached_on, *history.in_days[:1]) if history.in_days else date.max
    state: GapState | None = None
    gaps: list[int] = []
    days = [day for day in history.days if day <= until]
    for on, next_on in pairwise((*days, until + timedelta(1))):
        state = add_day(state, on, forget)
        if on >= reached_on:
            for rhythm, begins, ends in _divide(state, history.passing_days, next_on):
                yield _Stretch(
                    tie=tie,
                    rhythm=rhythm,
                    median_gap=_median(gaps),
                    began=on.toordinal(),
                    ended=next_on.toordinal(),
                    from_after=(begins - on).days,
                    to_after=(ends - on).days,
                    is_mutual=on >= mutual_on,
                )
        insort(gaps, (next_on - on).days)


def _divide(
    state: GapState, passing_days: Sequence[date], next_on: date
) -> Iterator[tuple[GapState, date, date]]:
    """Yield the rhythm in each stretch of a silence, and the days it begins and ends."""
    first, end = (bisect_right(passing_days, state.last_on), bisect_left(passing_days, next_on))
    begins = [state.last_on, *passing_days[first:end], next_on]
    seen_on = [passing_days[first - 1] if first else None, *passing_days[first:end]]
    for (begin, next_begin), seen in zip(pairwise(begins), seen_on, strict=True):
        yield see(state, seen), begin, next_begin


def _median(ordered: Sequence[int]) -> float:
    if not ordered:
        return nan
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[~middle]) / 2


@dataclass(frozen=True, slots=True)
class _Law:
    """What the model and the thresholds say of each silence at each of its days."""

    rhythms: tuple[GapState, ...]
    is_mutual: NDArray[np.bool_]
    model: FittedDecay
    thresholds: Thresholds
    dormant_after: Days

    @classmethod
    def of(cls, found: Sequence[_Stretch], model: FittedDecay, thresholds: Thresholds) -> "_Law":
        rhythms = tuple(one.rhythm for one in found)
        horizon = model.forecast(stack(rhythms), np.zeros(len(found))).dormant_at_days
        dormant_after = np.ceil(np.minimum(horizon, NEVER)).astype(np.int64)
        is_mutual = np.array([one.is_mutual for one in found], dtype=np.bool_)
        return cls(rhythms, is_mutual, model, thresholds, dormant_after)

    def rank(self, places: NDArray[np.int64], silent_days: Days) -> NDArray[np.int64]:
        """Return the rank of the state of the silences ``places``, so many days old."""
        rhythms = [self.rhythms[place] for place in places.tolist()]
        forecast = self.model.forecast(stack(rhythms), silent_days.astype(np.float64))
        states = classify(
            [rhythm.n_days for rhythm in rhythms],
            self.is_mutual[places],
            forecast.p_dormant,
            forecast.unusual,
            silent_days,
            forecast.dormant_at_days,
            self.thresholds,
        )
        return np.array([_RANK[state] for state in states], dtype=np.int64)

    def find_firsts(self, ranks: Sequence[int], *, first: Days, last: Days) -> tuple[Days, ...]:
        """Return for each of ``ranks`` the first day of each stretch that has at least it.

        The stretches reach from the day ``first`` of the silence to the day ``last`` of it.
        """
        n = len(last)
        wanted, everyone = np.repeat(ranks, n), np.tile(np.arange(n), len(ranks))
        found = np.full(len(everyone), NEVER, dtype=np.int64)
        high = np.maximum(first, np.minimum(last, self.dormant_after))[everyone]
        there = np.flatnonzero(self.rank(everyone, high) >= wanted)
        places, wanted, high = everyone[there], wanted[there], high[there]
        low = first[places] - 1
        while np.any(high - low > 1):
            middle = (low + high + 1) // 2  # where it is found already, this is high again
            is_there = self.rank(places, middle) >= wanted
            high, low = np.where(is_there, middle, high), np.where(is_there, low, middle)
        found[there] = high
        return tuple(found.reshape(len(ranks), n))
