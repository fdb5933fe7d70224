"""Days with contact -> the rhythm of one tie, kept up in constant time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from math import exp2, log


@dataclass(frozen=True, slots=True)
class GapState:
    """All that is kept of one tie's past: O(1), whatever its length.

    ``weight``, ``mean`` and ``scatter`` describe the natural logarithm of the gaps, in
    days, between successive interaction days, older gaps counting less. A tie with one
    interaction day has no gap yet: all three are 0. ``recent`` is at least 1: how many
    interaction days lay near the last one, each counting half as much for every
    ``RECENT_HALF_LIFE_DAYS`` before it. ``seen_on`` is the last day on which the two were
    in passing contact, so far as known: a mail or a meeting of many.
    """

    n_days: int
    last_on: date
    first_on: date
    weight: float
    mean: float
    scatter: float
    recent: float = 1.0
    seen_on: date | None = None

    @property
    def seen_days(self) -> int:
        """For how many days after the last contact they were still seen in passing."""
        return max(0, (self.seen_on - self.last_on).days) if self.seen_on else 0


RECENT_HALF_LIFE_DAYS = 90.0
"""Source: decision record on the gap law (30, 180 and 365 days foretell no better)."""


def add_day(state: GapState | None, on: date, forget: float) -> GapState:
    """Return ``state`` with one more day of contact; a day it knows changes nothing.

    Args:
        state: The rhythm so far, None before the first contact.
        on: The owner's local day of the contact, not before ``state.last_on``.
        forget: The weight that is left of a gap when the next one ends, in (0, 1].

    Raises:
        ValueError: ``on`` lies before the last day: fold the whole history again.

    Source: design notes, decay model: W <- rho W + 1; d = x - m; m <- m + d/W;
    V <- rho V + d (x - m), with x the logarithm of the gap (West 1979, weighted).
    """
    if state is None:
        return GapState(1, on, on, 0.0, 0.0, 0.0)
    gap_days = (on - state.last_on).days
    if gap_days < 0:
        raise ValueError(f"{on} is before the last day, {state.last_on}")
    return state if gap_days == 0 else _add_gap(state, on, gap_days, forget)


def see(state: GapState, on: date | None) -> GapState:
    """Return ``state`` with contact in passing on the day ``on``, in any order of days."""
    is_news = on is not None and (state.seen_on is None or on > state.seen_on)
    return replace(state, seen_on=on) if is_news else state


def fold(days: Iterable[date], forget: float, seen_on: date | None = None) -> GapState:
    """Return the rhythm of ``days``, ascending; a day may be given more than once.

    Raises:
        ValueError: There is no day, or the days do not ascend.
    """
    state: GapState | None = None
    for on in days:
        state = add_day(state, on, forget)
    if state is None:
        raise ValueError("a rhythm needs at least one day of contact")
    return see(state, seen_on)


def _add_gap(state: GapState, on: date, gap_days: int, forget: float) -> GapState:
    weight = forget * state.weight + 1
    log_gap = log(gap_days)
    surprise = log_gap - state.mean
    mean = state.mean + surprise / weight
    scatter = forget * state.scatter + surprise * (log_gap - mean)
    recent = state.recent * exp2(-gap_days / RECENT_HALF_LIFE_DAYS) + 1
    return GapState(
        state.n_days + 1, on, state.first_on, weight, mean, scatter, recent, state.seen_on
    )
