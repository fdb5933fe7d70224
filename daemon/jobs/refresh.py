"""Read every source and bring people and ties up to date: the first half of each morning."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors import registry
from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.protocol import Connector, Progress, Reading
from daemon.interactions.model import Ego
from daemon.jobs.basis import Basis
from daemon.jobs.fold import fold
from daemon.jobs.glean import SAID
from daemon.jobs.infer import infer
from daemon.jobs.poll import poll
from daemon.jobs.resolve import resolve
from daemon.store import sources
from daemon.store.database import Database
from daemon.store.ingest import CursorMoved
from daemon.store.sources import Source

SINCE = datetime(1980, 1, 1, tzinfo=UTC)
"""Electronic mail older than this has a wrong date."""

OnSource = Callable[[str, Progress], None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that could not be read, and what the owner can do about it."""

    source: str
    needs: str
    is_final: bool


def refresh(
    engine: Database,
    basis: Basis,
    wanted: Iterable[Source],
    *,
    at: datetime,
    until: datetime | None = None,
    on_progress: OnSource | None = None,
) -> tuple[Trouble, ...]:
    """Poll ``wanted``, infer, resolve and fold; one source's trouble stops no other.

    Args:
        engine: The database.
        basis: The owner and the settings.
        wanted: The sources to read; they are registered.
        at: The present.
        until: If given, nothing that became known later is stored.
        on_progress: Told the source's name and its progress.

    Returns:
        What could not be read.
    """
    ego = Ego(basis.addresses)
    found = [_read(engine, basis, ego, s, at, until, on_progress) for s in wanted]
    derive(engine, basis, at=at)
    return tuple(trouble for trouble in found if trouble)


def derive(engine: Database, basis: Basis, *, at: datetime) -> Ego:
    """Bring interactions, people and ties up to date with the observations."""
    ego = infer(engine, basis)
    resolve(engine, ego, at=at)
    fold(engine, basis, at=at)
    return ego


def connect(source: Source, basis: Basis, *, text_since: datetime | None = None) -> Connector:
    """Open the connector of ``source``, which need not look at text older than ``text_since``.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    kind = registry.load(source.kind)
    offered: dict[str, Any] = {
        "path": Path(source.place),
        "read": Reading(source.reading),
        "zone": str(basis.zone),
        "folder": source.folder,
        "text_since": text_since,
    }
    names = {f.name for f in fields(kind.settings_type)}
    settings = kind.settings_type(**{k: v for k, v in offered.items() if k in names})
    return kind(settings, since=SINCE)


def _read(
    engine: Database,
    basis: Basis,
    ego: Ego,
    source: Source,
    at: datetime,
    until: datetime | None,
    on_progress: OnSource | None,
) -> Trouble | None:
    def tell(progress: Progress) -> None:
        if on_progress:
            on_progress(source.name, progress)

    sources.register(engine, source)
    try:
        connector = connect(source, basis, text_since=(until or at) - SAID)
        poll(engine, source.name, connector, ego=ego, at=at, until=until, on_progress=tell)
    except (AccessDenied, Misconfigured) as problem:
        return _note(engine, source, str(problem), is_final=True)
    except (Unavailable, CursorMoved) as problem:
        return _note(engine, source, str(problem), is_final=False)
    return None


def _note(engine: Database, source: Source, needs: str, *, is_final: bool) -> Trouble:
    sources.say_needs(engine, source.name, needs)
    return Trouble(source.name, needs, is_final)
