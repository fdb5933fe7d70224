"""Silences looked at once a week -> how soon a model flags the ties that do fade.

A silence begins on an interaction day of the test, from the third on. It is a fade when it
reaches G, a pause when contact comes before; G and what is known of it are as
``until_dormant`` says. On every seventh day of the network each tie in silence is scored:
the chance that it will reach G. The first score at or above a threshold is its flag. The
threshold is the lowest at which flags of pauses are at most half a flag per tie-year, tie
time being the days of all silences up to G or the next contact.

Source: design notes, targets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from benchmarks.decay.arrays import Bools, Floats, Ints
from benchmarks.decay.columns import Field
from benchmarks.decay.compare import Report
from benchmarks.decay.cuts import Examples, first_test_cut, observe
from benchmarks.decay.histories import MIN_DAYS
from benchmarks.decay.models.protocol import Model, TooLittle
from benchmarks.decay.resample import Draws, Interval, draw, interval
from benchmarks.decay.rows import Past, Rows
from benchmarks.decay.until_dormant import dormant_at

LOOK_DAYS = 7
FALSE_FLAGS_A_YEAR = 0.5
SOON_DAYS = 30
MAX_LOOKS = 60_000


@dataclass(frozen=True, eq=False)
class Silences:
    """Silences with known outcome, and the looks that fall into them.

    Attributes:
        owner: Whose tie it is, once a silence.
        is_fade: Whether it reached G.
        days: How long it lasted, at most G.
        looks: Rows, one a look.
        silence: Which silence each look falls into; ascending, and by time within.
        horizon: What is left until G at each look, in days.
    """

    owner: Ints
    is_fade: Bools
    days: Floats
    looks: Rows
    silence: Ints
    horizon: Floats

    @property
    def tie_years(self) -> float:
        """The time at risk of a flag."""
        return float(self.days.sum()) / 365.25


@dataclass(frozen=True, eq=False)
class Delay:
    """How one model does in one network, at the threshold that was found.

    ``soon`` is the share of fades flagged within 30 days, ``ever`` the share flagged
    before dormancy; ``median_days`` is over all fades, None when fewer than half are
    flagged; ``days`` is the delay of each fade, infinite if never flagged.
    """

    model: str
    network: str
    n_fades: int
    n_pauses: int
    tie_years: float
    soon: Interval | None
    ever: float
    median_days: float | None
    days: Floats
    note: str = ""


def collect(field: Field) -> Silences:
    """Return the silences of the test part of ``field``, thinned to 60,000 looks by ties."""
    network = field.network
    beginnings = _begin(field)
    limit = dormant_at(beginnings)
    is_in_time = beginnings.on - 1 + limit <= network.end_day
    known = observe(beginnings.where(is_in_time), (limit - beginnings.silent_days)[is_in_time])
    return _look(_thin(known), network.first_day)


def _thin(known: Examples) -> Examples:
    """Return the silences of every tie, or every second, third, ... if there are too many."""
    every = ceil(float(_last(known).sum()) / LOOK_DAYS / MAX_LOOKS) or 1
    ties = {past.history: k for k, past in enumerate(known.rows.pasts)}
    number = {tie: k for k, tie in enumerate(ties)}
    keep = np.array([number[past.history] % every == 0 for past in known.rows.pasts], dtype=bool)
    return Examples(known.rows.where(keep), known.horizon[keep], known.is_silent[keep])


def _last(known: Examples) -> Floats:
    """Return how many days each silence lasts, at most G, given its first day."""
    nexts = np.array([_next_day(past) for past in known.rows.pasts])
    lasts: Floats = np.minimum(nexts - known.rows.on, known.horizon) + 1
    return lasts


def _next_day(past: Past) -> float:
    days = past.history.days
    place = int(np.searchsorted(days, past.on))
    return float(days[place]) if place < len(days) else np.inf


def _begin(field: Field) -> Rows:
    """Return each silence of the test on its first day: the day after the contact."""
    first = first_test_cut(field.network)
    return Rows(
        tuple(
            Past(tie, int(on) + 1)
            for tie in field.ties
            for on in tie.days[MIN_DAYS - 1 :]
            if on >= max(first, tie.mutual_from)
        )
    )


def _look(known: Examples, first_day: int) -> Silences:
    """Return the looks into each silence of ``known``, whose rows are first days."""
    days = _last(known)
    # The look on the day of the next contact does not know of it; on the day of G it is over.
    n_days = np.minimum(days, known.horizon).astype(np.int64)
    starts = first_day - (first_day - known.rows.on) // LOOK_DAYS * LOOK_DAYS
    looks = [
        (k, on)
        for k, (start, first, n) in enumerate(zip(starts, known.rows.on, n_days, strict=True))
        for on in range(int(start), int(first + n), LOOK_DAYS)
    ]
    silence = np.array([k for k, _ in looks], dtype=np.int64)
    rows = Rows(tuple(Past(known.rows.pasts[k].history, on) for k, on in looks))
    left = known.rows.on[silence] + known.horizon[silence] - rows.on
    return Silences(known.rows.owner, known.is_silent, days, rows, silence, left)


def measure_all(
    field: Field, training: Examples, models: Sequence[Model], report: Report
) -> list[Delay]:
    """Return how soon each model flags the fades of ``field``; none if there are none."""
    silences = collect(field)
    if not silences.is_fade.any() or not len(silences.looks):
        return []
    draws = draw(field.network.name, silences.owner)
    found = []
    for model in models:
        report(f"{field.network.name}, delay: {model.name}")
        found.append(measure(field.network.name, silences, model, training, draws))
    return found


def measure(
    network: str, silences: Silences, model: Model, training: Examples, draws: Draws
) -> Delay:
    """Return how soon ``model``, learnt from ``training``, flags the fades."""
    n_fades = int(silences.is_fade.sum())
    size = (n_fades, len(silences.is_fade) - n_fades, silences.tie_years)
    try:
        chance = model.fit(training).score(silences.looks, silences.horizon)
    except TooLittle as reason:
        never = np.full(n_fades, np.inf)
        return Delay(model.name, network, *size, None, 0.0, None, never, f"too little: {reason}")
    threshold = find_threshold(silences, chance)
    days = find_delays(silences, chance, threshold)[silences.is_fade]
    soon = _share_soon(days, draws.weigh(silences.owner[silences.is_fade]))
    median = float(np.median(days))
    return Delay(
        model.name,
        network,
        *size,
        soon,
        ever=float(np.isfinite(days).mean()),
        median_days=median if np.isfinite(median) else None,
        days=days,
    )


def _share_soon(days: Floats, weights: Ints) -> Interval:
    """Return the share of fades flagged in time, the threshold being left where it is."""
    is_soon = days <= SOON_DAYS
    n_drawn = weights.sum(axis=1)
    resampled = np.where(n_drawn > 0, weights @ is_soon / np.maximum(n_drawn, 1), np.nan)
    return interval(float(is_soon.mean()), resampled)


def find_threshold(silences: Silences, chance: Floats) -> float:
    """Return the lowest score at which pauses are flagged no oftener than is allowed."""
    highest = np.full(len(silences.is_fade), -np.inf)
    np.maximum.at(highest, silences.silence, chance)
    pauses = np.sort(highest[~silences.is_fade])[::-1]
    allowed = int(FALSE_FLAGS_A_YEAR * silences.tie_years)
    if allowed >= len(pauses):
        return -np.inf
    return float(np.nextafter(pauses[allowed], np.inf))


def find_delays(silences: Silences, chance: Floats, threshold: float) -> Floats:
    """Return after how many days each silence is flagged, infinite if it never is."""
    days = np.full(len(silences.is_fade), np.inf)
    flagged = chance >= threshold
    np.minimum.at(days, silences.silence[flagged], silences.looks.silent_days[flagged])
    return days
