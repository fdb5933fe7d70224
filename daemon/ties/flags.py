"""Ties and what was flagged before -> the few to announce now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from daemon.people.model import PersonId
from daemon.ties.model import State, Tie

_NO_DAYS: Mapping[PersonId, int] = MappingProxyType({})
_NO_DATES: Mapping[PersonId, date] = MappingProxyType({})


def choose_flags(
    ties: Sequence[Tie],
    earlier: Mapping[PersonId, date],
    recent: int,
    *,
    on: date,
    per_week: int = 3,
    again_after_days: int = 30,
    held: Collection[PersonId] = frozenset(),
    longest_days: Mapping[PersonId, int] = _NO_DAYS,
    resting: Mapping[PersonId, date] = _NO_DATES,
) -> tuple[PersonId, ...]:
    """Return whom to announce on the day ``on``, the strongest ties first.

    A tie is announced when it is fading, once in a silence and at most once in
    ``again_after_days``. The owner rules over the model: a person with a longest gap is
    announced when the silence reaches it, whatever the forecast.

    Args:
        ties: As they stand on ``on``.
        earlier: The day each person was last announced.
        recent: How many were announced in the last 7 days, ``on`` left out.
        on: The owner's local date.
        per_week: How many may be announced in any 7 days.
        again_after_days: How long a person is left alone after an announcement.
        held: People with a booked meeting.
        longest_days: The longest gap the owner wants with a person, in days.
        resting: The day the owner let a person rest: that holds for the silence of
            that day, until contact resumes by itself.

    Source: design notes, decay model (states; the owner rules over the model). Ordered by
    tie strength, the logarithm of the interaction days, then ``p_dormant``.
    """
    due = [
        tie
        for tie in ties
        if _is_due(tie, longest_days.get(tie.alter))
        and tie.alter not in held
        and not _is_resting(tie, resting.get(tie.alter))
        and not _is_told(tie, earlier.get(tie.alter), on, again_after_days)
    ]
    due.sort(key=lambda tie: (-tie.n_days, -tie.p_dormant, tie.alter))
    return tuple(tie.alter for tie in due[: max(0, per_week - recent)])


def _is_due(tie: Tie, longest_days: int | None) -> bool:
    if longest_days is not None:
        return tie.silent_days >= longest_days
    return tie.state is State.FADING


def _is_resting(tie: Tie, since: date | None) -> bool:
    return since is not None and tie.last_on <= since


def _is_told(tie: Tie, last_flag: date | None, on: date, again_after_days: int) -> bool:
    if last_flag is None:
        return False
    # Contact on the very day of the flag came after it: the flag is what brought it about.
    is_same_silence = tie.last_on < last_flag
    return is_same_silence or (on - last_flag).days < again_after_days
