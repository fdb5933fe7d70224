"""What is stored, in numbers: for ``status``."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, select

from daemon.store.progress import recall
from daemon.store.schema import (
    cues,
    decisions,
    interactions,
    observations,
    offerings,
    outbox,
    people,
    quarantine,
    ties,
)


@dataclass(frozen=True, slots=True)
class Held:
    """Counts of what is stored, and what could not be read by reason."""

    counts: dict[str, int]
    aside: dict[str, int]
    aliases: tuple[str, ...]
    n_bytes: int


def read_held(engine: Engine) -> Held:
    """Return what the database holds. ``n_bytes`` is 0 for one in memory."""
    tables = (observations, interactions, people, ties, cues, offerings, decisions)
    with engine.connect() as connection:
        counts = {table.name: _count(connection, table) for table in tables}
        reasons = select(quarantine.c.reason, func.count()).group_by(quarantine.c.reason)
        aside = {reason: n for reason, n in connection.execute(reasons)}
        aliases = tuple(recall(connection, "aliases", []))
    path = engine.url.database
    size = Path(path).stat().st_size if path else 0
    return Held(counts, aside, aliases, size)


@dataclass(frozen=True, slots=True)
class Post:
    """The mail that waits in the outbox or was given up.

    ``failed`` are the days, and what was wrong, of the last few mails that were not sent; an
    answer to a reply has no day. ``problem`` is why mail waits that was tried before.
    """

    n_waiting: int
    problem: str
    failed: tuple[tuple[date | None, str], ...]


def read_post(connection: Connection, *, limit: int = 3) -> Post:
    """Return what became of mail that is not sent; at most ``limit`` failures, newest first."""
    is_waiting = outbox.c.state.in_(("ready", "claimed"))
    newest = outbox.c.changed_at.desc()
    problems = select(outbox.c.problem).where(is_waiting).order_by(newest)
    waiting = connection.scalars(problems).all()
    failed = select(outbox.c.on, outbox.c.problem).where(outbox.c.state == "failed")
    rows = connection.execute(failed.order_by(newest).limit(limit))
    return Post(
        n_waiting=len(waiting),
        problem=next((problem for problem in waiting if problem), ""),
        failed=tuple((row.on, row.problem) for row in rows),
    )


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
