"""The rules of thumb: silences against a fixed number, or against the tie's own mean gap."""

import numpy as np

from benchmarks.decay.arrays import Floats
from benchmarks.decay.models.calibrate import Ranked
from benchmarks.decay.rows import Rows

LONG_GAPS = 8.0


def mean_gap(rows: Rows) -> Floats:
    """Return the mean of each tie's gaps so far, in days; a single day has none: 1."""
    span = rows.age_days - rows.silent_days
    gap: Floats = np.maximum(span, 1.0) / np.maximum(rows.n_days - 1, 1)
    return gap


def _exceeds(days: float) -> Ranked:
    def rank(rows: Rows, _: Floats) -> Floats:
        return (rows.silent_days >= days).astype(np.float64)

    return Ranked(f"fixed {days:.0f} days", rank)


def _recency(rows: Rows, _: Floats) -> Floats:
    return np.log(rows.silent_days)


def _overdue(rows: Rows, _: Floats) -> Floats:
    return np.log(rows.silent_days / mean_gap(rows))


def _is_gone(rows: Rows, _: Floats) -> Floats:
    return (rows.silent_days >= LONG_GAPS * mean_gap(rows)).astype(np.float64)


RULES = (
    _exceeds(30),
    _exceeds(90),
    Ranked("overdue ratio", _overdue),
    # Source: Navarro et al. 2017, a tie has ended after eight of its mean gaps.
    Ranked("8 x mean gap", _is_gone),
    Ranked("recency", _recency),
)
