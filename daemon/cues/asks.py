"""A sentence -> whether it asks the reader to do or to tell something."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh
from daemon.cues.sentences import count_content

_MUST_SAY = 3  # words
_BIAS_BY_CONTENT = (-2.0, -1.2, -0.6, 0.0)  # log-odds at none, one, two, three or more words


def weigh_ask(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence is an ask of the reader, or None.

    ``lowered`` is the sentence in lower case with straight apostrophes. An ask must be
    directed at the reader and still mean something when it is quoted alone a week later:
    the fewer words of content it has, the less it counts.
    """
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    found = weigh(lowered, rules)
    if found is None:
        return None
    return found.shifted(_BIAS_BY_CONTENT[min(count_content(lowered), len(_BIAS_BY_CONTENT) - 1)])
