"""People as resolved: sightings in, people and their identities out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from daemon.people.model import Identity, Person, PersonId, Sighting
from daemon.store.contacts import mark_stale
from daemon.store.schema import identities, people, sightings, ties


def add_sightings(tx: Connection, seen: Mapping[tuple[str, str], tuple[int, int, int]]) -> None:
    """Add counts by address and name: seen, written by its holder, named as a list."""
    rows = [
        {"email": email, "name": name, "n_seen": n, "n_own": own, "n_list": as_list}
        for (email, name), (n, own, as_list) in sorted(seen.items())
    ]
    if not rows:
        return
    statement = insert(sightings)
    news = {c: sightings.c[c] + statement.excluded[c] for c in ("n_seen", "n_own", "n_list")}
    tx.execute(statement.on_conflict_do_update(index_elements=["email", "name"], set_=news), rows)


def read_sightings(connection: Connection) -> tuple[Sighting, ...]:
    """Return one sighting an address, by address."""
    seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
    own: defaultdict[str, dict[str, int]] = defaultdict(dict)
    lists: set[str] = set()
    for row in connection.execute(select(sightings)):
        seen[row.email][row.name] = row.n_seen
        if row.n_own:
            own[row.email][row.name] = row.n_own
        if row.n_list:
            lists.add(row.email)
    return tuple(
        Sighting(Identity(email), seen[email], own.get(email, {}), email in lists)
        for email in sorted(seen)
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
