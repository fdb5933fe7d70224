"""What could be given: articles found in newsletters and feeds, and who has each already."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.sqlite import insert

from daemon.store.database import writing
from daemon.store.ingest import Found, hash_url
from daemon.store.instants import to_seconds
from daemon.store.schema import identities, interactions, links, offerings, offers

SHELF = "shelf"
"""The source under which lies what the owner put there by hand."""


@dataclass(frozen=True, slots=True)
class OnShelf:
    """One offering as stored. ``received_at`` is in seconds."""

    url: str
    title: str
    terms: dict[str, int]
    origin: str
    received_at: int
    source: str
    uid: str


def read_offerings(connection: Connection, *, after: int, until: int) -> tuple[OnShelf, ...]:
    """Return what came in (after, until], newest first, each address once."""
    query = select(offerings).where(
        offerings.c.received_at > after, offerings.c.received_at <= until
    )
    ordered = query.order_by(offerings.c.received_at.desc(), offerings.c.source, offerings.c.url)
    found: dict[str, OnShelf] = {}
    for row in connection.execute(ordered):
        one = OnShelf(
            row.url, row.title, row.terms, row.origin, row.received_at, row.source, row.uid
        )
        found.setdefault(row.url, one)
    return tuple(found.values())


def read_holders(connection: Connection, urls: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return by address the people who sent it, were sent it, or were offered it."""
    by_hash = {hash_url(url): url for url in urls}
    holders: defaultdict[str, set[str]] = defaultdict(set)
    hashes = sorted(by_hash)
    for start in range(0, len(hashes), 5000):
        for found, person in _holders(connection, hashes[start : start + 5000]):
            holders[by_hash[found]].add(person)
    return {url: frozenset(people) for url, people in holders.items()}


def shelve(engine: Engine, found: Found) -> None:
    """Put something on the shelf by hand; a second time renews its date."""
    row = {
        "source": SHELF,
        "uid": hash_url(found.url),
        "url": found.url,
        "title": found.title,
        "terms": dict(found.terms),
        "origin": found.origin,
        "received_at": to_seconds(found.received_at),
    }
    statement = insert(offerings).values(row)
    news = {c: row[c] for c in ("title", "terms", "origin", "received_at")}
    with writing(engine) as tx:
        tx.execute(
            statement.on_conflict_do_update(index_elements=["source", "uid", "url"], set_=news)
        )


def _holders(connection: Connection, hashes: list[str]) -> Iterable[tuple[str, str]]:
    in_mail = (
        select(links.c.url_hash, identities.c.person)
        .join_from(
            links,
            interactions,
            (interactions.c.source == links.c.source) & (interactions.c.uid == links.c.uid),
        )
        .join(identities, identities.c.email == interactions.c.alter)
        .where(links.c.url_hash.in_(hashes))
        .distinct()
    )
    for url_hash, person in connection.execute(in_mail):
        yield url_hash, person
    offered = select(offers.c.url_hash, offers.c.identities).where(offers.c.url_hash.in_(hashes))
    for url_hash, emails in connection.execute(offered).all():
        query = select(identities.c.person).where(identities.c.email.in_(emails))
        for person in connection.scalars(query):
            yield url_hash, person
