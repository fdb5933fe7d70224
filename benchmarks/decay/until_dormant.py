"""Ties in the midst of a silence -> Examples that ask: will it last until the tie is dormant?

A tie becomes dormant after G = max(180, 3 x its median gap so far) days of silence, and G
is settled when the silence begins. The outcome is known when G lies before the end of the
network and the owner wrote to somebody in the second half of the time that was left.

Source: design notes, decay model (dormancy horizon) and targets.
"""

from collections.abc import Iterable

import numpy as np

from benchmarks.decay.arrays import Floats, Ints
from benchmarks.decay.columns import Column, Field, judge_test
from benchmarks.decay.cuts import (
    STEP_DAYS,
    Examples,
    first_test_cut,
    join_examples,
    live_rows,
    observe,
)
from benchmarks.decay.histories import MIN_DAYS, History
from benchmarks.decay.models.features import typical_gap
from benchmarks.decay.rows import Past, Rows

DORMANT_DAYS, DORMANT_GAPS = 180, 3
EARLY_DAYS = (14, 30)


def dormant_at(rows: Rows) -> Floats:
    """Return G of each row, in days of silence."""
    whole: Floats = np.ceil(np.maximum(DORMANT_DAYS, DORMANT_GAPS * typical_gap(rows)))
    return whole


def ask(rows: Rows, first: int, end: int) -> Examples:
    """Return which of ``rows`` became dormant, as far as that was known on the day ``end``.

    Rows before the day ``first``, or with G already reached, are left out.
    """
    left = dormant_at(rows) - rows.silent_days
    is_open = (rows.on >= first) & (left > 0) & (rows.on + left <= end)
    return observe(rows.where(is_open), left[is_open])


def rows_after(ties: Iterable[History], silent_days: int) -> Rows:
    """Return each silence of each tie on the day on which it has lasted ``silent_days``."""
    return Rows(tuple(Past(tie, int(on)) for tie in ties for on in _days_after(tie, silent_days)))


def _days_after(tie: History, silent_days: int) -> Ints:
    days = tie.days[MIN_DAYS - 1 :]
    lasts = np.diff(days, append=np.iinfo(np.int64).max) >= silent_days
    return (days + silent_days)[lasts & (days >= tie.mutual_from)]


def learn(field: Field, end: int) -> Examples:
    """Return live ties every 30 days and what came of them until the day ``end``."""
    cuts = np.arange(end - STEP_DAYS, field.network.first_day, -STEP_DAYS)[::-1]
    return ask(live_rows(field.ties, cuts), field.network.first_day, end)


def learn_for(field: Field, others: Iterable[Field] | None) -> Examples:
    """Return what may be learnt from, as ``columns.lay_out`` says for its question."""
    if others is None:
        return learn(field, first_test_cut(field.network))
    return join_examples([learn(other, other.network.end_day) for other in others])


def lay_out_early(field: Field, training: Examples) -> list[Column]:
    """Return the columns of early warning: silences that have lasted just 14, or 30, days."""
    network = field.network
    columns = []
    for days in EARLY_DAYS:
        rows = rows_after(field.ties, days)
        test = ask(rows, first_test_cut(network), network.end_day)
        trouble = judge_test(test) if len(test) else "no silence that could be seen to its end"
        columns.append(Column(network.name, f"after {days} days", test, training, trouble))
    return columns
