"""The observations as they were stored, in the order in which they became known here."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, func, or_, select

from connectors.observations import Card
from daemon.people.aliases import Author
from daemon.store.encode import Stored, decode
from daemon.store.ingest import GONE
from daemon.store.schema import observations


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored observation; ``item`` is None where the source says it is gone."""

    source: str
    uid: str
    seq: int
    item: Stored | None


def read_after(connection: Connection, seq: int, *, limit: int) -> tuple[Kept, ...]:
    """Return at most ``limit`` observations that changed after ``seq``, in order."""
    query = select(observations).where(observations.c.seq > seq)
    rows = connection.execute(query.order_by(observations.c.seq).limit(limit))
    return tuple(map(_kept, rows))


def read_kept(connection: Connection, wanted: Iterable[tuple[str, str]]) -> Iterator[Kept]:
    """Yield the observations of each source and uid in ``wanted``, those that are gone too."""
    for source, uid in sorted(wanted):
        here = (observations.c.source == source) & (observations.c.uid == uid)
        yield from map(_kept, connection.execute(select(observations).where(here)))


def last_seq(connection: Connection) -> int:
    """Return the highest place in the sequence, 0 if there is none."""
    return connection.scalar(select(func.coalesce(func.max(observations.c.seq), 0))) or 0


def latest_known_at(connection: Connection) -> int:
    """Return the last second at which anything stored became known."""
    return connection.scalar(select(func.coalesce(func.max(observations.c.known_at), 0))) or 0


def read_authors(connection: Connection, addresses: frozenset[str]) -> tuple[Author, ...]:
    """Return everybody who wrote, and how often To one of ``addresses``, by address.

    Cc does not count: people copy themselves in what they write to others.
    """
    author = func.json_extract(observations.c.payload, "$.from")
    recipients = func.json_extract(observations.c.payload, "$.to")
    named = (f'["to",{json.dumps(address, ensure_ascii=False)},' for address in addresses)
    to_ego = or_(*(recipients.contains(one, autoescape=True) for one in named))
    query = select(author, func.count(), func.sum(case((to_ego, 1), else_=0)))
    rows = connection.execute(query.where(observations.c.kind == "Message").group_by(author))
    return tuple(sorted(Author(*_pair(pair), n, to) for pair, n, to in rows))


def read_cards(connection: Connection) -> tuple[tuple[str, Card], ...]:
    """Return all cards with their sources."""
    return tuple((s, c) for s, c in _read_kind(connection, "Card") if isinstance(c, Card))


def read_uids(connection: Connection, source: str, uids: list[str]) -> dict[str, Stored]:
    """Return the named observations of ``source`` by uid."""
    here = observations.c.source == source
    found: dict[str, Stored] = {}
    for start in range(0, len(uids), 500):
        some = observations.c.uid.in_(uids[start : start + 500])
        found |= {o.uid: o for _, o in _read(connection, here & some)}
    return found


def _read_kind(connection: Connection, kind: str, *more: object) -> Iterator[tuple[str, Stored]]:
    yield from _read(connection, observations.c.kind == kind, *more)


def _read(connection: Connection, *where: object) -> Iterator[tuple[str, Stored]]:
    query = select(observations).where(*where).where(observations.c.kind != GONE)  # type: ignore[arg-type]  # SQL terms
    for row in connection.execute(query.order_by(observations.c.source, observations.c.uid)):
        yield row.source, decode(row.kind, row.uid, json.loads(row.payload))


def _kept(row: Row[Any]) -> Kept:
    item = None if row.kind == GONE else decode(row.kind, row.uid, json.loads(row.payload))
    return Kept(row.source, row.uid, row.seq, item)


def _pair(encoded: str) -> tuple[str, str]:
    email, name = json.loads(encoded)
    return email, name


def busiest_address(connection: Connection) -> str | None:
    """Return the address most messages are from, None if there are no messages."""
    author = func.json_extract(observations.c.payload, "$.from[0]")
    query = select(author).where(observations.c.kind == "Message").group_by(author)
    found: str | None = connection.scalar(query.order_by(func.count().desc(), author).limit(1))
    return found
