"""Read all contact there was, and what the owner wants of people, to replay the past from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from daemon.interactions.model import Direction
from daemon.jobs.basis import Basis
from daemon.people.model import Person, PersonId
from daemon.store import contacts, decisions, passing, people
from daemon.store.contacts import Contact
from daemon.store.database import Connection, Database
from daemon.store.instants import to_seconds
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Never,
    Rest,
    Rules,
    Situation,
    SuggestionDecision,
)
from daemon.suggestions.need import find_people, read_wishes
from daemon.ties.flags import Wanted
from daemon.ties.model import ContactHistory


@dataclass(frozen=True, slots=True)
class Past:
    """All contact the owner had, by person, and what the owner wants of single people.

    ``until`` is the last day of which anything is known: that of the last contact, since a
    mailbox that was exported years ago says nothing of the years after. ``today`` is the
    owner's day of the present. ``people`` knows everybody in ``histories``.
    """

    histories: tuple[ContactHistory, ...]
    people: dict[PersonId, Person]
    wanted: Wanted
    until: date
    today: date


def read_past(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: Iterable[SuggestionDecision] = (),
) -> Past:
    """Return the past as known at ``at``; what is stored must be inferred by then.

    People are taken for who they are known to be at ``at``, and list mail counts as contact
    from its own day even where the ego joined that conversation later.

    Args:
        engine: The database.
        basis: The owner and the settings.
        at: The present.
        rules: The owner's settings: what circles want.
        orders: What the settings say of single people.
    """
    today = basis.day_of(at)
    with engine.connect() as connection:
        histories = read_histories(connection, basis, at=at)
        known = people.read_people(connection)
        said = _read_decisions(connection, at)
    wanted = _find_wanted(
        Situation(
            at=at, today=today, people=known, ties={}, decisions=(*orders, *said), rules=rules
        ),
        basis,
    )
    return Past(
        histories=histories,
        people=known,
        wanted=wanted,
        until=max((history.days[-1] for history in histories), default=today),
        today=today,
    )


def read_histories(
    connection: Connection, basis: Basis, *, at: datetime
) -> tuple[ContactHistory, ...]:
    """Return the history of each person the ego wrote to or met until ``at``, by person."""
    until = to_seconds(at)
    found = contacts.read_contacts_between(connection, after=0, until=until)
    seen = passing.read_passing(connection, until=until)
    return tuple(_draw(found, seen, basis, basis.day_of(at)))


def _draw(
    found: Iterable[Contact], seen: Mapping[str, Sequence[int]], basis: Basis, on: date
) -> Iterator[ContactHistory]:
    for person, theirs in groupby(sorted(found, key=attrgetter("person")), attrgetter("person")):
        days = [(basis.day_of(contact.at), contact.direction) for contact in theirs]
        out = {day for day, direction in days if direction != Direction.INBOUND}
        into = {day for day, direction in days if direction != Direction.OUTBOUND}
        if out:
            yield ContactHistory(
                alter=PersonId(person),
                days=tuple(sorted(out | into)),
                n_out=len(out),
                n_in=len(into),
                observed_on=on,
                out_days=tuple(sorted(out)),
                in_days=tuple(sorted(into)),
                passing_days=tuple(
                    sorted({basis.day_of(second) for second in seen.get(person, ())})
                ),
            )


def _read_decisions(connection: Connection, at: datetime) -> tuple[SuggestionDecision, ...]:
    made = decisions.read_decisions(connection, until=at)
    return tuple(d for d in made if isinstance(d, Cadence | Circle | Never | Rest))


def _find_wanted(situation: Situation, basis: Basis) -> Wanted:
    find_person = find_people(situation)
    rested: dict[PersonId, tuple[date, ...]] = {}
    never: dict[PersonId, date] = {}
    for decision in situation.decisions:
        match decision:
            case Rest(identity, decided_at):
                person = find_person(identity)
                rested[person] = (*rested.get(person, ()), basis.day_of(decided_at))
            case Never(identity, decided_at):
                person, on = find_person(identity), basis.day_of(decided_at)
                never[person] = min(on, never.get(person, on))
            case _:
                pass
    gaps = read_wishes(situation).gaps
    longest = {p: one.longest_days for p, one in gaps.items() if one.longest_days is not None}
    return Wanted(longest, rested, never)
