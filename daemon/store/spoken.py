"""Cues in their place: what was said, in which thread, and what was written after it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from daemon.store.schema import cues, identities, interactions, letters, observations, ties


@dataclass(frozen=True, slots=True)
class Placed:
    """One cue, with the letter it stands in. ``person`` is the other side, ``at`` in seconds."""

    kind: str
    sentence: str
    confidence: float
    due_on: date | None
    source: str
    uid: str
    at: int
    thread: str
    message_id: str
    author: str
    by_ego: bool
    n_recipients: int
    is_to_ego: bool
    subject: str
    person: str


class Written:
    """Who wrote when: in each thread by author, and by the ego to each person; in seconds."""

    def __init__(self) -> None:
        self._times: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def add(self, where: str, who: str, at: int) -> None:
        """Note that ``who`` wrote in (or to) ``where`` at ``at``; ascending."""
        self._times[where, who].append(at)

    def next(self, where: str, who: str, after: int) -> int | None:
        """Return the first time after ``after``, None if there is none."""
        times = self._times.get((where, who), [])
        place = bisect_right(times, after)
        return times[place] if place < len(times) else None


END_SECONDS = 14 * 86_400
"""How long before the last contact with a person something was said last."""


def read_said(
    connection: Connection, *, after: int, until: int, is_last: bool = False
) -> tuple[Placed, ...]:
    """Return the cues in letters of (after, until], oldest first, each message once.

    With ``is_last`` only what was said within two weeks of the last contact or after it.

    The other side of what the ego said is whom the ego answered, else the only person
    the letter was sent to; where that is not clear, nothing is returned for it.
    """
    query = _query(after, until)
    if is_last:
        query = query.where(letters.c.at >= ties.c.last_at - END_SECONDS)
    rows = connection.execute(query).all()
    alone = _only_recipients(connection, [(r.source, r.uid) for r in rows if r.by_ego])
    found: dict[tuple[str, str, str], Placed] = {}
    for row in rows:
        person = row.answered if row.by_ego else row.wrote
        person = person or (alone.get((row.source, row.uid)) if row.by_ego else None)
        if person:
            key = (row.message_id, row.kind, row.sentence)
            found.setdefault(key, _placed(row, person))
    return tuple(found.values())


def read_written(
    connection: Connection, threads: Iterable[str], *, after: int, until: int
) -> Written:
    """Return who wrote in ``threads``, by person ("" for the ego), in (after, until]."""
    written = Written()
    wanted = sorted(set(threads))
    for start in range(0, len(wanted), 5000):
        query = (
            select(letters.c.thread, letters.c.by_ego, identities.c.person, letters.c.at)
            .outerjoin(identities, identities.c.email == letters.c.author)
            .where(letters.c.thread.in_(wanted[start : start + 5000]))
            .where(letters.c.at > after, letters.c.at <= until)
        )
        for thread, by_ego, person, at in connection.execute(query.order_by(letters.c.at)):
            written.add(thread, "" if by_ego else person or "?", at)
    return written


def read_reply_times(connection: Connection, *, after: int, until: int) -> tuple[int, ...]:
    """Return how many seconds the ego took for each answer written in (after, until]."""
    answer, asked = letters.alias("answer"), letters.alias("asked")
    query = (
        select(answer.c.at - asked.c.at)
        .join_from(answer, asked, answer.c.parent == asked.c.message_id)
        .where(answer.c.by_ego, ~asked.c.by_ego, answer.c.at >= asked.c.at)
        .where(answer.c.at > after, answer.c.at <= until)
    )
    return tuple(connection.scalars(query))


def _query(after: int, until: int) -> Select[Any]:
    parent = letters.alias("parent")
    answered, wrote = identities.alias("answered"), identities.alias("wrote")
    return (
        select(
            cues.c.kind,
            cues.c.sentence,
            cues.c.confidence,
            cues.c.due_on,
            cues.c.source,
            cues.c.uid,
            letters.c.at,
            letters.c.thread,
            letters.c.message_id,
            letters.c.author,
            letters.c.by_ego,
            letters.c.n_recipients,
            letters.c.is_to_ego,
            func.coalesce(func.json_extract(observations.c.payload, "$.subject"), "").label(
                "subject"
            ),
            answered.c.person.label("answered"),
            wrote.c.person.label("wrote"),
        )
        .join(letters, (letters.c.source == cues.c.source) & (letters.c.uid == cues.c.uid))
        .join(
            observations,
            (observations.c.source == cues.c.source) & (observations.c.uid == cues.c.uid),
        )
        .outerjoin(parent, parent.c.message_id == letters.c.parent)
        .outerjoin(answered, answered.c.email == parent.c.author)
        .outerjoin(wrote, wrote.c.email == letters.c.author)
        .outerjoin(
            ties,
            ties.c.person == case((letters.c.by_ego, answered.c.person), else_=wrote.c.person),
        )
        .where(letters.c.at > after, letters.c.at <= until)
        .order_by(letters.c.at, cues.c.source, cues.c.uid, cues.c.ordinal)
    )


def _placed(row: Row[Any], person: str) -> Placed:
    return Placed(
        kind=row.kind,
        sentence=row.sentence,
        confidence=row.confidence,
        due_on=row.due_on,
        source=row.source,
        uid=row.uid,
        at=row.at,
        thread=row.thread,
        message_id=row.message_id,
        author=row.author,
        by_ego=row.by_ego,
        n_recipients=row.n_recipients,
        is_to_ego=row.is_to_ego,
        subject=row.subject,
        person=person,
    )


def _only_recipients(
    connection: Connection, wanted: list[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return the person of each letter that went to one person alone."""
    found: dict[tuple[str, str], str] = {}
    uids = sorted({uid for _, uid in wanted})
    for start in range(0, len(uids), 5000):
        query = (
            select(interactions.c.source, interactions.c.uid, func.min(identities.c.person))
            .join_from(interactions, identities, identities.c.email == interactions.c.alter)
            .where(interactions.c.uid.in_(uids[start : start + 5000]))
            .group_by(interactions.c.source, interactions.c.uid)
            .having(func.count(identities.c.person.distinct()) == 1)
        )
        found |= {(source, uid): person for source, uid, person in connection.execute(query)}
    return found
