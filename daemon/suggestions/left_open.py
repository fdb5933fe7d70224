"""Whether something said was the last of it: left open when a tie went quiet."""

from daemon.suggestions.known import find_day
from daemon.suggestions.model import Situation, Spoken
from daemon.ties.model import State

LEFT_OPEN_DAYS = 200
"""Somewhat after the half year that makes a tie dormant; then an answer is history."""

END_DAYS = 14
"""What was said so near to the last contact, and never taken up, ended with it."""

FEW = 5
"""More recipients than these leave open to whom it was said."""

FIT = 0.5
"""How well an old loop fits, as a share of a fresh one: it may have closed elsewhere."""

QUIET = frozenset({State.COOLING, State.FADING, State.DORMANT})


def is_left_open(spoken: Spoken, situation: Situation) -> bool:
    """Whether ``spoken`` ended the talk with a person whose tie has gone quiet since.

    To close such a loop is the most honest reason there is to write again: it was the
    ego's turn. So it may be older than what is owed in a tie that lives.
    """
    tie = situation.ties.get(spoken.person)
    if tie is None or not tie.is_mutual or tie.state not in QUIET:
        return False
    said_on = find_day(spoken.at, situation)
    return (
        spoken.written_since_at is None
        and spoken.n_recipients <= FEW
        and (situation.today - said_on).days <= LEFT_OPEN_DAYS
        and (tie.last_on - said_on).days <= END_DAYS
    )
