"""Silences and a rule -> flags: the days on which the owner would have been told."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from daemon.people.model import PersonId
from daemon.ties.model import State, Tie
from daemon.ties.replay import NEVER, Days, Silences

AGAIN_DAYS = 30
"""A tie is not flagged again within so many days of its last flag.

Source: design notes, decay model (states).
"""

OVERDUE_GAPS = 2.0
"""What the usual rule of personal address books calls overdue, in median gaps of the tie.

Source: design notes, decay model, benchmark (rules of existing tools: 1.5 to 2).
"""

WEEK_DAYS = 7
_NEW = tuple(State).index(State.NEW)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the owner wants of single ties, whatever the forecast.

    Attributes:
        longest_days: The longest gap wanted. It holds for the whole past: it is a setting.
        rested_on: The days on which the owner let a tie rest: until contact resumes.
        never_from: The day from which a tie is never spoken of again.

    Source: design notes, decay model ("the owner rules over the model").
    """

    longest_days: Mapping[PersonId, int] = field(default_factory=dict)
    rested_on: Mapping[PersonId, tuple[date, ...]] = field(default_factory=dict)
    never_from: Mapping[PersonId, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Windows:
    """For each stretch the days of it on which a rule would flag it; none if first > last."""

    first: Days
    last: Days


@dataclass(frozen=True, slots=True)
class Flag:
    """A day on which the owner would have been told of a silence.

    ``stretch`` is its place in the silences, ``silent_days`` how old the silence was, and
    ``last_on`` the last day on which the rule still held without a break. ``is_limit`` is
    True where the owner's own longest gap was reached, and no forecast was made.
    """

    alter: PersonId
    on: date
    stretch: int
    silent_days: int
    last_on: date
    is_limit: bool


def flag_fading(silences: Silences, wanted: Wanted) -> tuple[Flag, ...]:
    """Return the flags of kithd's own rule, by day: on fading, or at the owner's longest gap.

    A silence is flagged once, on its first day of fading that is at least ``AGAIN_DAYS``
    after the last flag of the tie; not if it is over or dormant by then. A longest gap set
    by the owner takes the place of the forecast, and of the ``AGAIN_DAYS``. A tie that rests
    is never flagged.
    """
    limit = _limits(silences, wanted)
    is_limited = limit < NEVER
    after = np.where(is_limited, limit, silences.fading_after)
    until = np.where(is_limited, NEVER, silences.dormant_after)
    return _raise_flags(silences, _open(silences, after, until, wanted), is_limited)


def is_flagged(tie: Tie, wanted: Wanted) -> bool:
    """Whether a tie stands flagged as it is: fading or over the owner's limit, and not at rest."""
    alter = tie.alter
    if alter in wanted.never_from or any(
        on >= tie.last_on for on in wanted.rested_on.get(alter, ())
    ):
        return False
    limit = wanted.longest_days.get(alter)
    return tie.state is State.FADING if limit is None else tie.silent_days >= limit


def flag_after(silences: Silences, after: Days, wanted: Wanted) -> tuple[Flag, ...]:
    """Return the flags of the rule "silent for ``after`` days", a number a silence.

    It is asked about the same ties on the same days as kithd's forecast: not about new or
    dormant ones, those that rest, or those the owner set a longest gap for.
    """
    is_open = (silences.first_state != _NEW) & (_limits(silences, wanted) == NEVER)
    windows = _open(silences, np.where(is_open, after, NEVER), silences.dormant_after, wanted)
    return _raise_flags(silences, windows, np.zeros(len(silences), dtype=np.bool_))


def after_days(silences: Silences, days: int) -> Days:
    """Return the rule of a fixed number of days."""
    return np.full(len(silences), days, dtype=np.int64)


def after_overdue(silences: Silences, gaps: float = OVERDUE_GAPS) -> Days:
    """Return the rule "longer than ``gaps`` times this tie's own median gap"."""
    days = np.floor(gaps * np.nan_to_num(silences.median_gap)).astype(np.int64) + 1
    return np.where(np.isnan(silences.median_gap), NEVER, days)


def cap_weekly(flags: Iterable[Flag], per_week: int, n_days: Mapping[int, int]) -> tuple[Flag, ...]:
    """Return the flags the owner would have seen with at most ``per_week`` in any seven days.

    Those at a longest gap that the owner set are seen whatever the cap, and fill none of it.
    What is over the cap waits, those of most interaction days (``n_days``, by stretch) first,
    and is dropped once the rule no longer holds.

    Source: design notes, decay model (weekly cap).
    """
    seen: list[int] = []
    shown: list[Flag] = []
    waiting: list[tuple[int, str, int, Flag]] = []
    flags = tuple(flags)
    asked_for = tuple(flag for flag in flags if flag.is_limit)
    forecast = (flag for flag in flags if not flag.is_limit)
    coming = sorted(forecast, key=lambda flag: (flag.on, flag.alter), reverse=True)
    day = coming[-1].on.toordinal() if coming else 0
    while per_week and (coming or waiting):
        if not waiting:
            day = max(day, coming[-1].on.toordinal())
        while coming and coming[-1].on.toordinal() <= day:
            one = coming.pop()
            heappush(waiting, (-n_days[one.stretch], one.alter, one.stretch, one))
        while waiting and len(seen) - bisect_right(seen, day - WEEK_DAYS) < per_week:
            one = heappop(waiting)[-1]
            if one.last_on.toordinal() >= day:
                shown.append(one)
                seen.append(day)
        day += 1
    return (*shown, *asked_for)


def _limits(silences: Silences, wanted: Wanted) -> Days:
    """The owner's longest gap for the tie of each silence, ``NEVER`` where there is none."""
    of_tie = [wanted.longest_days.get(alter, NEVER) for alter in silences.alters]
    return np.array(of_tie, dtype=np.int64)[silences.tie] if of_tie else silences.tie


def _open(silences: Silences, after: Days, until: Days, wanted: Wanted) -> Windows:
    """The days from ``after`` until the one before ``until``, contact, or rest."""
    first = silences.began + np.maximum(np.maximum(after, silences.from_after), 1)
    last = silences.began + np.minimum(silences.to_after, until) - 1
    return Windows(first, np.minimum(last, _rest(silences, wanted) - 1))


def _rest(silences: Silences, wanted: Wanted) -> Days:
    """The day on which each silence was let rest; far ahead where it was not."""
    rest = np.full(len(silences), NEVER, dtype=np.int64)
    for at, alter in enumerate(silences.alters):
        if alter in wanted.rested_on or alter in wanted.never_from:
            mine = np.flatnonzero(silences.tie == at)
            for on in wanted.rested_on.get(alter, ()):
                day = on.toordinal()
                here = mine[(silences.began[mine] <= day) & (day < silences.ended[mine])]
                rest[here] = np.minimum(rest[here], day)
            if alter in wanted.never_from:
                rest[mine] = np.minimum(rest[mine], wanted.never_from[alter].toordinal())
    return rest


def _raise_flags(
    silences: Silences, windows: Windows, is_limit: NDArray[np.bool_]
) -> tuple[Flag, ...]:
    flags = _pick(silences, windows, is_limit)
    return tuple(sorted(flags, key=lambda flag: (flag.on, flag.alter)))


def _pick(silences: Silences, windows: Windows, is_limit: NDArray[np.bool_]) -> Iterator[Flag]:
    last_flag: dict[int, int] = {}
    flagged: set[int] = set()
    for place, last in _join(silences, windows):
        tie, silence = int(silences.tie[place]), int(silences.silence[place])
        # A gap the owner asked for counts anew with each silence.
        earliest = -NEVER if is_limit[place] else last_flag.get(tie, -NEVER) + AGAIN_DAYS
        on = max(int(windows.first[place]), earliest)
        if on <= last and silence not in flagged:
            last_flag[tie] = on
            flagged.add(silence)
            yield Flag(
                alter=silences.alters[tie],
                on=date.fromordinal(on),
                stretch=place,
                silent_days=on - int(silences.began[place]),
                last_on=date.fromordinal(last),
                is_limit=bool(is_limit[place]),
            )


def _join(silences: Silences, windows: Windows) -> Iterator[tuple[int, int]]:
    """Yield where each window opens and its last day, those without a break as one."""
    opened: tuple[int, int] | None = None
    for place in np.flatnonzero(windows.first <= windows.last).tolist():
        last = int(windows.last[place])
        if opened and _goes_on(silences, windows, opened, place):
            opened = opened[0], last
            continue
        if opened:
            yield opened
        opened = place, last
    if opened:
        yield opened


def _goes_on(silences: Silences, windows: Windows, opened: tuple[int, int], place: int) -> bool:
    is_same = silences.silence[place] == silences.silence[opened[0]]
    return bool(is_same and windows.first[place] <= opened[1] + 1)
