"""Decisions -> how many of each sort were made since the last digest: their confirmation."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from daemon.commands.model import Decision, Forgotten, Undo
from daemon.people.model import NotSame, Same
from daemon.store import decisions, offers
from daemon.store.database import Connection
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Done,
    Helped,
    Never,
    Note,
    NotThis,
    Paused,
    Rest,
    Snoozed,
)

_LABELS: Mapping[type, str] = {
    Done: "done",
    Snoozed: "put off",
    NotThis: "not wanted",
    Rest: "left to rest",
    Never: "never again",
    Circle: "put in a circle",
    Cadence: "given a rhythm",
    Helped: "help told",
    Note: "remembered",
    Same: "joined",
    NotSame: "kept apart",
}
"""In the order they are said; what is taken back, forgotten or paused is not counted."""

_UNSAID = (Paused, Undo, Forgotten)


def count_noted(connection: Connection, *, before: date, until: datetime) -> dict[str, int]:
    """Return what was decided since the last digest of a day before ``before``, by sort.

    What was taken back meanwhile is not counted; before the first digest there is nothing.
    """
    since = offers.last_shown_at(connection, before=before)
    if since is None:
        return {}
    standing = decisions.read_decisions(connection, until=until)
    return count(one for one in standing if one.decided_at > since)


def count(found: Iterable[Decision]) -> dict[str, int]:
    """Return how many things were decided, by sort; one about two people is one."""
    told: dict[str, set[str]] = {label: set() for label in _LABELS.values()}
    for one in found:
        if not isinstance(one, _UNSAID):
            told[_LABELS[type(one)]].add(_subject(one))
    return {label: len(subjects) for label, subjects in told.items() if subjects}


def _subject(decision: Decision) -> str:
    if isinstance(decision, Done | Snoozed | NotThis):
        return decision.key
    return repr(decision)
