"""One tie's rhythm -> how it will stand on each coming day if nothing happens."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

from daemon.ties.estimate import Row, estimate
from daemon.ties.gaps import GapState
from daemon.ties.model import State, Tie
from daemon.ties.models.protocol import FittedDecay
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds

FARTHEST_DAYS = 1826
"""Five years ahead nothing is worth foretelling."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The first day ``on`` which a tie would be in ``state``."""

    state: State
    on: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """The coming days of one silence, should it go on.

    ``p_dormant`` holds the chance of today, ``on``, then of each day after it, until the tie
    is dormant; it never falls. ``turns`` are the days on which its state would change.
    """

    on: date
    p_dormant: tuple[float, ...]
    turns: tuple[Turn, ...]


def look_ahead(
    row: Row,
    *,
    on: date,
    model: FittedDecay = Renewal(),  # noqa: B008 -- immutable: one instance serves every call
    thresholds: Thresholds = Thresholds(),  # noqa: B008 -- immutable likewise
) -> Outlook:
    """Return the outlook of the tie of ``row`` from the day ``on``, at most five years ahead.

    Raises:
        ValueError: Its last contact lies after ``on``.
    """
    (now,) = estimate([row], on=on, model=model, thresholds=thresholds)
    left_days = max(0, ceil(now.dormant_at_days) - now.silent_days)
    rows = [_wait(row, days) for days in range(min(left_days, FARTHEST_DAYS) + 1)]
    ties = estimate(rows, on=on, model=model, thresholds=thresholds)
    return Outlook(on, tuple(tie.p_dormant for tie in ties), tuple(_list_turns(ties, on)))


def _wait(row: Row, days: int) -> Row:
    """A tie in so many days is one whose every contact lies so many days further back."""
    alter, gaps, n_out, n_in = row
    return alter, _shift(gaps, timedelta(days=days)), n_out, n_in


def _shift(gaps: GapState, by: timedelta) -> GapState:
    days = {field.name: getattr(gaps, field.name) for field in fields(gaps)}
    earlier = {name: day - by for name, day in days.items() if isinstance(day, date)}
    return replace(gaps, **earlier)  # type: ignore[arg-type]  # its dates, by name


def _list_turns(ties: tuple[Tie, ...], on: date) -> Iterator[Turn]:
    for days, (before, after) in enumerate(pairwise(ties), start=1):
        if before.state is not after.state:
            yield Turn(after.state, on + timedelta(days=days))
