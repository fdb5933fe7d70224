"""Turns a situation into what of it was known at its own instant."""

from dataclasses import replace
from datetime import date, datetime

from daemon.suggestions.model import Encounter, Situation, Spoken


def keep_known(situation: Situation) -> Situation:
    """Drops every fact from after ``situation.at``: the future may change no suggestion.

    An answer from the future counts as no answer yet. Booked meetings stay: that they
    are booked is known today.

    Source: design notes, decay benchmark ("no peeking").
    """
    at = situation.at
    return replace(
        situation,
        spoken=tuple(_hear_until(s, at) for s in situation.spoken if s.at <= at),
        offerings=tuple(o for o in situation.offerings if o.received_at <= at),
        topics={
            person: tuple(t for t in topics if t.last_at <= at)
            for person, topics in situation.topics.items()
        },
        encounters=tuple(_meet_until(e, at) for e in situation.encounters if e.at <= at),
        offered=tuple(o for o in situation.offered if o.offered_on <= situation.today),
        decisions=tuple(d for d in situation.decisions if d.decided_at <= at),
    )


def find_day(at: datetime, situation: Situation) -> date:
    """Finds the owner's local date at an instant."""
    return at.astimezone(situation.zone).date()


def _hear_until(spoken: Spoken, at: datetime) -> Spoken:
    answered_at = _until(spoken.answered_at, at)
    written_since_at = _until(spoken.written_since_at, at)
    return replace(spoken, answered_at=answered_at, written_since_at=written_since_at)


def _meet_until(encounter: Encounter, at: datetime) -> Encounter:
    return replace(encounter, wrote_since_at=_until(encounter.wrote_since_at, at))


def _until(when: datetime | None, at: datetime) -> datetime | None:
    return when if when is not None and when <= at else None
