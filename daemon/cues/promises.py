"""A sentence -> whether its writer commits to do something for the reader."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh

_MUST_SAY = 3  # words; "will do" alone does not say what


def weigh_promise(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence is a promise to the reader, or None.

    ``lowered`` is the sentence in lower case with straight apostrophes. Plans and
    narrative ("I'll be away", "I'll assume") and conditions ("I'll resend it if") are
    weighed down.
    """
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    return weigh(lowered, rules)
