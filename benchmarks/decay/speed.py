"""Made-up ties -> how fast they are scored, beside the least that numpy could do with them."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.decay.arrays import Floats
from daemon.ties.estimate import stack
from daemon.ties.gaps import GapState, add_day, fold
from daemon.ties.models.protocol import Rhythms
from daemon.ties.models.renewal import Renewal

N_TIES = 100_000
RUNS, ONES = 15, 2_000
START = date(2020, 1, 1)

Spread = tuple[float, float, float]
"""The least, the median and the greatest of several runs."""


def measure() -> list[str]:
    """Return lines that say what was measured: scoring all ties, their size, rescoring one."""
    rhythms, silent_days = make_up(N_TIES)
    model = Renewal()
    pair = _take_turns(
        lambda: model.forecast(rhythms, silent_days), lambda: _pass(rhythms, silent_days), RUNS
    )
    n_bytes = sum(column.nbytes for column in (*_columns(rhythms), silent_days)) / N_TIES
    rhythm, coming = _make_rhythm()
    one = _take_turns(
        lambda: _rescore(model, rhythm, coming), lambda: np.add(silent_days[:1], 1.0), ONES
    )
    return [
        f"{N_TIES:,} ties scored: {_say(pair[0], 1e3)} ms (wanted: 100, then 20)",
        f"  one numpy pass, all columns added up: {_say(pair[1], 1e3)} ms",
        f"  ratio of the medians: {pair[0][1] / pair[1][1]:.0f}",
        f"memory: {n_bytes:.0f} bytes a tie (wanted: 100)",
        f"one new interaction, rescored: {_say(one[0], 1e6)} us (wanted: 100)",
        f"  one numpy addition of one number: {_say(one[1], 1e6)} us",
        f"  ratio of the medians: {one[0][1] / one[1][1]:.0f}",
        f"n: {RUNS} and {ONES:,} runs, in turn; least / median / greatest",
    ]


def make_up(n: int) -> tuple[Rhythms, Floats]:
    """Return ``n`` rhythms and silences, the same at each call."""
    chance = np.random.default_rng(4)
    seen_days = np.where(chance.random(n) < 0.3, chance.integers(0, 60, n), 0)
    rhythms = Rhythms(
        n_days=chance.integers(1, 300, n).astype(np.float64),
        weight=chance.uniform(0, 10, n),
        mean=chance.normal(2, 1, n),
        scatter=chance.gamma(2, 3, n),
        recent=1 + chance.exponential(4, n),
        seen_days=seen_days.astype(np.float64),
    )
    return rhythms, chance.integers(0, 300, n).astype(np.float64)


def _columns(rhythms: Rhythms) -> list[Floats]:
    return [getattr(rhythms, field.name) for field in fields(Rhythms)]


def _pass(rhythms: Rhythms, silent_days: Floats) -> Floats:
    total = silent_days.copy()
    for column in _columns(rhythms):
        total += column
    return total


def _make_rhythm() -> tuple[GapState, date]:
    days = [START + timedelta(days=9 * k) for k in range(20)]
    return fold(days, Renewal().forget), days[-1] + timedelta(days=7)


def _rescore(model: Renewal, rhythm: GapState, on: date) -> None:
    model.forecast(stack([add_day(rhythm, on, model.forget)]), np.zeros(1))


def _take_turns(
    ours: Callable[[], object], least: Callable[[], object], runs: int
) -> tuple[Spread, Spread]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for found, run in zip(times, (ours, least), strict=True):
            began = perf_counter()
            run()
            found.append(perf_counter() - began)
    return _spread(times[0]), _spread(times[1])


def _spread(seconds: list[float]) -> Spread:
    return min(seconds), median(seconds), max(seconds)


def _say(spread: Spread, times: float) -> str:
    return " / ".join(f"{value * times:.3g}" for value in spread)
