"""A sentence -> whether it asks the reader to do or to tell something."""

from collections.abc import Sequence

from daemon.cues.languages.rules import Rule, Weighed, weigh

_MUST_SAY = 3  # words; shorter sentences mean nothing when quoted alone a week later


def weigh_ask(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure it is that a sentence is an ask of the reader, or None.

    ``lowered`` is the sentence in lower case with straight apostrophes. An ask must be
    directed at the reader and still mean something when it is quoted alone; what fails
    either is weighed down rather than left out.
    """
    if lowered.count(" ") + 1 < _MUST_SAY:
        return None
    return weigh(lowered, rules)
