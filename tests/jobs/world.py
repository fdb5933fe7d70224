"""A small world for the jobs: a few people, a clock that stands still, and tables laid open."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.observations import (
    Address,
    Answer,
    Attendee,
    Event,
    Folder,
    Mark,
    Message,
    Observation,
    Recipient,
    Role,
)
from connectors.protocol import Batch, Cursor
from daemon.interactions.infer import Limits
from daemon.interactions.model import Ego
from daemon.jobs.basis import Basis
from daemon.jobs.glean import glean
from daemon.jobs.refresh import derive
from daemon.store import ingest, schema, sources
from daemon.store.database import Database, open_scratch
from daemon.store.sources import Source

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
ME = Address("mara@example.org", "Mara Stein")
ANA = Address("ana@example.com", "Ana Diaz")
ANA_HOME = Address("ana@example.net", "Ana Diaz")
BEN = Address("ben@example.com", "Ben Okafor")
CEM = Address("cem@example.net", "Cem Yildiz")
LIST = Address("talk@lists.example.org")
BASIS = Basis(frozenset({ME.email}))


def days_ago(n: float) -> datetime:
    return AT - timedelta(days=n)


def basis(*addresses: str, name: str = "", zone: str = "UTC", max_recipients: int = 10) -> Basis:
    """The settings; Mara's address unless others are given."""
    return Basis(
        frozenset(addresses or {ME.email}),
        name=name,
        zone=ZoneInfo(zone),
        limits=Limits(max_recipients=max_recipients),
    )


def letter(
    uid: str,
    by: Address = ANA,
    to: Iterable[Address] = (ME,),
    *,
    at: datetime | None = None,
    answers: Sequence[str] = (),
    through: Iterable[str] = (),
    marks: Iterable[Mark] = (),
    folder: Folder = Folder.OTHER,
    subject: str = "",
    text: str = "",
) -> Message:
    """A message whose Message-ID is ``<uid>``; ``answers`` are the ids it names, oldest first."""
    return Message(
        uid=uid,
        sent_at=at or days_ago(10),
        author=by,
        recipients=tuple(Recipient(one, Role.TO) for one in to),
        subject=subject,
        message_id=f"<{uid}>",
        in_reply_to=answers[-1] if answers else None,
        references=tuple(answers),
        lists=tuple(through),
        marks=frozenset(marks),
        folder=folder,
        text=text,
    )


def list_letter(uid: str, by: Address, *, answers: Sequence[str] = (), at: datetime) -> Message:
    """A message through the list, to Mara as well."""
    return letter(
        uid, by, (LIST, ME), at=at, answers=answers, through=(LIST.email,), marks=(Mark.LIST,)
    )


def meeting(
    uid: str,
    *others: Address,
    at: datetime,
    known_at: datetime | None = None,
    answer: Answer = Answer.ACCEPTED,
    is_cancelled: bool = False,
) -> Event:
    """An hour with Mara and ``others``, in the calendar for ever unless ``known_at`` is given."""
    return Event(
        uid=uid,
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        known_at=known_at or days_ago(3000),
        organizer=ME,
        attendees=tuple(Attendee(one, answer) for one in (ME, *others)),
        summary=f"About {uid}",
        is_cancelled=is_cancelled,
    )


def open_world(*names: str) -> Database:
    """An empty database with the sources ``names``, or one called "s"."""
    engine = open_scratch()
    register(engine, *names)
    return engine


def register(engine: Database, *names: str) -> None:
    for name in names or ("s",):
        sources.register(engine, Source(name, "memory", "", "text"))


def tell(engine: Database, found: Iterable[Observation], source: str = "s") -> None:
    """Store ``found`` as one more batch of ``source``."""
    expected = ingest.cursor_of(engine, source)
    batch = Batch(tuple(found), Cursor(str(int(expected or "0") + 1)))
    gleaned = glean(batch.observations, Ego(BASIS.addresses), at=AT)
    ingest.commit(engine, source, batch, expected=expected, at=AT, gleaned=gleaned)


def know(
    *found: Observation, on: Basis = BASIS, at: datetime = AT, engine: Database | None = None
) -> Database:
    """Store ``found`` in one batch and derive what follows from it."""
    engine = engine or open_world()
    tell(engine, found)
    derive(engine, on, at=at)
    return engine


DERIVED = {
    "letters": schema.letters,
    "thread_ids": schema.thread_ids,
    "threads": schema.threads,
    "sightings": schema.sightings,
    "interactions": schema.interactions,
    "people": schema.people,
    "identities": schema.identities,
    "ties": schema.ties,
    "stale": schema.stale,
}


def rows(engine: Database, table: sa.Table) -> list[tuple[Any, ...]]:
    """Every row of ``table``, in an order that does not depend on when it was written."""
    with engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)


def derived(engine: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that was derived, to be compared."""
    return {name: rows(engine, table) for name, table in DERIVED.items()}


def n_days(engine: Database) -> dict[str, int]:
    """Days with contact by person."""
    with engine.connect() as connection:
        query = sa.select(schema.ties.c.person, schema.ties.c.n_days)
        return {person: n for person, n in connection.execute(query)}


def people(engine: Database) -> dict[str, set[str]]:
    """The addresses of each person."""
    found: dict[str, set[str]] = {}
    for email, person in rows(engine, schema.identities):
        found.setdefault(person, set()).add(email)
    return found
