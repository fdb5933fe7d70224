"""A sentence -> whether it thanks, or tells good or hard news."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh

_MUST_SAY = 4  # words; a bare "thanks" at the end of a mail is a greeting


def weigh_thanks(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence thanks the reader for something, or None."""
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    return weigh(lowered, rules)


def weigh_news(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence tells news of a life, good or hard, or None.

    The news may be the reader's own: "congratulations on the new job" and "sorry for your
    loss" count, with the same kind, because both say that it happened.
    """
    return weigh(lowered, rules)
