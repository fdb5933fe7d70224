"""Ties as folded: the few numbers of each that a new interaction day changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from daemon.people.model import PersonId
from daemon.store.schema import identities, stale, ties
from daemon.ties.gaps import GapState


@dataclass(frozen=True, slots=True)
class Folded:
    """One tie's state. ``n_out`` and ``n_in`` count days; ``last_at`` is in seconds."""

    person: PersonId
    gaps: GapState
    n_out: int
    n_in: int
    last_at: int


def replace_stale(tx: Connection, found: Iterable[Folded]) -> None:
    """Put ``found`` in place of the ties of all people who have a stale identity."""
    persons = select(identities.c.person).join(stale, stale.c.email == identities.c.email)
    tx.execute(delete(ties).where(ties.c.person.in_(persons)))
    rows = [_row(one) for one in found]
    if rows:
        tx.execute(insert(ties), rows)
    tx.execute(delete(stale))


def read_ties(connection: Connection) -> tuple[Folded, ...]:
    """Return all ties by person."""
    rows = connection.execute(select(ties).order_by(ties.c.person))
    return tuple(
        Folded(
            person=PersonId(row.person),
            gaps=GapState(
                n_days=row.n_days,
                first_on=row.first_on,
                last_on=row.last_on,
                weight=row.weight,
                mean=row.mean,
                scatter=row.scatter,
                recent=row.recent,
                seen_on=row.seen_on,
            ),
            n_out=row.n_out,
            n_in=row.n_in,
            last_at=row.last_at,
        )
        for row in rows
    )


def _row(one: Folded) -> dict[str, object]:
    return {
        "person": one.person,
        "first_on": one.gaps.first_on,
        "last_on": one.gaps.last_on,
        "last_at": one.last_at,
        "n_days": one.gaps.n_days,
        "n_out": one.n_out,
        "n_in": one.n_in,
        "weight": one.gaps.weight,
        "mean": one.gaps.mean,
        "scatter": one.gaps.scatter,
        "recent": one.gaps.recent,
        "seen_on": one.gaps.seen_on,
    }
