"""Turns ties and what the owner wants of them into whom to give to first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log1p, sqrt

from daemon.people.model import Identity, PersonId
from daemon.suggestions.model import Cadence, Circle, Gaps, Helped, Lane, Situation, Suggestion
from daemon.ties.model import State, Tie

CLOSE = "close"

CIRCLE_WEIGHT: Mapping[str, float] = {CLOSE: 1.5, "regular": 1.0, "wide": 0.6}
"""How much more a tie counts that the owner calls close; unnamed ties are regular."""

STATE_NEED: Mapping[State, float] = {
    State.FADING: 1.0,
    State.COOLING: 0.7,
    State.NEW: 0.6,
    State.ACTIVE: 0.3,
    State.DORMANT: 0.2,
}
"""How much a tie gains by a gift now. What is owed counts as fading does."""

OWED_NEED = 0.7
"""Whoever helped the ego more than the ego helped them is due as a cooling tie is."""

DUE_NEED = 0.5
"""From the ideal gap on: more than a tie in its rhythm, less than one that falls out of it."""

KIND_NEED: Mapping[str, float] = {"follow_up": 0.8, "milestone": 0.5}
"""The least need of what has its day: it cannot be had later."""

NEW_TIE_DAYS = 6
"""A new tie counts as if it had so many days a year: its worth is not known yet."""

NEW_FOR_DAYS = 60
"""Nobody is new who was last heard of longer ago."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the owner said of people: circles, gaps, and who helped whom."""

    circles: Mapping[PersonId, str]
    gaps: Mapping[PersonId, Gaps]
    helped_out: Mapping[PersonId, int]


def find_people(situation: Situation) -> Callable[[str], PersonId]:
    """Makes the function from an identity, or a person's former id, to the person now."""
    owner_of = {i: p.id for p in situation.people.values() for i in p.identities}

    def find_person(identity: str) -> PersonId:
        return owner_of.get(Identity(identity), PersonId(identity))

    return find_person


def read_wishes(situation: Situation) -> Wishes:
    """Reads the owner's latest word on each person out of the decisions."""
    find_person = find_people(situation)
    circles: dict[PersonId, str] = {}
    gaps: dict[PersonId, Gaps] = {}
    helped_out: dict[PersonId, int] = {}
    for decision in sorted(situation.decisions, key=lambda d: (d.decided_at, repr(d))):
        match decision:
            case Circle(identity, circle):
                circles[find_person(identity)] = circle
            case Cadence(identity, longest_days, _, ideal_days):
                person, said = find_person(identity), Gaps(ideal_days, longest_days)
                gaps[person] = _prefer(said, gaps.get(person, Gaps()))
            case Helped(identity, given):
                person = find_person(identity)
                helped_out[person] = helped_out.get(person, 0) + (1 if given else -1)
            case _:
                pass
    of_circles = situation.rules.circles
    theirs = {p: of_circles[circle] for p, circle in circles.items() if circle in of_circles}
    own = {p: _prefer(said, theirs.get(p, Gaps())) for p, said in gaps.items()}
    return Wishes(circles, theirs | own, helped_out)


def _prefer(said: Gaps, before: Gaps) -> Gaps:
    """What is not spoken of stays as it was; an ideal gap is never the longer one."""
    longest = before.longest_days if said.longest_days is None else said.longest_days
    ideal = before.ideal_days if said.ideal_days is None else said.ideal_days
    return Gaps(ideal if ideal is None or longest is None else min(ideal, longest), longest)


def is_flagged(tie: Tie, wishes: Wishes) -> bool:
    """Whether a tie falls out of its rhythm, or out of the one the owner wants.

    Source: design notes, decay model ("the owner rules over the model").
    """
    if is_ruled(tie.alter, wishes):
        return is_overdue(tie, wishes)
    return tie.state in (State.COOLING, State.FADING)


def is_ruled(person: PersonId, wishes: Wishes) -> bool:
    """Whether the owner set a longest gap: then the forecast flags this tie no more."""
    return wishes.gaps.get(person, Gaps()).longest_days is not None


def is_overdue(tie: Tie, wishes: Wishes) -> bool:
    """Whether the silence has reached the longest gap that the owner wants."""
    longest_days = wishes.gaps.get(tie.alter, Gaps()).longest_days
    return longest_days is not None and tie.silent_days >= longest_days


def is_past_ideal(tie: Tie, wishes: Wishes) -> bool:
    """Whether the silence has reached the gap that the owner likes best."""
    ideal_days = wishes.gaps.get(tie.alter, Gaps()).ideal_days
    return ideal_days is not None and tie.silent_days >= ideal_days


def is_due(tie: Tie, wishes: Wishes) -> bool:
    """Whether a tie asks for a gift: out of rhythm, past its ideal gap, new, or owed one."""
    is_new = tie.state is State.NEW and tie.silent_days <= NEW_FOR_DAYS
    is_owed = wishes.helped_out.get(tie.alter, 0) < 0
    return is_flagged(tie, wishes) or is_past_ideal(tie, wishes) or is_new or is_owed


def rank(suggestion: Suggestion, situation: Situation, wishes: Wishes) -> float:
    """Weighs a suggestion: value of the tie x need x fit / effort; the greatest comes first.

    Effort is the root of the minutes: they are rough guesses, and would else outweigh
    the tie.

    Source: design notes, choosing the day's few.
    """
    value = max(_value(person, situation, wishes) for person in suggestion.people)
    need = max(_need(person, suggestion, situation, wishes) for person in suggestion.people)
    return value * need * suggestion.fit / sqrt(max(1, suggestion.minutes))


def _value(person: PersonId, situation: Situation, wishes: Wishes) -> float:
    circle = CIRCLE_WEIGHT.get(wishes.circles.get(person, ""), 1.0)
    tie = situation.ties.get(person)
    if tie is None:
        return circle * log1p(NEW_TIE_DAYS)
    n_days = _days_a_year(tie)
    return circle * log1p(max(n_days, NEW_TIE_DAYS) if tie.state is State.NEW else n_days)


def _days_a_year(tie: Tie) -> float:
    """Interaction days a year: a tie keeps their number, so its mean stands for the last."""
    age_days = max(365, (tie.as_of - tie.first_on).days)
    return tie.n_days * 365 / age_days


def _need(person: PersonId, suggestion: Suggestion, situation: Situation, wishes: Wishes) -> float:
    if suggestion.lane is Lane.OWE:
        return STATE_NEED[State.FADING]
    least = KIND_NEED.get(suggestion.kind, 0.0)
    tie = situation.ties.get(person)
    if tie is None:
        return max(least, STATE_NEED[State.NEW])
    if wishes.helped_out.get(person, 0) < 0:
        least = max(least, OWED_NEED)
    if is_past_ideal(tie, wishes):
        least = max(least, DUE_NEED)
    state = tie.state
    if is_ruled(person, wishes):
        state = State.FADING if is_overdue(tie, wishes) else State.ACTIVE
    return max(least, STATE_NEED[state])
