"""The replayed past -> what each rule would have told the owner, and how often it was right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import numpy as np

from daemon.ties.flags import (
    WEEK_DAYS,
    Flag,
    Wanted,
    after_days,
    after_overdue,
    cap_weekly,
    flag_after,
    flag_fading,
)
from daemon.ties.outcomes import Outcome, judge
from daemon.ties.replay import Days, Silences

FIXED_DAYS = 30
"""The fixed rule that kithd is held against. Source: design notes, decay model (benchmark)."""

MIN_FLAGS = 10
"""Flags with known outcome below which a share of them says nothing."""

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Judged:
    """A flag and what came of its silence. ``dormant_on`` is the day on which that is known.

    A flag at a limit that the owner set is no forecast: its ``outcome`` is None.
    """

    flag: Flag
    dormant_on: date
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Record:
    """What one rule would have flagged, by day."""

    flags: tuple[Judged, ...]

    def count(self, outcome: Outcome | None) -> int:
        """Return how many of the flags came to this."""
        return Counter(one.outcome for one in self.flags)[outcome]

    @property
    def n_known(self) -> int:
        """How many either lasted or came back."""
        return self.count(Outcome.LASTED) + self.count(Outcome.CAME_BACK)

    @property
    def share_lasted(self) -> float | None:
        """The share of those known that lasted; None where none is known."""
        return self.count(Outcome.LASTED) / self.n_known if self.n_known else None

    @property
    def silent_days(self) -> float | None:
        """How old a silence was when it was flagged: the median, None if none was."""
        return median(one.flag.silent_days for one in self.flags) if self.flags else None

    @property
    def days_before(self) -> float | None:
        """How many days before dormancy a silence that lasted was flagged: the median."""
        early = [
            (one.dormant_on - one.flag.on).days
            for one in self.flags
            if one.outcome is Outcome.LASTED
        ]
        return median(early) if early else None

    def since(self, on: date) -> "Record":
        """Return the same of the flags after the day ``on``."""
        return Record(tuple(one for one in self.flags if one.flag.on > on))


@dataclass(frozen=True, slots=True)
class Backtest:
    """What kithd would have told the owner of the past, beside two simpler rules.

    ``began`` is the day of the first contact, ``until`` the last that is known.
    ``n_seen`` is how many of kithd's flags fit under ``per_week`` in any seven days.
    """

    began: date
    until: date
    n_ties: int
    n_silences: int
    kithd: Record
    fixed: Record
    overdue: Record
    per_week: int
    n_seen: int

    @property
    def n_weeks(self) -> float:
        """How long the past is."""
        return ((self.until - self.began).days + 1) / WEEK_DAYS

    @property
    def last_year(self) -> Record:
        """What kithd would have flagged in the last 365 days of it."""
        return self.kithd.since(self.until - YEAR)

    @property
    def enough_on(self) -> date | None:
        """The day on which enough of kithd's flags are known; None if none is in sight."""
        open_until = [one.dormant_on for one in self.kithd.flags if one.outcome is Outcome.OPEN]
        return find_enough_on(open_until, MIN_FLAGS - self.kithd.n_known, self.until)


def backtest(silences: Silences, wanted: Wanted, ego_days: Days, *, per_week: int) -> Backtest:
    """Return what kithd's rule and two simpler ones would have made of the past.

    Args:
        silences: As replayed.
        wanted: What the owner wants of single ties.
        ego_days: The days on which the ego wrote or met, ascending.
        per_week: How many flags the owner wants in a week at most.
    """

    def record(flags: tuple[Flag, ...]) -> Record:
        return judge_flags(silences, flags, ego_days)

    flags = flag_fading(silences, wanted)
    n_days = {one.stretch: silences.rhythms[one.stretch].n_days for one in flags}
    first = min((rhythm.first_on for rhythm in silences.rhythms), default=silences.until)
    return Backtest(
        began=first,
        until=silences.until,
        n_ties=len(np.unique(silences.tie)),
        n_silences=silences.n_silences,
        kithd=record(flags),
        fixed=record(flag_after(silences, after_days(silences, FIXED_DAYS), wanted)),
        overdue=record(flag_after(silences, after_overdue(silences), wanted)),
        per_week=per_week,
        n_seen=len(cap_weekly(flags, per_week, n_days)),
    )


def judge_flags(silences: Silences, flags: Sequence[Flag], ego_days: Days) -> Record:
    """Return ``flags`` with what came of each."""
    places = np.array([flag.stretch for flag in flags], dtype=np.int64)
    on = np.array([flag.on.toordinal() for flag in flags], dtype=np.int64)
    dormant_on = (silences.began + silences.dormant_after)[places].tolist()
    outcomes = judge(silences, places, on, ego_days)
    return Record(
        tuple(
            Judged(flag, date.fromordinal(day), None if flag.is_limit else outcome)
            for flag, day, outcome in zip(flags, dormant_on, outcomes, strict=True)
        )
    )


def find_enough_on(open_until: Sequence[date], n_missing: int, until: date) -> date | None:
    """Return the day on which ``n_missing`` of what is open will be known.

    ``until`` if nothing is missing, None if there is not so much open.
    """
    if n_missing <= 0:
        return until
    return sorted(open_until)[n_missing - 1] if len(open_until) >= n_missing else None
