"""Decay models as fitted to the owner's own past, what each was made from, and its scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import fits

Scores = Mapping[str, Mapping[str, float]]
"""What was measured by name, for each model that was judged by name."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One fit, or the attempt at one.

    Attributes:
        fitted_at: When, to the second.
        until_on: All days that it learned from, or was judged by, lie before this one.
        made_from: Says by which settings the past was read; see ``Basis.fingerprint``.
        n: Snapshots with known outcome that there were.
        model: The fitted model as plain values; empty where nothing could be fitted.
        scores: Of the fitted and the present model; empty where nothing could be judged.
        is_kept: Whether it is to be used.
    """

    fitted_at: datetime
    until_on: date
    made_from: str
    n: int
    model: Mapping[str, Any] = field(default_factory=dict)
    scores: Scores = field(default_factory=dict)
    is_kept: bool = False


def keep(tx: Connection, fit: Fit) -> None:
    """Keep ``fit``, in place of earlier attempts at which nothing could be judged."""
    tx.execute(delete(fits).where(fits.c.scores == {}, fits.c.made_from == fit.made_from))
    row = _row(fit)
    statement = insert(fits).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["fitted_at"], set_=row))


def read_latest(connection: Connection, made_from: str, *, until: datetime) -> Fit | None:
    """Return the newest fit made from the same settings by ``until``, kept or not."""
    query = select(fits).where(fits.c.made_from == made_from, fits.c.fitted_at <= to_seconds(until))
    found = connection.execute(query.order_by(fits.c.fitted_at.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    return Fit(
        fitted_at=to_instant(found.fitted_at),
        until_on=found.until_on,
        made_from=found.made_from,
        n=found.n,
        model=found.model,
        scores=found.scores,
        is_kept=found.is_kept,
    )


def _row(fit: Fit) -> dict[str, Any]:
    return {
        "fitted_at": to_seconds(fit.fitted_at),
        "until_on": fit.until_on,
        "made_from": fit.made_from,
        "n": fit.n,
        "model": dict(fit.model),
        "scores": {name: dict(values) for name, values in fit.scores.items()},
        "is_kept": fit.is_kept,
    }
