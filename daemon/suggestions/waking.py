"""Turns the ties that went dormant into those worth waking, and the few to name this week."""

from collections.abc import Sequence
from datetime import date

from daemon.suggestions.holds import UNANSWERED, read_past
from daemon.suggestions.model import Situation
from daemon.suggestions.need import is_overdue, read_wishes
from daemon.ties.model import State, Tie

MIN_DAYS = 3
"""Fewer days of contact left little behind that could be woken."""

N_A_WEEK = 3
"""As many old names as one thinks of in passing."""

POOL = 24
"""The names that take turns: two months go by until the same ones are back."""

_WEEK_DAYS = 7


def find_worth_waking(situation: Situation) -> tuple[Tie, ...]:
    """Finds the dormant ties worth waking, best first.

    Those of most interaction days before they slept come first, then those that slept
    last: a tie that once was strong keeps its trust and shared view, while the years apart
    bring what the ego has not heard yet. Left out is whoever rests, is never spoken of, was
    refused lately, never reached the ego, stopped answering, or will be met anyway.

    Source: Levin, Walter and Murnighan (2011), Dormant ties: the value of reconnecting,
    Organization Science 22(4), 923-939 (formerly strong ties brought both novelty and
    trust, and compared favourably with current ones).
    """
    wishes = read_wishes(situation)
    past = read_past(situation, wishes)
    apart = past.never | past.resting | past.booked | past.refused_lately
    asleep = [
        tie
        for tie in situation.ties.values()
        if tie.state is State.DORMANT
        and tie.is_mutual
        and tie.n_days >= MIN_DAYS
        and tie.alter not in apart
        and situation.unanswered.get(tie.alter, 0) < UNANSWERED
        and not is_overdue(tie, wishes)
    ]
    return tuple(sorted(asleep, key=lambda t: (-t.n_days, -t.last_on.toordinal(), t.alter)))


def pick_for_week(asleep: Sequence[Tie], today: date) -> tuple[Tie, ...]:
    """Picks the few to name in the week of ``today``, best first; others from Monday on."""
    pool = asleep[:POOL]
    week = (today.toordinal() - 1) // _WEEK_DAYS  # the first day of the first year is a Monday
    n_named = min(N_A_WEEK, len(pool))
    places = sorted((week * N_A_WEEK + n) % len(pool) for n in range(n_named))
    return tuple(pool[place] for place in places)
