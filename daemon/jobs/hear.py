"""Cues in the store -> what was said between the ego and each person, and whether answered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

from daemon.cues.model import CueKind
from daemon.interactions.model import Channel, Direction
from daemon.people.model import PersonId
from daemon.store.contacts import Contact, read_contacts
from daemon.store.database import Connection
from daemon.store.instants import to_instant
from daemon.store.spoken import Placed, Written, read_reply_times, read_said, read_written
from daemon.suggestions.model import Spoken

DAY = 86_400

SPOKEN_DAYS = 60
"""How far back what was said in a living tie can still ask for something."""

LEFT_OPEN_DAYS = 200
"""How far back what was said last before a tie went quiet can."""

MEMORY_YEARS = (1, 2, 3)
"""How many years ago today something may have been said that is worth remembering."""

REPLY_DAYS = 730
"""The past from which the ego's usual time to answer is taken."""

MIN_REPLIES = 5
"""Answers below which no time is usual."""


def hear(connection: Connection, *, now: int) -> tuple[Spoken, ...]:
    """Return what was said lately, at the end of ties gone quiet, and on this day years ago.

    Oldest first within each of the three. Of what is only remembered it is not asked whether
    it was answered.
    """
    lately, left_open = now - SPOKEN_DAYS * DAY, now - LEFT_OPEN_DAYS * DAY
    open_once = [
        *read_said(connection, after=left_open, until=lately, is_last=True),
        *read_said(connection, after=lately, until=now),
    ]
    written = _read_written(connection, open_once, now)
    memories = _read_memories(connection, now)
    return (
        *(_spoken(p, Written()) for p in memories),
        *(_spoken(p, written) for p in open_once),
    )


def _read_written(connection: Connection, placed: Sequence[Placed], now: int) -> Written:
    """Who wrote in the threads of ``placed`` since, and when the ego wrote to their people."""
    after = min((p.at for p in placed), default=now)
    written = read_written(connection, {p.thread for p in placed}, after=after, until=now)
    persons = {p.person for p in placed}
    for contact in read_contacts(connection, persons, until=now, after=after):
        if contact.direction == Direction.OUTBOUND:
            written.add(contact.person, "", contact.at)
    return written


def _read_memories(connection: Connection, now: int) -> list[Placed]:
    """What was said on this day of the year before: the day alone, in any zone."""
    found: list[Placed] = []
    for years in MEMORY_YEARS:
        then = now - round(years * 365.25) * DAY
        found += read_said(connection, after=then - 2 * DAY, until=then + 2 * DAY)
    return found


def read_usual_reply_days(connection: Connection, *, now: int) -> float | None:
    """Return the median of the ego's times to answer in days, None if there are too few."""
    times = read_reply_times(connection, after=now - REPLY_DAYS * DAY, until=now)
    return median(times) / DAY if len(times) >= MIN_REPLIES else None


def count_unanswered(
    by_person: Mapping[PersonId, tuple[Contact, ...]],
) -> dict[PersonId, int]:
    """Return for each person in how many threads the ego wrote since last hearing from them."""
    return {person: _unanswered(theirs) for person, theirs in by_person.items()}


def group_by_person(found: tuple[Contact, ...]) -> dict[PersonId, tuple[Contact, ...]]:
    """Return contact by person, oldest first as given."""
    groups: defaultdict[PersonId, list[Contact]] = defaultdict(list)
    for contact in found:
        groups[PersonId(contact.person)].append(contact)
    return {person: tuple(theirs) for person, theirs in groups.items()}


def _unanswered(theirs: tuple[Contact, ...]) -> int:
    threads: set[str] = set()
    for contact in reversed(theirs):
        if contact.direction != Direction.OUTBOUND or contact.channel != Channel.EMAIL:
            break
        threads.add(contact.thread)
    return len(threads)


def _spoken(placed: Placed, written: Written) -> Spoken:
    kind = CueKind(placed.kind)
    answers = _who_answers(kind, placed)
    answered = written.next(placed.thread, answers, placed.at)
    since = written.next(placed.person, "", placed.at)
    return Spoken(
        kind=kind,
        person=PersonId(placed.person),
        by_ego=placed.by_ego,
        sentence=placed.sentence,
        confidence=placed.confidence,
        due_on=placed.due_on,
        source=placed.source,
        uid=placed.uid,
        thread=placed.thread,
        subject=placed.subject,
        message_id=placed.message_id,
        at=to_instant(placed.at),
        n_recipients=placed.n_recipients,
        is_to_ego=placed.is_to_ego,
        answered_at=None if answered is None else to_instant(answered),
        written_since_at=None if since is None else to_instant(since),
    )


def _who_answers(kind: CueKind, placed: Placed) -> str:
    """An ask is answered by the other side, a promise kept by the side that made it."""
    is_egos = placed.by_ego if kind is CueKind.PROMISE else not placed.by_ego
    return "" if is_egos else placed.person
