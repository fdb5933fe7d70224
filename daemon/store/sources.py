"""The sources: what is read, how far, when last, and what each needs of the owner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, case, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.observations import Folder
from daemon.store.database import writing
from daemon.store.ingest import GONE
from daemon.store.instants import to_instant
from daemon.store.schema import observations, quarantine, sources


@dataclass(frozen=True, slots=True)
class Source:
    """One source. ``place`` is where it lies; ``needs`` is empty when all is well.

    ``folder`` is what the owner says it holds; it is not stored, the settings know it.
    """

    name: str
    kind: str
    place: str
    reading: str
    read_at: datetime | None = None
    n_observations: int = 0
    n_quarantined: int = 0
    needs: str = ""
    folder: Folder = Folder.OTHER


def register(engine: Engine, source: Source) -> None:
    """Make ``source`` known; its cursor, if it has one, stays."""
    news = {"kind": source.kind, "place": source.place, "reading": source.reading}
    row = insert(sources).values(source=source.name, **news)
    with writing(engine) as tx:
        tx.execute(row.on_conflict_do_update(index_elements=["source"], set_=news))


def list_sources(connection: Connection) -> tuple[Source, ...]:
    """Return all sources by name, with what was stored of each."""
    rows = connection.execute(select(sources).order_by(sources.c.source)).all()
    is_live = case((observations.c.kind != GONE, 1))
    stored = select(observations.c.source, func.count(is_live))
    kept = _counts(connection, stored.group_by(observations.c.source))
    aside = select(quarantine.c.source, func.count(literal_column("*")))
    odd = _counts(connection, aside.group_by(quarantine.c.source))
    return tuple(
        Source(
            name=row.source,
            kind=row.kind,
            place=row.place,
            reading=row.reading,
            read_at=None if row.read_at is None else to_instant(row.read_at),
            n_observations=kept.get(row.source, 0),
            n_quarantined=odd.get(row.source, 0),
            needs=row.needs,
        )
        for row in rows
    )


def say_needs(engine: Engine, source: str, needs: str) -> None:
    """Keep what the owner must do before ``source`` can be read again."""
    with writing(engine) as tx:
        tx.execute(update(sources).where(sources.c.source == source).values(needs=needs))


def forget_cursor(engine: Engine, source: str) -> None:
    """Make the next poll of ``source`` begin at the beginning."""
    with writing(engine) as tx:
        tx.execute(update(sources).where(sources.c.source == source).values(cursor=None))


def _counts(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {source: n for source, n in connection.execute(query)}
