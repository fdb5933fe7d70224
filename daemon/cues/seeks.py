"""A sentence -> whether its writer looks for something, or has something to offer."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh

_MUST_SAY = 3


def weigh_search(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that the writer looks for somebody or something, or None."""
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    return weigh(lowered, rules)


def weigh_offer(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that the writer offers help, or tells what they have, or None."""
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    return weigh(lowered, rules)
