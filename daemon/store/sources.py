"""The sources: what is read, how far, when last, and what each needs of the owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, case, func, literal_column, null, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.observations import Folder
from daemon.config.open import Account
from daemon.store.database import writing
from daemon.store.ingest import GONE
from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import observations, quarantine, sources


@dataclass(frozen=True, slots=True)
class Source:
    """One source. ``place`` is where it lies; ``needs`` is empty when all is well.

    ``folder`` is what the owner says it holds, ``given`` what else the settings say of it, by
    setting, ``beside`` other sections with the same app at the service, ``poll_minutes`` how
    often to look: not stored, the settings know them. A source that ``is_stopped`` is not read
    until its settings or its password are put right; one that fails is read again at
    ``next_at``. ``n_expected`` is set while a long reading goes on. ``asked_at`` is when its
    account was last asked which addresses it has.
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
    given: Mapping[str, Any] = field(default_factory=dict)
    beside: tuple[Account, ...] = ()
    poll_minutes: int = 15
    is_stopped: bool = False
    n_failures: int = 0
    failing_since: datetime | None = None
    next_at: datetime | None = None
    n_done: int | None = None
    n_expected: int | None = None
    asked_at: datetime | None = None


def register(engine: Engine, source: Source) -> None:
    """Make ``source`` known; its cursor, if it has one, stays."""
    news = {"kind": source.kind, "place": source.place, "reading": source.reading}
    row = insert(sources).values(source=source.name, **news)
    with writing(engine) as tx:
        tx.execute(row.on_conflict_do_update(index_elements=["source"], set_=news))


def read_schedule(connection: Connection) -> tuple[Source, ...]:
    """Return all sources by name with when each is due, without counting what was stored."""
    rows = connection.execute(select(sources).order_by(sources.c.source))
    return tuple(_source(row) for row in rows)


def list_sources(connection: Connection) -> tuple[Source, ...]:
    """Return all sources by name, with what was stored of each."""
    rows = connection.execute(select(sources).order_by(sources.c.source)).all()
    is_live = case((observations.c.kind != GONE, 1))
    stored = select(observations.c.source, func.count(is_live))
    kept = _counts(connection, stored.group_by(observations.c.source))
    aside = select(quarantine.c.source, func.count(literal_column("*")))
    odd = _counts(connection, aside.group_by(quarantine.c.source))
    return tuple(
        replace(
            _source(row),
            n_observations=kept.get(row.source, 0),
            n_quarantined=odd.get(row.source, 0),
        )
        for row in rows
    )


def succeed(engine: Engine, source: str, *, at: datetime, next_at: datetime) -> None:
    """Note that ``source`` was read to its end at ``at``, and when to look again."""
    _note(
        engine,
        source,
        read_at=to_seconds(at),
        next_at=to_seconds(next_at),
        needs="",
        is_stopped=False,
        n_failures=0,
        failing_since=None,
        n_done=None,
        n_expected=None,
    )


def fail(engine: Engine, source: str, *, needs: str, at: datetime, next_at: datetime) -> None:
    """Note that ``source`` could not be read, what to tell of it, and when to try again.

    Args:
        engine: The database.
        source: The source's name.
        needs: What to tell the owner of it; empty while there is nothing to tell.
        at: When it failed: the first of several is when it began to.
        next_at: When to try again.
    """
    _note(
        engine,
        source,
        needs=needs,
        next_at=to_seconds(next_at),
        n_failures=sources.c.n_failures + 1,
        failing_since=func.coalesce(sources.c.failing_since, to_seconds(at)),
    )


def stop(engine: Engine, source: str, *, needs: str) -> None:
    """Note that ``source`` is not to be read until the owner has put right what it needs."""
    _note(engine, source, needs=needs, is_stopped=True)


def resume_all(engine: Engine) -> None:
    """Let every source that was stopped or put off be read again, at once."""
    news = {"is_stopped": False, "n_failures": 0, "failing_since": None, "next_at": None}
    is_waiting = sources.c.is_stopped | (sources.c.n_failures > 0)
    with writing(engine) as tx:
        tx.execute(update(sources).where(is_waiting).values(**news))


def resume(engine: Engine, source: str) -> None:
    """Let ``source`` be read again, at once, and its account be asked: its owner signed in."""
    _note(
        engine,
        source,
        needs="",
        is_stopped=False,
        n_failures=0,
        failing_since=None,
        next_at=None,
        asked_at=None,
    )


def retire_others(engine: Engine, wanted: Iterable[str]) -> None:
    """Let sources that are not ``wanted`` any more need nothing.

    What was read of them stays; what their accounts said of the owner's addresses does not.
    """
    here = sources.c.source.not_in(tuple(wanted))
    news = {"needs": "", "is_stopped": False, "n_failures": 0, "failing_since": None}
    gone = {"next_at": None, "addresses": null(), "asked_at": None}
    with writing(engine) as tx:
        tx.execute(update(sources).where(here).values(**news, **gone))


def note_asked(
    engine: Engine, source: str, addresses: tuple[str, ...] | None, *, at: datetime
) -> None:
    """Note that the account of ``source`` was asked for its addresses at ``at``.

    Args:
        engine: The database.
        source: The source's name.
        addresses: What it said; None where it did not answer: then what it said before stays.
        at: The present.
    """
    said = {} if addresses is None else {"addresses": list(addresses)}
    _note(engine, source, asked_at=to_seconds(at), **said)


def read_addresses(
    connection: Connection, wanted: frozenset[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return what accounts said their addresses are, by source, of ``wanted`` or of all."""
    query = select(sources.c.source, sources.c.addresses).order_by(sources.c.source)
    rows = connection.execute(query)
    return {name: tuple(said) for name, said in rows if said and (wanted is None or name in wanted)}


def make_due(engine: Engine, names: Iterable[str], *, at: datetime) -> None:
    """Let ``names`` be read at ``at``, but none that failed before its time."""
    here = sources.c.source.in_(tuple(names)) & (sources.c.n_failures == 0)
    with writing(engine) as tx:
        tx.execute(update(sources).where(here).values(next_at=to_seconds(at)))


def note_progress(engine: Engine, source: str, *, n_done: int, n_expected: int | None) -> None:
    """Note how far a long reading has come."""
    _note(engine, source, n_done=n_done, n_expected=n_expected)


def say_needs(engine: Engine, source: str, needs: str) -> None:
    """Keep what the owner must do before ``source`` can be read again."""
    _note(engine, source, needs=needs)


def forget_cursor(engine: Engine, source: str) -> None:
    """Make the next poll of ``source`` begin at the beginning."""
    with writing(engine) as tx:
        tx.execute(update(sources).where(sources.c.source == source).values(cursor=None))


def _note(engine: Engine, source: str, **news: Any) -> None:
    with writing(engine) as tx:
        tx.execute(update(sources).where(sources.c.source == source).values(**news))


def _source(row: Any) -> Source:
    return Source(
        name=row.source,
        kind=row.kind,
        place=row.place,
        reading=row.reading,
        read_at=_instant(row.read_at),
        needs=row.needs,
        is_stopped=row.is_stopped,
        n_failures=row.n_failures,
        failing_since=_instant(row.failing_since),
        next_at=_instant(row.next_at),
        n_done=row.n_done,
        n_expected=row.n_expected,
        asked_at=_instant(row.asked_at),
    )


def _counts(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {source: n for source, n in connection.execute(query)}


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else to_instant(seconds)
