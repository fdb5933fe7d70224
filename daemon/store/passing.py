"""Contact in passing as stored: when two people were on the same mail, list or large meeting."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.sqlite import insert

from daemon.store.schema import identities, interactions, letters, sightings, stale


def read_last_passing(
    connection: Connection, persons: Iterable[str], *, until: int
) -> dict[str, int]:
    """Return when each of ``persons`` was last seen in passing, in seconds, up to ``until``."""
    wanted = sorted(set(persons))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 5000):
        some = identities.c.person.in_(wanted[start : start + 5000])
        for query in _look(until):
            last = func.max(query.selected_columns.at)
            theirs = query.where(some).group_by(identities.c.person)
            for person, at in connection.execute(
                theirs.with_only_columns(identities.c.person, last)
            ):
                found[person] = max(at, found.get(person, at))
    return found


def read_passing(connection: Connection, *, until: int) -> dict[str, list[int]]:
    """Return when each person was seen in passing, in seconds up to ``until``, ascending."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for query in _look(until):
        for person, at in connection.execute(query.distinct()):
            found[person].add(at)
    return {person: sorted(seen) for person, seen in found.items()}


def mark_passing_stale(tx: Connection, *, after: int, until: int) -> None:
    """Have refolded whoever was seen in mail that was dated ahead until lately."""
    # By the letters, which are in order of date.
    is_same = (sightings.c.source == letters.c.source) & (sightings.c.uid == letters.c.uid)
    ahead = (letters.c.at > after) & (letters.c.at <= until)
    emails = select(sightings.c.email).join(letters, is_same).where(ahead)
    tx.execute(insert(stale).from_select(["email"], emails.distinct()).on_conflict_do_nothing())


def is_anything_ahead(connection: Connection, *, after: int, until: int) -> bool:
    """Return whether there is mail or a large meeting in (after, until]."""
    mail = select(letters.c.at).where(letters.c.at > after, letters.c.at <= until)
    met = select(interactions.c.at).where(_is_large, interactions.c.at > after)
    meetings = met.where(interactions.c.at <= until)
    return any(connection.scalar(query.limit(1)) is not None for query in (mail, meetings))


_is_large = ~interactions.c.is_direct & (interactions.c.channel == "meeting")


def _look(until: int) -> tuple[Select[Any], ...]:
    """Who was seen when: who wrote or received mail, and who was at a large meeting.

    Mail by which the two reached each other is among it: that is contact of its own, and
    being seen on the day of the last contact says nothing more.
    """
    mail = (
        select(identities.c.person, sightings.c.at)
        .join(sightings, sightings.c.email == identities.c.email)
        .where(sightings.c.at <= until)
    )
    meetings = (
        select(identities.c.person, interactions.c.at)
        .join(interactions, interactions.c.alter == identities.c.email)
        .where(interactions.c.at <= until, _is_large)
    )
    return mail, meetings
