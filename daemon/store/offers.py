"""What stood in which digest, so that a number in a reply can be understood."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import offers


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of one digest. ``identities`` holds one address of each person.

    ``who`` and ``why`` are as the digest printed them.
    """

    on: date
    ref: int
    key: str
    kind: str
    identities: tuple[str, ...]
    url_hash: str | None = None
    who: str = ""
    why: str = ""


def replace_offers(tx: Connection, on: date, found: Iterable[Offer], *, now: datetime) -> None:
    """Keep the entries of the digest of ``on``, shown ``now``, in place of those of that day."""
    tx.execute(delete(offers).where(offers.c.on == on))
    _insert(tx, found, to_seconds(now))


def add_offers(tx: Connection, on: date, found: Iterable[Offer], *, now: datetime) -> None:
    """Keep further entries of the digest of ``on``, as if they had stood in it from the first."""
    shown = tx.scalar(select(func.min(offers.c.remembered_at)).where(offers.c.on == on))
    _insert(tx, found, to_seconds(now) if shown is None else shown)


def read_offers(connection: Connection, *, before: date) -> tuple[Offer, ...]:
    """Return all entries of digests of days before ``before``, oldest first."""
    query = select(offers).where(offers.c.on < before).order_by(offers.c.on, offers.c.ref)
    return tuple(_offer(row) for row in connection.execute(query))


def read_last(connection: Connection, on: date | None = None) -> tuple[Offer, ...]:
    """Return the entries of the digest of ``on``, or else of the one that was shown last."""
    query = select(offers).where(offers.c.on == (on or last_digest_on(connection)))
    query = query.order_by(offers.c.ref)
    return tuple(_offer(row) for row in connection.execute(query))


def last_digest_on(connection: Connection) -> date | None:
    """Return the local date of the digest that was shown last, None if there was none."""
    query = select(offers.c.on).order_by(offers.c.remembered_at.desc(), offers.c.on.desc())
    found: date | None = connection.scalar(query.limit(1))
    return found


def last_shown_at(connection: Connection, *, before: date) -> datetime | None:
    """Return when the latest digest of a day before ``before`` was shown, None if there is none."""
    query = select(func.max(offers.c.remembered_at)).where(offers.c.on < before)
    found: int | None = connection.scalar(query)
    return None if found is None else to_instant(found)


def _insert(tx: Connection, found: Iterable[Offer], shown: int) -> None:
    rows = [
        {
            "on": one.on,
            "ref": one.ref,
            "remembered_at": shown,
            "key": one.key,
            "kind": one.kind,
            "identities": list(one.identities),
            "url_hash": one.url_hash,
            "who": one.who,
            "why": one.why,
        }
        for one in found
    ]
    if rows:
        tx.execute(insert(offers), rows)


def _offer(row: Row[Any]) -> Offer:
    return Offer(
        row.on, row.ref, row.key, row.kind, tuple(row.identities), row.url_hash, row.who, row.why
    )
