"""A sentence -> whether it asks the reader to do or to tell something."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, tokenise, weigh
from daemon.cues.languages.words import STOP_WORDS

_MUST_SAY = 3  # words, the question mark among them
_BIAS_BY_CONTENT = (-2.0, -1.2, -0.6, 0.0)  # log-odds at none, one, two, three or more words


def weigh_ask(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence is an ask of the reader, or None.

    ``lowered`` is the sentence in lower case with straight apostrophes. An ask must be
    directed at the reader and still mean something when it is quoted alone a week later:
    the fewer words of content it has, the less it counts.
    """
    words = tokenise(lowered)
    if len(words) < _MUST_SAY:
        return None
    n_content = sum(1 for word in words if len(word) > 2 and word not in STOP_WORDS)
    return weigh(lowered, rules, _BIAS_BY_CONTENT[min(n_content, len(_BIAS_BY_CONTENT) - 1)])
