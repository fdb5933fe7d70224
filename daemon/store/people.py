"""People as resolved: sightings in, people and their identities out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from daemon.people.model import Identity, Person, PersonId, Sighting
from daemon.store.contacts import mark_stale
from daemon.store.schema import identities, letters, people, sightings, ties


@dataclass(slots=True)
class Seen:
    """How often a name was seen beside an address: in all, written by its holder, as that of a
    list, and in messages that neither its holder nor the ego wrote."""

    n_seen: int = 0
    n_own: int = 0
    n_list: int = 0
    n_from_others: int = 0


_COUNTS = tuple(field.name for field in fields(Seen))

Shown = Mapping[tuple[str, str], Seen]
"""What one observation showed, by address and name."""


def save_sightings(
    tx: Connection, source: str, uids: list[str], found: Iterable[tuple[str, int | None, Shown]]
) -> None:
    """Replace what the observations ``uids`` showed by ``found``: a uid, when, and who.

    Kept by observation, so that one told again does not count twice and one that is gone
    counts no more. Whoever is or was seen is marked as stale. The instant, in seconds, is
    that of mail, and None for what brings nobody together by being there.
    """
    touched: set[str] = set()
    for start in range(0, len(uids), 5000):
        here = and_(sightings.c.source == source, sightings.c.uid.in_(uids[start : start + 5000]))
        touched.update(tx.scalars(select(sightings.c.email).where(here).distinct()))
        tx.execute(delete(sightings).where(here))
    rows = [
        {
            "source": source,
            "uid": uid,
            "email": email,
            "name": name,
            "at": at,
            **{count: getattr(one, count) for count in _COUNTS},
        }
        for uid, at, seen in found
        for (email, name), one in seen.items()
    ]
    if rows:
        tx.execute(insert(sightings), rows)
    mark_stale(tx, touched | {row["email"] for row in rows})


def read_sightings(connection: Connection) -> tuple[Sighting, ...]:
    """Return one sighting an address, by address, of those that were counted at all."""
    rows: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    sums = (func.sum(sightings.c[count]).label(count) for count in _COUNTS)
    is_counted = or_(sightings.c.n_seen > 0, sightings.c.n_list > 0)
    query = select(sightings.c.email, sightings.c.name, *sums).where(is_counted)
    by_name = query.group_by(sightings.c.email, sightings.c.name)
    for row in connection.execute(by_name.order_by(sightings.c.email, sightings.c.name)):
        rows[row.email].append(row)
    others = _count_from_others(connection)
    return tuple(_sighting(email, found, others.get(email, 0)) for email, found in rows.items())


def _count_from_others(connection: Connection) -> dict[str, int]:
    """Messages to each address that neither it nor the ego wrote; a copy elsewhere is the same."""
    query = (
        select(sightings.c.email, func.count(letters.c.message_id.distinct()))
        .join(
            letters,
            (letters.c.source == sightings.c.source) & (letters.c.uid == sightings.c.uid),
        )
        .where(sightings.c.n_from_others > 0)
        .group_by(sightings.c.email)
    )
    return {email: n for email, n in connection.execute(query)}


def _sighting(email: str, found: list[Row[Any]], n_from_others: int) -> Sighting:
    return Sighting(
        Identity(email),
        names={row.name: row.n_seen for row in found if row.n_seen},
        own_names={row.name: row.n_own for row in found if row.n_own},
        is_list=any(row.n_list for row in found),
        n_from_others=n_from_others,
    )


def save_people(tx: Connection, found: Sequence[Person]) -> int:
    """Replace all people; mark the ties of those who changed as stale; return how many."""
    before = dict(tx.execute(select(identities.c.email, identities.c.person)).all())
    after = {str(i): str(p.id) for p in found for i in p.identities}
    moved = {e for e in before.keys() | after.keys() if before.get(e) != after.get(e)}
    touched = {before.get(e) for e in moved} | {after.get(e) for e in moved}
    changed = {e for e, p in [*before.items(), *after.items()] if p in touched}
    tx.execute(delete(people))
    tx.execute(delete(identities))
    if after:
        tx.execute(insert(people), [_row(p) for p in found])
        tx.execute(insert(identities), [{"email": e, "person": p} for e, p in after.items()])
    tx.execute(delete(ties).where(ties.c.person.not_in(select(people.c.person))))
    mark_stale(tx, changed)
    return len(changed)


def read_people(
    connection: Connection, persons: Iterable[str] | None = None
) -> dict[PersonId, Person]:
    """Return people by id: all who have a tie, or those named."""
    wanted = select(ties.c.person) if persons is None else list(persons)
    members: defaultdict[str, set[Identity]] = defaultdict(set)
    for row in connection.execute(select(identities).where(identities.c.person.in_(wanted))):
        members[row.person].add(Identity(row.email))
    rows = connection.execute(select(people).where(people.c.person.in_(wanted)))
    return {
        PersonId(row.person): Person(
            PersonId(row.person), row.name, tuple(row.names), frozenset(members[row.person])
        )
        for row in rows
    }


def person_of(connection: Connection, email: str) -> PersonId | None:
    """Return whom ``email`` belongs to, or None."""
    found = connection.scalar(select(identities.c.person).where(identities.c.email == email))
    return None if found is None else PersonId(found)


def persons_by_identity(connection: Connection) -> dict[Identity, PersonId]:
    """Return the person of every identity."""
    rows = connection.execute(select(identities.c.email, identities.c.person))
    return {Identity(e): PersonId(p) for e, p in rows}


def _row(person: Person) -> dict[str, object]:
    return {"person": person.id, "name": person.name, "names": list(person.names)}
