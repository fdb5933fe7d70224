"""Fold the days with contact into ties, for those people whose contact changed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from daemon.interactions.model import Direction
from daemon.jobs.basis import Basis
from daemon.people.model import PersonId
from daemon.store import contacts, progress, ties
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
        found = contacts.read_stale(tx, until=now)
        ties.replace_stale(tx, fold_contacts(found, basis))
        progress.keep(tx, "folded", now)


def fold_contacts(found: Iterable[Contact], basis: Basis) -> Iterator[Folded]:
    """Yield the tie of each person the ego wrote to or met, by person.

    Whoever the ego never wrote to and never met is not a person to kithd.
    """
    ordered = sorted(found, key=attrgetter("person", "at"))
    for person, theirs in groupby(ordered, key=attrgetter("person")):
        if (one := _fold_one(PersonId(person), list(theirs), basis)).n_out:
            yield one


def _fold_one(person: PersonId, theirs: list[Contact], basis: Basis) -> Folded:
    days = [basis.day_of(c.at) for c in theirs]
    out = {d for d, c in zip(days, theirs, strict=True) if c.direction != Direction.INBOUND}
    into = {d for d, c in zip(days, theirs, strict=True) if c.direction != Direction.OUTBOUND}
    return Folded(
        person=person,
        gaps=fold_days(days, basis.model.forget),
        n_out=len(out),
        n_in=len(into),
        last_at=theirs[-1].at,
    )
