"""Read every source and bring people and ties up to date: the first half of each morning."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from connectors.errors import ConnectorError
from connectors.protocol import Connector, Progress, Reading
from daemon.commands.accept import Trust
from daemon.config.open import SINCE as SINCE  # told on to those who read a source by themselves
from daemon.config.open import open_connector
from daemon.interactions.model import Ego
from daemon.jobs import own_addresses
from daemon.jobs.basis import Basis
from daemon.jobs.due import schedule
from daemon.jobs.fold import fold
from daemon.jobs.glean import SAID
from daemon.jobs.infer import OnStep, ignore, infer
from daemon.jobs.poll import poll
from daemon.jobs.resolve import resolve
from daemon.jobs.settle import Trouble, settle
from daemon.store import sources
from daemon.store.database import Database
from daemon.store.ingest import CursorMoved
from daemon.store.sources import Source

MIDDLE = 0.5
"""Of the range that chance has for the next try: a command that was typed needs no chance."""

OnSource = Callable[[str, Progress], None]


def refresh(
    engine: Database,
    basis: Basis,
    wanted: Iterable[Source],
    *,
    at: datetime,
    until: datetime | None = None,
    trust: Trust | None = None,
    on_progress: OnSource | None = None,
) -> tuple[Trouble, ...]:
    """Poll ``wanted``, infer, resolve and fold; one source's trouble stops no other.

    Args:
        engine: The database.
        basis: The owner and the settings.
        wanted: The sources to read; they are registered.
        at: The present.
        until: If given, nothing that became known later is stored.
        trust: What a reply must show to be kept; None where none are looked for.
        on_progress: Told the source's name and its progress.

    Returns:
        What could not be read.
    """
    ready = enrol(engine, wanted)
    found = [_read(engine, basis, s, at, until, trust, on_progress) for s in ready]
    derive(engine, basis, at=at)
    return tuple(trouble for trouble in found if trouble)


def enrol(engine: Database, wanted: Iterable[Source]) -> tuple[Source, ...]:
    """Register ``wanted``; return them with what is known of their schedule."""
    wanted = tuple(wanted)
    for source in wanted:
        sources.register(engine, source)
    with engine.connect() as connection:
        return schedule(wanted, sources.read_schedule(connection))


def derive(engine: Database, basis: Basis, *, at: datetime, on_step: OnStep = ignore) -> Ego:
    """Bring interactions, people and ties up to date with the observations.

    ``on_step`` is told again and again, as long as there is progress.
    """
    ego = infer(engine, basis, on_step=on_step)
    resolve(engine, ego, at=at)
    on_step()
    fold(engine, basis, at=at)
    return ego


def connect(source: Source, basis: Basis, *, text_since: datetime | None = None) -> Connector:
    """Open the connector of ``source``, which need not look at text older than ``text_since``.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    offered = {
        "path": Path(source.place),
        "read": Reading(source.reading),
        "zone": str(basis.zone),
        "folder": source.folder,
        "text_since": text_since,
        **source.given,
    }
    return open_connector(source.kind, offered, beside=source.beside)


def _read(
    engine: Database,
    basis: Basis,
    source: Source,
    at: datetime,
    until: datetime | None,
    trust: Trust | None,
    on_progress: OnSource | None,
) -> Trouble | None:
    def tell(progress: Progress) -> None:
        if on_progress:
            on_progress(source.name, progress)

    def ask(connector: Connector) -> None:
        told = own_addresses.ask(connector, source, at=at)
        own_addresses.note(engine, source, told, at=at)

    problem: ConnectorError | CursorMoved | None = None
    try:
        poll(
            engine,
            source.name,
            connect(source, basis, text_since=(until or at) - SAID),
            ego=Ego(basis.addresses),
            at=at,
            until=until,
            trust=trust,
            on_progress=tell,
            when_read=ask,
        )
    except (ConnectorError, CursorMoved) as raised:
        problem = raised
    return settle(engine, source, problem, at=at, draw=MIDDLE)
