"""Fold the days with contact into ties, for those people whose contact changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from daemon.interactions.model import Direction
from daemon.jobs.basis import Basis
from daemon.people.model import PersonId
from daemon.store import contacts, passing, progress, ties
from daemon.store.contacts import Contact
from daemon.store.database import Database, writing
from daemon.store.instants import to_seconds
from daemon.store.ties import Folded
from daemon.ties.gaps import fold as fold_days


def fold(engine: Database, basis: Basis, *, at: datetime) -> None:
    """Refold every tie that new contact, a merge, or the passing of a meeting touched."""
    now = to_seconds(at)
    with writing(engine) as tx:
        # A clock that was put back leaves contact counted that has not happened yet.
        before = progress.recall(tx, "folded", 0)
        contacts.mark_meetings_stale(tx, after=min(before, now), until=max(before, now))
        passing.mark_passing_stale(tx, after=min(before, now), until=max(before, now))
        found = contacts.read_stale(tx, until=now)
        seen = passing.read_last_passing(tx, {contact.person for contact in found}, until=now)
        ties.replace_stale(tx, fold_contacts(found, basis, seen))
        progress.keep(tx, "folded", now)


def fold_contacts(
    found: Iterable[Contact], basis: Basis, seen: Mapping[str, int]
) -> Iterator[Folded]:
    """Yield the tie of each person the ego wrote to or met, by person.

    Whoever the ego never wrote to and never met is not a person to kithd. ``seen`` says, in
    seconds, when each was last seen in passing.
    """
    ordered = sorted(found, key=attrgetter("person", "at"))
    for person, theirs in groupby(ordered, key=attrgetter("person")):
        if (one := _fold_one(PersonId(person), list(theirs), basis, seen.get(person))).n_out:
            yield one


def _fold_one(person: PersonId, theirs: list[Contact], basis: Basis, seen_at: int | None) -> Folded:
    days = [basis.day_of(c.at) for c in theirs]
    out = {d for d, c in zip(days, theirs, strict=True) if c.direction != Direction.INBOUND}
    into = {d for d, c in zip(days, theirs, strict=True) if c.direction != Direction.OUTBOUND}
    return Folded(
        person=person,
        gaps=fold_days(
            days, basis.model.forget, None if seen_at is None else basis.day_of(seen_at)
        ),
        n_out=len(out),
        n_in=len(into),
        last_at=theirs[-1].at,
    )
