"""What the owner decided: append-only, each once, obeyed by the next digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.sqlite import insert

from daemon.commands.encode import decode, encode
from daemon.commands.model import Decision
from daemon.commands.standing import keep_standing
from daemon.store.database import writing
from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import decisions


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision as it was kept."""

    decided_at: datetime
    decision: Decision


def append(engine: Engine, origin: str, found: Sequence[Decision], *, at: datetime) -> int:
    """Keep ``found`` unless this very command was obeyed before; return how many were new.

    Args:
        engine: The database.
        origin: Names the command for good, so that a replay changes nothing.
        found: The decisions, in order.
        at: When they were made.
    """
    new = 0
    with writing(engine) as tx:
        for ordinal, decision in enumerate(found):
            row = insert(decisions).values(
                origin=f"{origin}#{ordinal}",
                decided_at=to_seconds(at),
                payload=encode(decision),
            )
            new += tx.execute(row.on_conflict_do_nothing()).rowcount
    return new


def read_all(connection: Connection) -> tuple[Decided, ...]:
    """Return every decision ever kept, oldest first, undone ones included."""
    rows = connection.execute(select(decisions).order_by(decisions.c.id))
    return tuple(Decided(to_instant(r.decided_at), decode(r.payload)) for r in rows)


def read_decisions(connection: Connection, *, until: datetime) -> tuple[Decision, ...]:
    """Return the decisions that stand at ``until``, oldest first: what was undone is gone."""
    return keep_standing([d.decision for d in read_all(connection) if d.decided_at <= until])
