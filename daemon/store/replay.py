"""A database -> another, in memory, that holds only what was known at an earlier instant."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, delete, insert, select

from daemon.store.database import clear, open_scratch, writing
from daemon.store.instants import to_seconds
from daemon.store.offerings import SHELF
from daemon.store.schema import (
    cues,
    decisions,
    forgotten,
    links,
    observations,
    offerings,
    offers,
    said,
    sources,
)

PAST_NAME = "past.db"
"""The file, beside the database, in which a past once worked out is kept."""

_AT_ONCE = 2000


def open_past(engine: Engine, *, at: datetime, on: date) -> Engine:
    """Return a throw-away database of what ``engine`` knew at ``at``; derive before use.

    Args:
        engine: The database, which is only read.
        at: The instant; what became known later is left out.
        on: The owner's local day of ``at``: digests of that day and later are left out.
    """
    past = open_scratch()
    with engine.connect() as connection, writing(past) as tx:
        for table, query in _past(to_seconds(at), on):
            for rows in _batches(connection, query):
                tx.execute(insert(table), rows)
    return past


def open_unread(engine: Engine, *, at: datetime, on: date) -> Engine:
    """Return the same with nothing observed: what the owner decided, shelved, was offered."""
    past = open_scratch()
    with engine.connect() as connection, writing(past) as tx:
        for table, query in _decided(to_seconds(at), on):
            for rows in _batches(connection, query):
                tx.execute(insert(table), rows)
    return past


def renew(engine: Engine, past: Engine, *, at: datetime, on: date) -> None:
    """Put into ``past`` what the owner decided, shelved and was offered by now, afresh."""
    with engine.connect() as connection, writing(past) as tx:
        clear(tx, (decisions, offers, forgotten))
        tx.execute(delete(offerings).where(offerings.c.source == SHELF))
        for table, query in _decided(to_seconds(at), on):
            for rows in _batches(connection, query):
                tx.execute(insert(table), rows)


def _past(now: int, on: date) -> Iterator[tuple[Table, Select[Any]]]:
    yield sources, select(sources)
    yield observations, select(observations).where(observations.c.known_at <= now)
    for table in (said, cues, links):
        same = (observations.c.source == table.c.source) & (observations.c.uid == table.c.uid)
        yield table, select(table).join(observations, same).where(observations.c.known_at <= now)
    by_source = offerings.c.source != SHELF
    yield offerings, select(offerings).where(offerings.c.received_at <= now, by_source)
    yield from _decided(now, on)


def _decided(now: int, on: date) -> Iterator[tuple[Table, Select[Any]]]:
    by_hand = offerings.c.source == SHELF
    yield offerings, select(offerings).where(offerings.c.received_at <= now, by_hand)
    yield decisions, select(decisions).where(decisions.c.decided_at <= now)
    yield offers, select(offers).where(offers.c.on < on)
    yield forgotten, select(forgotten)


def _batches(connection: Connection, query: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    for rows in connection.execute(query).mappings().partitions(_AT_ONCE):
        yield [dict(row) for row in rows]
