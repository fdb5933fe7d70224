"""Who may run the service: one holder at a time, by compare-and-set, until a given instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from daemon.store.database import writing
from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import leases

LONGEST = timedelta(days=1)
"""A lease that reaches further was taken by a clock that was wrong, and binds nobody."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds it, or held it last, and until when; in UTC."""

    holder: str
    until: datetime


def take(
    engine: Engine,
    name: str,
    holder: str,
    *,
    at: datetime,
    until: datetime,
    instead_of: str | None = None,
) -> bool:
    """Take or renew the lease ``name`` for ``holder``; return False while another holds it.

    Args:
        engine: The database.
        name: The lease's name.
        holder: Names the process for good: no other may have the same.
        at: The present.
        until: When it ends unless it is renewed; less than ``LONGEST`` ahead.
        instead_of: A holder that is known to be dead; its lease is taken as it stands.
    """
    row = insert(leases).values(name=name, holder=holder, until=to_seconds(until))
    is_free = (
        leases.c.holder.in_((holder, instead_of or holder))
        | (leases.c.until <= to_seconds(at))
        | (leases.c.until > to_seconds(at + LONGEST))
    )
    news = {"holder": holder, "until": to_seconds(until)}
    with writing(engine) as tx:
        done = tx.execute(
            row.on_conflict_do_update(index_elements=["name"], set_=news, where=is_free)
        )
        return done.rowcount == 1


def read_lease(engine: Engine, name: str) -> Lease | None:
    """Return the lease as it stands, whether or not it has ended."""
    with engine.connect() as connection:
        found = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    return None if found is None else Lease(found.holder, to_instant(found.until))


def release(engine: Engine, name: str, holder: str) -> None:
    """Give the lease back, if ``holder`` has it."""
    with writing(engine) as tx:
        tx.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
