"""A sentence -> whether its writer commits to do something for the reader."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh
from daemon.cues.sentences import count_content

_MUST_SAY = 3  # words; "will do" alone does not say what
_BIAS_BY_CONTENT = (-1.0, -0.4, 0.0)  # log-odds at none, one, two or more words of content


def weigh_promise(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence is a promise to the reader, or None.

    ``lowered`` is the sentence in lower case with straight apostrophes. Plans and
    narrative ("I'll be away", "I'll assume") and conditions ("I'll resend it if") are
    weighed down.
    """
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    found = weigh(lowered, rules)
    if found is None:
        return None
    return found.shifted(_BIAS_BY_CONTENT[min(count_content(lowered), len(_BIAS_BY_CONTENT) - 1)])
