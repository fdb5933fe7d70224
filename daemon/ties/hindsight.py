"""The replayed past -> how well the chances that kithd gave each month held, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from daemon.ties.backtest import find_enough_on
from daemon.ties.estimate import stack
from daemon.ties.model import State
from daemon.ties.models.protocol import FittedDecay, Floats
from daemon.ties.outcomes import Outcome, judge
from daemon.ties.replay import Days, Silences
from daemon.ties.scores import measure_auc

MIN_CASES = 100
"""Known outcomes below which nothing is said of them."""

MIN_OF_EACH = 10
"""Of these, how many must have lasted, and how many not."""

N_RESAMPLED = 300
INTERVAL = (0.025, 0.975)

BIN_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

_NEW = tuple(State).index(State.NEW)


@dataclass(frozen=True, slots=True)
class Cases:
    """Ties on the first of each month, all live and more than new; one entry a case.

    Attributes:
        tie: Whose it is.
        p_dormant: The chance given that the silence would last.
        silent_days: How old the silence was.
        overdue: The same in median gaps of the tie.
        is_lasting: Whether it lasted, for those that are known.
        is_known: Whether that is known.
        dormant_on: The day on which it is.
    """

    tie: NDArray[np.int64]
    p_dormant: Floats
    silent_days: Floats
    overdue: Floats
    is_lasting: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    dormant_on: Days


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases that were given about the same chance: its mean, and how many of ``n`` lasted."""

    n: int
    p_mean: float
    share_lasted: float


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well the order and the size of the chances held.

    ``auc`` is the share of pairs, one that lasted and one that did not, of which kithd gave
    the first the higher chance; ``auc_low`` and ``auc_high`` are its 95 % interval, people
    resampled. ``auc_silence`` and ``auc_overdue`` are the same for the longer silence, and
    for the one longer in view of the tie's own gaps. ``error`` is how far the chances were
    from the shares, on average.
    """

    n: int
    n_ties: int
    n_lasted: int
    auc: float
    auc_low: float
    auc_high: float
    auc_silence: float
    auc_overdue: float
    error: float
    bins: tuple[Bin, ...]


def draw_cases(silences: Silences, model: FittedDecay, ego_days: Days) -> Cases:
    """Return every silence as it stood on the first of each month, with what came of it."""
    places, on = _find_firsts(silences)
    rhythms = stack([silences.rhythms[place] for place in places.tolist()])
    silent = (on - silences.began[places]).astype(np.float64)
    outcomes = np.array(judge(silences, places, on, ego_days), dtype=np.str_)
    return Cases(
        tie=silences.tie[places],
        p_dormant=model.forecast(rhythms, silent).p_dormant,
        silent_days=silent,
        overdue=silent / np.nan_to_num(silences.median_gap[places], nan=np.inf),
        is_lasting=outcomes == Outcome.LASTED.value,
        is_known=np.isin(outcomes, (Outcome.LASTED.value, Outcome.CAME_BACK.value)),
        dormant_on=(silences.began + silences.dormant_after)[places],
    )


def look_back_on(cases: Cases, chance: np.random.Generator) -> Foresight | None:
    """Return how well the chances held; None where too little is known to tell.

    Args:
        cases: As drawn.
        chance: By which people are resampled for the interval.
    """
    known = np.flatnonzero(cases.is_known)
    is_lasting, tie = cases.is_lasting[known], cases.tie[known]
    n_lasted = int(is_lasting.sum())
    if len(known) < MIN_CASES or min(n_lasted, len(known) - n_lasted) < MIN_OF_EACH:
        return None
    p = cases.p_dormant[known]
    low, high = _find_interval(p, is_lasting, tie, chance)
    bins = tuple(_sort_into_bins(p, is_lasting))
    return Foresight(
        n=len(known),
        n_ties=len(np.unique(tie)),
        n_lasted=n_lasted,
        auc=measure_auc(p, is_lasting),
        auc_low=low,
        auc_high=high,
        auc_silence=measure_auc(cases.silent_days[known], is_lasting),
        auc_overdue=measure_auc(cases.overdue[known], is_lasting),
        error=sum(one.n * abs(one.p_mean - one.share_lasted) for one in bins) / len(known),
        bins=bins,
    )


def count_outcomes(cases: Cases) -> tuple[int, int]:
    """Return how many of the cases lasted, and how many came back."""
    n_lasted = int(cases.is_lasting.sum())
    return n_lasted, int(cases.is_known.sum()) - n_lasted


def find_enough_cases(cases: Cases, until: date) -> date | None:
    """Return the day on which ``MIN_CASES`` will be known, as ``find_enough_on`` does."""
    later = cases.dormant_on[cases.dormant_on > until.toordinal() + 1]
    open_until = [date.fromordinal(day) for day in later.tolist()]
    return find_enough_on(open_until, MIN_CASES - int(cases.is_known.sum()), until)


def _find_firsts(silences: Silences) -> tuple[NDArray[np.int64], Days]:
    """Each stretch on each first of a month in it, after a contact and before dormancy."""
    last = silences.began + np.minimum(silences.to_after, silences.dormant_after) - 1
    is_asked = silences.first_state != _NEW
    firsts = _list_firsts(silences)
    start = np.searchsorted(firsts, silences.began + np.maximum(silences.from_after, 1))
    n_firsts = np.searchsorted(firsts, last, "right") - start
    count = np.where(is_asked, np.maximum(n_firsts, 0), 0)
    places = np.repeat(np.arange(len(silences)), count)
    nth = np.arange(len(places)) - np.repeat(np.cumsum(count) - count, count)
    return places, firsts[np.repeat(start, count) + nth]


def _list_firsts(silences: Silences) -> Days:
    if not len(silences):
        return np.array([], dtype=np.int64)
    first = date.fromordinal(int(silences.began.min()))
    months = range(first.year * 12 + first.month - 1, silences.until.year * 12 + 12)
    days = [date(month // 12, month % 12 + 1, 1).toordinal() for month in months]
    return np.array(days, dtype=np.int64)


def _find_interval(
    p: Floats, is_lasting: NDArray[np.bool_], tie: NDArray[np.int64], chance: np.random.Generator
) -> tuple[float, float]:
    """Source: Efron and Tibshirani 1993, percentile interval; a person's cases go together."""
    people, whose = np.unique(tie, return_inverse=True)
    order = np.argsort(p, kind="stable")
    starts = np.flatnonzero(np.diff(p[order], prepend=-1.0))  # of those with the same chance
    found = []
    for _ in range(N_RESAMPLED):
        drawn = chance.integers(0, len(people), len(people))
        times = np.bincount(drawn, minlength=len(people))[whose][order]
        lasted = np.add.reduceat(np.where(is_lasting[order], times, 0), starts)
        ended = np.add.reduceat(times, starts) - lasted
        if n_pairs := int(lasted.sum()) * int(ended.sum()):
            found.append(float((lasted * (np.cumsum(ended) - ended / 2)).sum()) / n_pairs)
    low, high = np.quantile(found, INTERVAL)
    return float(low), float(high)


def _sort_into_bins(p: Floats, is_lasting: NDArray[np.bool_]) -> Iterator[Bin]:
    of_case = np.searchsorted(BIN_EDGES[1:-1], p, "right")
    for number in range(len(BIN_EDGES) - 1):
        here = of_case == number
        if n := int(here.sum()):
            yield Bin(n, float(p[here].mean()), float(is_lasting[here].mean()))
