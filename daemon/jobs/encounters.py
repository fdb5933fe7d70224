"""First contacts -> encounters: whom the ego met lately, and whose first day comes round again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from connectors.observations import Event, Message
from daemon.interactions.infer import count_recipients
from daemon.interactions.model import Direction
from daemon.jobs.hear import group_by_person
from daemon.people.model import PersonId
from daemon.store import contacts, observed
from daemon.store.contacts import Contact
from daemon.store.database import Connection
from daemon.store.instants import to_instant
from daemon.suggestions.model import Encounter, Evidence, Rules
from daemon.ties.model import Tie

ANNIVERSARY_SLACK_DAYS = 7
"""How near to the day of the year a first contact must lie to be looked up."""


@dataclass(frozen=True, slots=True)
class About:
    """What an observation was about, and how many people it was among, the ego included."""

    summary: str = ""
    n_people: int = 2


def read_encounters(
    connection: Connection,
    standing: Mapping[PersonId, Tie],
    *,
    rules: Rules,
    today: date,
    now: int,
) -> tuple[Encounter, ...]:
    """Return the first contacts of the last days, and those an anniversary of which is near."""
    near = [
        person
        for person, tie in standing.items()
        if (today - tie.first_on).days <= rules.follow_up_days + 1
        or _is_near_in_year(tie.first_on, today)
    ]
    theirs = group_by_person(contacts.read_contacts(connection, near, until=now))
    about = describe_events(connection, [cs[0] for cs in theirs.values()])
    return tuple(_encounter(person, cs, about) for person, cs in sorted(theirs.items()))


def read_last_letters(
    connection: Connection, persons: Iterable[PersonId], *, now: int
) -> dict[PersonId, Evidence]:
    """Return the last contact with each of ``persons``, its subject as the quote."""
    found = group_by_person(contacts.read_contacts(connection, persons, until=now))
    last = {person: theirs[-1] for person, theirs in found.items()}
    about = describe_events(connection, last.values())
    return {
        person: Evidence(
            c.source, c.uid, to_instant(c.at), about.get((c.source, c.uid), About()).summary
        )
        for person, c in last.items()
    }


def describe_events(
    connection: Connection, found: Iterable[Contact]
) -> dict[tuple[str, str], About]:
    """Return what each contact was about, by source and uid."""
    uids: dict[str, list[str]] = {}
    for contact in found:
        uids.setdefault(contact.source, []).append(contact.uid)
    return {
        (source, uid): _about(item)
        for source, some in uids.items()
        for uid, item in observed.read_uids(connection, source, some).items()
    }


def _about(item: object) -> About:
    match item:
        case Event():
            return About(item.summary, len([a for a in item.attendees if a.is_person]))
        case Message():
            return About(item.subject, 1 + count_recipients(item))
        case _:
            return About()


def _is_near_in_year(first_on: date, today: date) -> bool:
    days = (today.timetuple().tm_yday - first_on.timetuple().tm_yday) % 365
    return min(days, 365 - days) <= ANNIVERSARY_SLACK_DAYS


def _encounter(
    person: PersonId, theirs: tuple[Contact, ...], about: Mapping[tuple[str, str], About]
) -> Encounter:
    first = theirs[0]
    wrote = (c.at for c in theirs if c.at > first.at and c.direction == Direction.OUTBOUND)
    wrote_at = next(wrote, None)
    what = about.get((first.source, first.uid), About())
    return Encounter(
        person=person,
        at=to_instant(first.at),
        channel=first.channel,
        summary=what.summary,
        n_attendees=what.n_people,
        source=first.source,
        uid=first.uid,
        wrote_since_at=None if wrote_at is None else to_instant(wrote_at),
    )
