"""Digests on their way: written with their day, claimed before sending, then marked sent.

A row is "ready", then "claimed" by whoever sends it, then "sent". A row that stays
claimed was interrupted, and is settled by looking for its Message-ID where it was sent,
never by sending blindly again.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.sqlite import insert

from daemon.store.database import writing
from daemon.store.instants import to_seconds
from daemon.store.schema import outbox


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One digest, rendered. ``state`` is "ready", "claimed" or "sent"."""

    on: date
    message_id: str
    message: bytes
    state: str


def put(tx: Connection, outgoing: Outgoing, *, at: datetime) -> bool:
    """Keep the digest of its day; return False, keeping the old, if there is one already."""
    row = insert(outbox).values(
        on=outgoing.on,
        message_id=outgoing.message_id,
        message=outgoing.message,
        state=outgoing.state,
        changed_at=to_seconds(at),
    )
    return tx.execute(row.on_conflict_do_nothing()).rowcount == 1


def read_outgoing(connection: Connection, on: date) -> Outgoing | None:
    """Return the digest of ``on``, or None."""
    row = connection.execute(select(outbox).where(outbox.c.on == on)).one_or_none()
    return None if row is None else Outgoing(row.on, row.message_id, row.message, row.state)


def move(engine: Engine, on: date, *, before: str, after: str, at: datetime) -> bool:
    """Change the state of the digest of ``on`` if it still is ``before``; say if it was."""
    here = (outbox.c.on == on) & (outbox.c.state == before)
    with writing(engine) as tx:
        news = update(outbox).where(here).values(state=after, changed_at=to_seconds(at))
        return tx.execute(news).rowcount == 1
