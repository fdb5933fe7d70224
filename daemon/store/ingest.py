"""Commit a batch, what was gleaned from it, and its cursor together, or not at all."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.observations import Gone, Observation
from connectors.protocol import Batch, Cursor
from daemon.cues.model import Said
from daemon.store.database import writing
from daemon.store.encode import encode, known_at
from daemon.store.forgotten import without_forgotten
from daemon.store.instants import to_seconds
from daemon.store.replies import Reply, put_replies
from daemon.store.schema import cues, links, observations, offerings, quarantine, said, sources
from daemon.store.tokens import without_tokens

LAST_CHARACTER = "\U0010ffff"

GONE = "Gone"
"""The kind of a tombstone: kept so that what was derived from the item can be undone."""


class CursorMoved(Exception):
    """Somebody else has advanced this source. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that could be given, as it was found in one observation."""

    url: str
    title: str
    terms: Mapping[str, int]
    origin: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Gleaned:
    """What was read in memory out of a batch, by uid; the text itself is not kept.

    ``replies`` are the answers to digests among it, with the words that are to be obeyed.
    """

    said: Mapping[str, Said] = field(default_factory=dict)
    offerings: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()


def hash_url(url: str) -> str:
    """Return what is kept of a link in private mail: enough to know it again."""
    return blake2s(url.encode("utf-8", "replace"), digest_size=12).hexdigest()


def cursor_of(engine: Engine, source: str) -> Cursor | None:
    """Return the cursor last committed for ``source``, or None."""
    with engine.connect() as connection:
        found = connection.scalar(select(sources.c.cursor).where(sources.c.source == source))
    return None if found is None else Cursor(found)


def commit(
    engine: Engine,
    source: str,
    batch: Batch,
    *,
    expected: Cursor | None,
    at: datetime,
    gleaned: Gleaned | None = None,
    version: str = "",
) -> None:
    """Store ``batch`` and its cursor, if the stored cursor is still ``expected``.

    Args:
        engine: The database; ``source`` must be registered in it.
        source: The source's name.
        batch: What the connector yielded.
        expected: The cursor that the poll began from.
        at: When the source was read.
        gleaned: What was read out of the batch's text.
        version: The program's version, kept beside what could not be read.

    Raises:
        CursorMoved: It is not. Nothing was stored.
    """
    with writing(engine) as tx:
        _advance(tx, source, expected, batch.cursor, at)
        found = tuple(_spell_out(tx, source, batch.observations))
        kept = without_forgotten(tx, found)
        _put_all(tx, source, map(without_tokens, kept))
        _put_gleaned(tx, source, kept, _whole(found, kept), gleaned or Gleaned())
        _set_aside(tx, source, batch, version)


def _advance(
    tx: Connection, source: str, expected: Cursor | None, to: Cursor, at: datetime
) -> None:
    """Move the cursor from ``expected`` to ``to``, or raise."""
    here = and_(sources.c.source == source, sources.c.cursor.is_not_distinct_from(expected))
    moved = tx.execute(
        update(sources).where(here).values(cursor=to, read_at=to_seconds(at), needs="")
    )
    if moved.rowcount != 1:
        raise CursorMoved(source)


def _spell_out(tx: Connection, source: str, found: Sequence[Observation]) -> Iterator[Observation]:
    """Yield ``found``, and for what has gone by its prefix each item that is stored of it."""
    told = {o.uid for o in found if not isinstance(o, Gone)}
    for one in found:
        if isinstance(one, Gone) and one.is_prefix:
            yield from (Gone(uid) for uid in _stored_below(tx, source, one.uid) if uid not in told)
        else:
            yield one


def _stored_below(tx: Connection, source: str, prefix: str) -> Iterable[str]:
    uid = observations.c.uid
    here = (observations.c.source == source) & (observations.c.kind != GONE)
    # A range and not LIKE, whose wildcards may stand in a uid, and which reads the whole table.
    below = (uid >= prefix) & (uid < prefix + LAST_CHARACTER)
    return tx.scalars(select(uid).where(here & below).order_by(uid)).all()


def _put_all(tx: Connection, source: str, found: Iterable[Observation]) -> None:
    """Add or replace. What is told again unchanged keeps its place in the sequence."""
    seq = tx.scalar(select(func.coalesce(func.max(observations.c.seq), 0))) or 0
    rows = [_row(source, o, seq + n) for n, o in enumerate(found, start=1)]
    if not rows:
        return
    statement = insert(observations)
    news = {c: statement.excluded[c] for c in ("kind", "known_at", "seq", "payload")}
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "uid"],
            set_=news,
            where=(observations.c.payload != statement.excluded.payload)
            | (observations.c.kind != statement.excluded.kind),
        ),
        rows,
    )


def _row(source: str, observation: Observation, seq: int) -> dict[str, Any]:
    row: dict[str, Any] = {"source": source, "uid": observation.uid, "seq": seq}
    if isinstance(observation, Gone):
        return {**row, "kind": GONE, "known_at": 0, "payload": "{}"}
    payload = json.dumps(encode(observation), ensure_ascii=False, separators=(",", ":"))
    kind = type(observation).__name__
    return {**row, "kind": kind, "known_at": known_at(observation), "payload": payload}


def _whole(found: Iterable[Observation], kept: tuple[Observation, ...]) -> set[str]:
    """The uids of what was kept as it was read: the rest may speak of the forgotten."""
    read = {id(o) for o in found}
    return {o.uid for o in kept if id(o) in read}


def _put_gleaned(
    tx: Connection,
    source: str,
    found: tuple[Observation, ...],
    known: set[str],
    gleaned: Gleaned,
) -> None:
    """Replace all that was said in these observations."""
    _clear(tx, source, [o.uid for o in found])
    spoken = [(u, what) for u, what in gleaned.said.items() if u in known]
    _add(tx, said, [_said_row(source, uid, what) for uid, what in spoken])
    _add(tx, cues, [row for uid, what in spoken for row in _cue_rows(source, uid, what)])
    _add(
        tx,
        offerings,
        [r for u, fs in gleaned.offerings.items() if u in known for r in _found(source, u, fs)],
    )
    shared = [
        {"source": source, "uid": uid, "url_hash": url_hash}
        for uid, hashes in gleaned.links.items()
        if uid in known
        for url_hash in dict.fromkeys(hashes)
    ]
    _add(tx, links, shared)
    put_replies(tx, gleaned.replies)


def _clear(tx: Connection, source: str, uids: list[str]) -> None:
    for start in range(0, len(uids), 500):
        some = uids[start : start + 500]
        for table in (said, cues, offerings, links):
            tx.execute(delete(table).where(table.c.source == source, table.c.uid.in_(some)))


def _add(tx: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(insert(table).on_conflict_do_nothing(), rows)


SAID_VERSION = 1
"""Raise when cues are read differently: ``rebuild`` then reads the sources again."""


def _said_row(source: str, uid: str, what: Said) -> dict[str, Any]:
    return {"source": source, "uid": uid, "version": SAID_VERSION, "terms": dict(what.terms)}


def _cue_rows(source: str, uid: str, what: Said) -> Iterable[dict[str, Any]]:
    for ordinal, cue in enumerate(what.cues):
        yield {
            "source": source,
            "uid": uid,
            "ordinal": ordinal,
            "kind": cue.kind.value,
            "sentence": cue.sentence,
            "confidence": cue.confidence,
            "due_on": cue.due_on,
        }


def _found(source: str, uid: str, found: tuple[Found, ...]) -> Iterable[dict[str, Any]]:
    for one in found:
        yield {
            "source": source,
            "uid": uid,
            "url": one.url,
            "title": one.title,
            "terms": dict(one.terms),
            "origin": one.origin,
            "received_at": to_seconds(one.received_at),
        }


def _set_aside(tx: Connection, source: str, batch: Batch, version: str) -> None:
    """Keep what could not be read, and forget it once it could be."""
    read = [o.uid for o in batch.observations]
    if read and tx.scalar(select(quarantine.c.uid).where(quarantine.c.source == source).limit(1)):
        for start in range(0, len(read), 500):
            some = quarantine.c.uid.in_(read[start : start + 500])
            tx.execute(delete(quarantine).where(quarantine.c.source == source, some))
    for rejected in batch.rejected:
        statement = insert(quarantine).values(
            source=source,
            uid=rejected.uid,
            reason=rejected.reason[:500],
            version=version,
            attempts=1,
        )
        news = {"reason": statement.excluded.reason, "attempts": quarantine.c.attempts + 1}
        tx.execute(statement.on_conflict_do_update(index_elements=["source", "uid"], set_=news))
