"""Interactions as stored, and the days with contact that ties are folded from."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from daemon.interactions.model import Channel, Claim, Direction, Interaction
from daemon.store.instants import to_seconds
from daemon.store.schema import identities, interactions, stale, threads


class Contact(NamedTuple):
    """One act of contact with a person, ``at`` in seconds."""

    person: str
    at: int
    channel: str
    direction: str
    thread: str
    source: str
    uid: str


def save_interactions(
    tx: Connection, source: str, uids: list[str], found: Iterable[tuple[str, Interaction]]
) -> None:
    """Replace the interactions of ``uids`` by ``found`` and mark who is touched as stale."""
    rows = [_row(source, uid, one) for uid, one in found]
    touched = {row["alter"] for row in rows}
    for start in range(0, len(uids), 5000):
        here = and_(
            interactions.c.source == source, interactions.c.uid.in_(uids[start : start + 5000])
        )
        touched.update(tx.scalars(select(interactions.c.alter).where(here).distinct()))
        tx.execute(delete(interactions).where(here))
    if rows:
        tx.execute(insert(interactions), rows)
    mark_stale(tx, touched)


def mark_stale(tx: Connection, emails: Iterable[str]) -> None:
    """Have the ties of these identities refolded."""
    rows = [{"email": email} for email in sorted(emails)]
    if rows:
        tx.execute(insert(stale).on_conflict_do_nothing(), rows)


def mark_meetings_stale(tx: Connection, *, after: int, until: int) -> None:
    """Have refolded whoever had an interaction that was in the future until lately."""
    alters = select(interactions.c.alter).where(
        interactions.c.at > after, interactions.c.at <= until
    )
    tx.execute(insert(stale).from_select(["email"], alters.distinct()).on_conflict_do_nothing())


def has_happened(until: int) -> ColumnElement[bool]:
    """The condition under which an interaction counts: past, direct, and truly claimed."""
    ego_wrote = select(threads.c.thread).where(threads.c.thread == interactions.c.thread).exists()
    return and_(
        interactions.c.at <= until,
        interactions.c.is_direct,
        or_(interactions.c.claim == Claim.ALWAYS.value, ego_wrote),
    )


def read_stale(connection: Connection, *, until: int) -> tuple[Contact, ...]:
    """Return all contact, oldest first, with every person who has a stale identity."""
    persons = (
        select(identities.c.person)
        .join(stale, stale.c.email == identities.c.email)
        .distinct()
        .scalar_subquery()
    )
    return _contacts(connection, _select().where(identities.c.person.in_(persons)), until)


def read_contacts(
    connection: Connection, persons: Iterable[str], *, until: int, after: int = 0
) -> tuple[Contact, ...]:
    """Return all contact with ``persons`` in (after, until], oldest first."""
    wanted = sorted(set(persons))
    found: list[Contact] = []
    for start in range(0, len(wanted), 5000):
        some = identities.c.person.in_(wanted[start : start + 5000])
        query = _select().where(some, interactions.c.at > after)
        found.extend(_contacts(connection, query, until))
    return tuple(sorted(found, key=attrgetter("at", "person", "source", "uid")))


def read_contacts_between(connection: Connection, *, after: int, until: int) -> tuple[Contact, ...]:
    """Return all contact in (after, until], oldest first."""
    return _contacts(connection, _select().where(interactions.c.at > after), until)


def read_booked(connection: Connection, *, after: int, until: int) -> tuple[Contact, ...]:
    """Return the meetings in (after, until], soonest first: they have not happened yet.

    One of too many people is none: as contact it will not count either.
    """
    query = _select().where(
        interactions.c.channel == "meeting",
        interactions.c.is_direct,
        interactions.c.at > after,
        interactions.c.at <= until,
    )
    return _made(connection, query)


def read_last_addresses(connection: Connection, *, until: int) -> tuple[tuple[str, str], ...]:
    """Return for each person with several addresses the one of the last interaction."""
    several = (
        select(identities.c.person)
        .group_by(identities.c.person)
        .having(func.count() > 1)
        .scalar_subquery()
    )
    query = (
        select(identities.c.person, identities.c.email, func.max(interactions.c.at))
        .join(interactions, interactions.c.alter == identities.c.email)
        .where(identities.c.person.in_(several), interactions.c.at <= until)
        .group_by(identities.c.person, identities.c.email)
        .order_by(func.max(interactions.c.at), identities.c.email)
    )
    return tuple((person, email) for person, email, _ in connection.execute(query))


def is_anything_direct(connection: Connection) -> bool:
    """Return whether the ego wrote to anybody, or was written to by name.

    Meetings prove nothing: whoever is in the owner's calendar, the owner need not be.
    """
    outbound = interactions.c.direction == Direction.OUTBOUND.value
    is_mail = interactions.c.channel == Channel.EMAIL.value
    query = select(interactions.c.uid).where(is_mail, or_(interactions.c.is_direct, outbound))
    return connection.scalar(query.limit(1)) is not None


def _select() -> Select[Any]:
    return select(
        identities.c.person,
        interactions.c.at,
        interactions.c.channel,
        interactions.c.direction,
        interactions.c.thread,
        interactions.c.source,
        interactions.c.uid,
    ).join_from(interactions, identities, identities.c.email == interactions.c.alter)


def _contacts(connection: Connection, query: Select[Any], until: int) -> tuple[Contact, ...]:
    return _made(connection, query.where(has_happened(until)))


def _made(connection: Connection, query: Select[Any]) -> tuple[Contact, ...]:
    ordered = query.order_by(interactions.c.at, identities.c.person)
    return tuple(map(Contact._make, connection.execute(ordered)))


def _row(source: str, uid: str, one: Interaction) -> dict[str, Any]:
    return {
        "source": source,
        "uid": uid,
        "alter": one.alter,
        "at": to_seconds(one.at),
        "channel": one.channel.value,
        "direction": one.direction.value,
        "is_direct": one.is_direct,
        "claim": one.claim.value,
        "thread": one.thread,
    }
