"""Poll one source to the end of what it has, storing each batch with its cursor."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from connectors.errors import CursorExpired
from connectors.observations import Article, Event, Message, Observation
from connectors.protocol import Batch, Connector, Cursor, Progress
from daemon.commands.accept import Trust
from daemon.interactions.model import Ego
from daemon.jobs.glean import glean
from daemon.store import ingest
from daemon.store.database import Database

VERSION = version("kithd")
"""Kept beside what could not be read: a later one may read it (``rebuild --text``)."""

OnProgress = Callable[[Progress], None]
WhenRead = Callable[[Connector], None]


def leave(_connector: Connector) -> None:
    """Ask nothing more of it."""


def poll(
    engine: Database,
    source: str,
    connector: Connector,
    *,
    ego: Ego,
    at: datetime,
    until: datetime | None = None,
    trust: Trust | None = None,
    on_progress: OnProgress | None = None,
    when_read: WhenRead = leave,
) -> int:
    """Store everything new at ``source``; return how many observations that was.

    Args:
        engine: The database; ``source`` must be registered in it.
        source: The source's name.
        connector: Opened, and closed when this returns.
        ego: Whose mail it is: decides what is read for cues.
        at: The present.
        until: Store nothing that became known after this instant.
        trust: What a reply must show to be kept; None where none are looked for.
        on_progress: Told after each batch.
        when_read: Given the connector, still open, once all is stored.

    Raises:
        ConnectorError: As the connector's poll does; what was stored before stays.
        CursorMoved: Somebody else polls the same source.
    """
    stored = ingest.cursor_of(engine, source)
    count = 0
    with closing(connector):
        for batch in read_changes(connector, stored):
            kept = known_by(batch, until)
            store(engine, source, kept, stored, ego=ego, at=at, until=until, trust=trust)
            stored = batch.cursor
            count += len(kept.observations)
            if on_progress and batch.progress:
                on_progress(batch.progress)
        when_read(connector)
    return count


def read_changes(connector: Connector, cursor: Cursor | None) -> Iterator[Batch]:
    """Poll from ``cursor``, or from the beginning if the source has forgotten it."""
    try:
        yield from connector.poll(cursor)
    except CursorExpired:
        yield from connector.poll(None)


def store(
    engine: Database,
    source: str,
    batch: Batch,
    expected: Cursor | None,
    *,
    ego: Ego,
    at: datetime,
    until: datetime | None = None,
    trust: Trust | None = None,
) -> None:
    """Store ``batch``, what is gleaned from it, and its cursor, in one transaction.

    Raises:
        CursorMoved: The cursor stored is not ``expected``. Nothing was stored.
    """
    gleaned = glean(batch.observations, ego, at=until or at, source=source, trust=trust)
    ingest.commit(engine, source, batch, expected=expected, at=at, gleaned=gleaned, version=VERSION)


def known_by(batch: Batch, until: datetime | None) -> Batch:
    """Return ``batch`` without what became known after ``until``."""
    if until is None:
        return batch
    kept = tuple(o for o in batch.observations if known_at(o) <= until)
    return replace(batch, observations=kept)


def known_at(observation: Observation) -> datetime:
    """Return from when ``observation`` could be known; cards always could."""
    match observation:
        case Message():
            return observation.sent_at
        case Event():
            return observation.known_at
        case Article():
            return observation.published_at
        case _:
            return datetime.min.replace(tzinfo=UTC)
