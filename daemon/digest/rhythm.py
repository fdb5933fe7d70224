"""Days of contact -> the strip that shows a tie's rhythm, and the same in words."""

from collections.abc import Sequence
from datetime import date

from daemon.digest import words
from daemon.digest.model import Rhythm

WEEKS = 26
"""Half a year: several turns of the rhythm of any tie that can be told from a dormant one."""

_MIN_DAYS = 3
"""Two days are one gap, and one gap is no rhythm."""

_BLOCKS = "·▁▂▃▄▅▆▇"


def trace(days: Sequence[date], *, on: date, n_weeks: int = WEEKS) -> Rhythm | None:
    """Return how many of ``days`` fall into each of the ``n_weeks`` weeks that end ``on``.

    A week is seven days, the last of which is ``on`` itself in the present week. None
    where that time holds fewer than three days of contact: such a strip shows no rhythm.
    """
    weeks = [0] * n_weeks
    for day in set(days):
        ago = (on - day).days // 7
        if 0 <= ago < n_weeks:
            weeks[n_weeks - 1 - ago] += 1
    return Rhythm(tuple(weeks), _say(weeks)) if sum(weeks) >= _MIN_DAYS else None


def draw(rhythm: Rhythm) -> str:
    """Return one character a week, oldest first: a dot for none, bars of one to seven days."""
    return "".join(_BLOCKS[max(0, min(n, 7))] for n in rhythm.weeks)


def _say(weeks: Sequence[int]) -> str:
    n_with = sum(n > 0 for n in weeks)
    n_silent = next(i for i, n in enumerate(reversed(weeks)) if n)
    said = f"In touch in {n_with} of the last {words.count(len(weeks), 'week')}"
    if n_silent == 0:
        return said
    last = "not in the last one" if n_silent == 1 else f"in none of the last {n_silent}"
    return f"{said}, {last}"
