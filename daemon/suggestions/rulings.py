"""Turns what the owner, the calendar and earlier digests say of a tie into what rules over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from daemon.people.model import PersonId
from daemon.suggestions.holds import FLAG_AGAIN_DAYS, UNANSWERED, Past, read_past
from daemon.suggestions.known import find_day
from daemon.suggestions.model import Gaps, Situation
from daemon.suggestions.need import is_due, is_flagged, is_overdue, read_wishes
from daemon.suggestions.wording import say_day
from daemon.ties.model import Tie


@dataclass(frozen=True, slots=True)
class Ruling:
    """What rules over the forecast of one tie.

    ``is_due``: a gift is welcome. ``is_flagged``: it falls out of its rhythm, or out of the
    one the owner wants. ``meets_on`` is the day of the next booked meeting; ``is_held``
    whether that holds the flag. ``flagged_on`` is the last flag of the past 30 days.
    """

    circle: str
    gaps: Gaps
    is_never: bool
    is_resting: bool
    is_due: bool
    is_flagged: bool
    is_held: bool
    meets_on: date | None
    flagged_on: date | None
    n_unanswered: int


def read_rulings(situation: Situation) -> dict[PersonId, Ruling]:
    """Reads for each tie of a situation what rules over it."""
    past = read_past(situation, read_wishes(situation))
    meets_on = {
        one.person: find_day(one.starts_at, situation)
        for one in sorted(situation.booked, key=lambda m: m.starts_at, reverse=True)
    }
    return {
        person: _read_ruling(tie, past, meets_on.get(person))
        for person, tie in situation.ties.items()
    }


def _read_ruling(tie: Tie, past: Past, meets_on: date | None) -> Ruling:
    person, wishes = tie.alter, past.wishes
    is_apart = person in past.never or person in past.resting
    is_awake = tie.is_live or is_overdue(tie, wishes)
    flags = past.flagged_lately.get(person, ())
    return Ruling(
        circle=wishes.circles.get(person, ""),
        gaps=wishes.gaps.get(person, Gaps()),
        is_never=person in past.never,
        is_resting=person in past.resting,
        is_due=is_due(tie, wishes) and is_awake and not is_apart,
        is_flagged=is_flagged(tie, wishes) and is_awake and not is_apart,
        is_held=person in past.booked,
        meets_on=meets_on,
        flagged_on=max((one.offered_on for one in flags), default=None),
        n_unanswered=past.situation.unanswered.get(person, 0),
    )


def say_rulings(tie: Tie, ruling: Ruling) -> tuple[str, ...]:
    """Says what rules over a tie, a sentence each; nothing where the forecast stands alone."""
    return tuple(_say_rulings(tie, ruling))


def _say_rulings(tie: Tie, ruling: Ruling) -> Iterator[str]:
    if said := say_gaps(ruling.gaps):
        yield f"{said}; {_say_silence(tie)}."
    if ruling.is_never:
        yield "You said never: nothing is suggested."
    elif ruling.is_resting:
        yield "You let this tie rest: it is not spoken of until you are in touch again."
    else:
        yield from _say_holds(tie, ruling)


def _say_holds(tie: Tie, ruling: Ruling) -> Iterator[str]:
    if ruling.meets_on:
        held = "Held: you" if ruling.is_held and ruling.is_due else "You"
        yield f"{held} meet {say_day(ruling.meets_on, tie.as_of)}."
    if not ruling.is_flagged:
        return
    if ruling.n_unanswered >= UNANSWERED:
        times = "twice" if ruling.n_unanswered == UNANSWERED else f"{ruling.n_unanswered} times"
        yield f"You wrote {times} since they last did, so nothing is suggested."
    elif ruling.flagged_on:
        again = ruling.flagged_on + timedelta(days=FLAG_AGAIN_DAYS)
        told, then = (say_day(on, tie.as_of) for on in (ruling.flagged_on, again))
        yield f"You were told {told}; the next time is {then} at the earliest."


def say_ruling_short(tie: Tie, ruling: Ruling) -> str:
    """Says the one thing about a tie that its state does not, for a list; empty if nothing."""
    if ruling.is_never:
        return "never suggested"
    if ruling.is_resting:
        return "resting"
    if ruling.is_held and ruling.meets_on:
        held = "held: " if ruling.is_due else ""
        return f"{held}you meet {say_day(ruling.meets_on, tie.as_of)}"
    said = say_gaps(ruling.gaps)
    return said[:1].lower() + said[1:]


def say_gaps(gaps: Gaps) -> str:
    """Says how often the owner wants contact, without a full stop; empty if not said."""
    of_circle = f" with your {gaps.circle} circle" if gaps.circle else ""
    longest = gaps.longest_days and f"at least every {_say_days(gaps.longest_days)}"
    if gaps.ideal_days and gaps.ideal_days != gaps.longest_days:
        and_longest = f" and {longest}" if longest else ""
        return f"You want contact{of_circle} every {_say_days(gaps.ideal_days)}{and_longest}"
    return f"You asked for contact{of_circle} {longest}" if longest else ""


def _say_silence(tie: Tie) -> str:
    if tie.silent_days <= 1:
        return f"you were in touch {say_day(tie.last_on, tie.as_of)}"
    return f"it has been {tie.silent_days}"


def _say_days(n: int) -> str:
    return "day" if n == 1 else f"{n} days"
