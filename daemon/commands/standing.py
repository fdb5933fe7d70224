"""All decisions ever made -> those that still stand."""

from collections.abc import Sequence

from daemon.commands.model import Decision, Forgotten, Undo
from daemon.people.model import NotSame, Same
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


def keep_standing(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return ``decisions``, oldest first, without those that were taken back.

    An ``Undo`` takes back the latest standing decision about its item or its people, with
    what else that same command decided; another one takes back the one before. What was
    asked back once stays: a ``Never`` and a ``Forgotten`` are for good, and a pause ends
    by its own command.
    """
    standing: list[Decision] = []
    for decision in decisions:
        if isinstance(decision, Undo):
            _take_back(standing, decision)
        else:
            standing.append(decision)
    return tuple(standing)


def _take_back(standing: list[Decision], undo: Undo) -> None:
    latest = next((one for one in reversed(standing) if _is_about(one, undo)), None)
    if latest is not None:
        standing[:] = [
            one
            for one in standing
            if not (
                type(one) is type(latest)
                and one.decided_at == latest.decided_at
                and _is_about(one, undo)
            )
        ]


def _is_about(decision: Decision, undo: Undo) -> bool:
    match decision:
        case Done(key=key) | Snoozed(key=key) | NotThis(key=key):
            return key == undo.key
        case Rest() | Circle() | Cadence() | Helped() | Note():
            return decision.identity in undo.identities
        case Same(one, other) | NotSame(one, other):
            return one in undo.identities or other in undo.identities
        case Never() | Paused() | Undo() | Forgotten():
            return False
