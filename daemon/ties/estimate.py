"""Rhythms and a day -> ties: the forecast and the state of each, in one pass."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from itertools import repeat
from typing import TypeAlias

import numpy as np

from daemon.people.model import PersonId
from daemon.ties.gaps import GapState, fold
from daemon.ties.model import ContactHistory, Tie
from daemon.ties.models.protocol import FittedDecay, Rhythms
from daemon.ties.models.renewal import Renewal
from daemon.ties.states import Thresholds, classify

_N_COLUMNS = len(fields(Rhythms))

Row: TypeAlias = tuple[PersonId, GapState, int, int]
"""Who, their rhythm, and on how many days the ego (``n_out``) and the alter (``n_in``) acted."""


def estimate(
    rows: Sequence[Row],
    *,
    on: date,
    model: FittedDecay = Renewal(),  # noqa: B008 -- immutable: one instance serves every call
    thresholds: Thresholds = Thresholds(),  # noqa: B008 -- immutable likewise
) -> tuple[Tie, ...]:
    """Return the ties of ``rows`` as they stand on the day ``on``, in the same order.

    Raises:
        ValueError: A row's last contact lies after ``on``: a forecast may not peek.
    """
    alters, states, n_out, n_in = _unzip(rows)
    silent_days = _count_silence(states, on)
    n_days = [state.n_days for state in states]
    is_mutual = [out > 0 and back > 0 for out, back in zip(n_out, n_in, strict=True)]
    forecast = model.forecast(stack(states), np.array(silent_days, dtype=np.float64))
    stands = classify(
        n_days,
        is_mutual,
        forecast.p_dormant,
        forecast.unusual,
        silent_days,
        forecast.dormant_at_days,
        thresholds,
    )
    # A column each, in the order of Tie's fields: a third faster than by name and row.
    columns = (
        alters,
        repeat(on),
        [state.first_on for state in states],
        [state.last_on for state in states],
        n_days,
        n_out,
        n_in,
        is_mutual,
        silent_days,
        forecast.typical_gap_days.tolist(),
        forecast.dormant_at_days.tolist(),
        forecast.p_dormant.tolist(),
        forecast.p_contact_30.tolist(),
        forecast.unusual.tolist(),
        stands,
    )
    return tuple(map(Tie, *columns))


def estimate_history(
    history: ContactHistory,
    *,
    model: FittedDecay = Renewal(),  # noqa: B008 -- immutable: one instance serves every call
    thresholds: Thresholds = Thresholds(),  # noqa: B008 -- immutable likewise
) -> Tie:
    """Return the tie of ``history`` on the day until which it was observed.

    Raises:
        ValueError: It holds no day, or one after ``observed_on``.
    """
    gaps = fold(history.days, model.forget, max(history.passing_days, default=None))
    row = (history.alter, gaps, history.n_out, history.n_in)
    (tie,) = estimate([row], on=history.observed_on, model=model, thresholds=thresholds)
    return tie


def _unzip(rows: Sequence[Row]) -> tuple[list[PersonId], list[GapState], list[int], list[int]]:
    alters, states, n_out, n_in = zip(*rows, strict=True) if rows else ((), (), (), ())
    return list(alters), list(states), list(n_out), list(n_in)


def _count_silence(states: Sequence[GapState], on: date) -> list[int]:
    today = on.toordinal()
    silent_days = [today - state.last_on.toordinal() for state in states]
    if min(silent_days, default=0) < 0:
        late = max(state.last_on for state in states)
        raise ValueError(f"a contact on {late} lies after {on}")
    return silent_days


def stack(states: Sequence[GapState]) -> Rhythms:
    """Return the rhythms of ``states`` as columns, in the same order."""
    rows = [(s.n_days, s.weight, s.mean, s.scatter, s.recent, s.seen_days) for s in states]
    columns = tuple(zip(*rows, strict=True)) or ((),) * _N_COLUMNS
    return Rhythms(*np.array(columns, dtype=np.float64))
