"""What is stored, in numbers: for ``status``."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, select

from daemon.store.progress import recall
from daemon.store.schema import (
    cues,
    decisions,
    interactions,
    observations,
    offerings,
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


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
