"""Turns all that could be suggested into the day's few, and counts why the rest is held."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from daemon.people.model import PersonId
from daemon.suggestions.holds import FLAGGING, UNANSWERED, Past, find_hold, read_past
from daemon.suggestions.known import keep_known
from daemon.suggestions.model import Lane, Situation, Suggestion
from daemon.suggestions.need import (
    find_people,
    is_flagged,
    is_overdue,
    is_ruled,
    rank,
    read_wishes,
)
from daemon.ties.model import State, Tie

FLAG_DAYS = 7
"""The weekly cap counts the flags of so many days."""

REPEAT_WEIGHT = 0.5
"""What is left of the rank of a gift of the kind the person was offered last."""

WEEKLY_CAP = "over the weekly cap"
SAME_PERSON = "with another thing for the same person"
SAME_PIECE = "the same piece for somebody else"
SAME_KIND = "more of one kind"
NO_ROOM = "over the day's budget"
NOTHING = "with nothing to bring"

Wish = Callable[[Suggestion], bool]


@dataclass(frozen=True, slots=True)
class Choice:
    """The day's few, best first, and how many were held for each reason.

    ``n_due`` = number chosen + sum of ``held``. Besides candidates it counts the ties that
    fall out of their rhythm and for which there was no candidate at all. ``quiet`` are those
    of these that are fading or past the longest gap the owner wants, those of most
    interaction days first, at most ``flags_per_week``.
    """

    chosen: tuple[Suggestion, ...]
    held: Mapping[str, int]
    n_due: int
    quiet: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice may not exceed; ``n_of_kind`` is the most items of one kind."""

    n_items: int
    n_of_kind: int
    n_flags: int
    fading: frozenset[str]


def choose(candidates: Iterable[Suggestion], situation: Situation) -> Choice:
    """Chooses the day's few: one item a person, varied, at least one of them quick.

    The same candidates, in whatever order, and the same situation give the same choice.

    Source: design notes, choosing the day's few.
    """
    known = keep_known(situation)
    past = read_past(known, read_wishes(known))
    judged = [(one, find_hold(one, past)) for one in candidates]
    held = Counter(reason for _, reason in judged if reason is not None)
    ranked = _sort([one for one, reason in judged if reason is None], past)
    limits = _find_limits(ranked, past)
    chosen = _pick(ranked, limits, known.rules.quick_minutes)
    left = list(ranked)
    for one in chosen:
        left.remove(one)
    held.update(_find_refusal(one, chosen, limits) or SAME_KIND for one in left)
    bare = tuple(_find_bare((one for one, _ in judged), past))
    held.update(NOTHING for _ in bare)
    quiet = _find_quiet(bare, past)
    return Choice(chosen, dict(sorted(held.items())), len(chosen) + held.total(), quiet)


def _find_quiet(bare: Iterable[Tie], past: Past) -> tuple[PersonId, ...]:
    """Finds whom to name all the same: the owner may know what to bring where kithd does not."""
    silenced = past.booked | past.flagged_lately.keys()
    quiet = [
        t
        for t in bare
        if (t.state is State.FADING or is_overdue(t, past.wishes)) and t.alter not in silenced
    ]
    ordered = sorted(quiet, key=lambda t: (-t.n_days, t.alter))
    answering = [t.alter for t in ordered if past.situation.unanswered.get(t.alter, 0) < UNANSWERED]
    return tuple(answering[: past.situation.rules.flags_per_week])


def _sort(free: Iterable[Suggestion], past: Past) -> tuple[Suggestion, ...]:
    situation, wishes, last_kinds = past.situation, past.wishes, _find_last_kinds(past.situation)

    def order(one: Suggestion) -> tuple[float, str, str, str]:
        weight = rank(one, situation, wishes)
        if one.lane is not Lane.OWE and (one.people, one.kind) in last_kinds:
            weight *= REPEAT_WEIGHT
        return (-weight, one.kind, one.key, one.action)

    return tuple(sorted(free, key=order))


def _find_last_kinds(situation: Situation) -> frozenset[tuple[tuple[str, ...], str]]:
    """Finds what was last offered to whom: not two of one kind for one person in a row."""
    find_person = find_people(situation)
    last: dict[tuple[str, ...], str] = {}
    for offered in sorted(situation.offered, key=lambda o: (o.offered_on, o.key)):
        last[tuple(map(find_person, offered.people))] = offered.kind
    return frozenset(last.items())


def _find_limits(ranked: Sequence[Suggestion], past: Past) -> Limits:
    """Finds what is left of the week's flags: the owner's own gaps are no forecasts to cap."""
    situation = past.situation
    fading = frozenset(
        t.alter
        for t in situation.ties.values()
        if t.state is State.FADING and not is_ruled(t.alter, past.wishes)
    )
    after, find_person = situation.today - timedelta(days=FLAG_DAYS), find_people(situation)
    flagged = {
        (one.key, person)
        for one in situation.offered
        for person in map(find_person, one.people)
        if one.kind in FLAGGING and one.offered_on > after and person in fading
    }
    n_items = min(situation.rules.budget, len(ranked))
    return Limits(n_items, n_items, situation.rules.flags_per_week - len(flagged), fading)


def _pick(
    ranked: Sequence[Suggestion], limits: Limits, quick_minutes: int
) -> tuple[Suggestion, ...]:
    """Picks the best, then, if that lacks a quick item or a gift, again around one of each.

    A gift for somebody who is owed something in the first pick does not replace that.
    """
    chosen = _fill(ranked, limits)
    served = {person for one in chosen for person in one.people}
    others = [one for one in ranked if served.isdisjoint(one.people)]
    first = _seed(lambda one: one.minutes <= quick_minutes, (), chosen, ranked, limits)
    if limits.n_items > 1:
        first = _seed(lambda one: one.lane is not Lane.OWE, first, chosen, others, limits)
    if not all(one in chosen for one in first):
        chosen = _fill([*first, *(one for one in ranked if one not in first)], limits)
    return tuple(sorted(chosen, key=ranked.index))


def _seed(
    is_wanted: Wish,
    first: Sequence[Suggestion],
    chosen: Sequence[Suggestion],
    ranked: Sequence[Suggestion],
    limits: Limits,
) -> Sequence[Suggestion]:
    """Adds to ``first`` what is wanted, if nothing in it is: one chosen, or the best that fits."""
    if any(map(is_wanted, first)):
        return first
    fits = (o for o in (*chosen, *ranked) if is_wanted(o) and not _find_refusal(o, first, limits))
    return [*first, *list(fits)[:1]]


def _fill(order: Sequence[Suggestion], limits: Limits) -> list[Suggestion]:
    """Takes from the front what the limits allow, with at most half of one kind.

    Half of the items, rounded up, and only while there is another kind to choose: where all
    that is taken is of one kind, the others are barred for other reasons. How many items
    there will be is not known before, so it is tried from many to few.
    """
    for n_items in range(limits.n_items, 0, -1):
        halves = replace(limits, n_items=n_items, n_of_kind=(n_items + 1) // 2)
        chosen = _take(order, halves)
        kinds = Counter(one.kind for one in chosen)
        if len(kinds) < 2:
            return _take(order, limits)
        if max(kinds.values()) <= (len(chosen) + 1) // 2:
            return chosen
    return []


def _take(order: Sequence[Suggestion], limits: Limits) -> list[Suggestion]:
    taken: list[Suggestion] = []
    for one in order:
        if _find_refusal(one, taken, limits) is None:
            taken.append(one)
    return taken


def _find_refusal(one: Suggestion, chosen: Sequence[Suggestion], limits: Limits) -> str | None:
    """Finds why one more suggestion cannot stand beside those chosen; None if it can."""
    n_flags = sum(_is_flag(other, limits) for other in chosen)
    if _is_flag(one, limits) and n_flags >= limits.n_flags:
        return WEEKLY_CAP
    if any(not set(one.people).isdisjoint(other.people) for other in chosen):
        return SAME_PERSON
    if one.url and any(one.url == other.url for other in chosen):
        return SAME_PIECE
    if len(chosen) >= limits.n_items:
        return NO_ROOM
    if sum(one.kind == other.kind for other in chosen) >= limits.n_of_kind:
        return SAME_KIND
    return None


def _is_flag(one: Suggestion, limits: Limits) -> bool:
    return one.kind in FLAGGING and not limits.fading.isdisjoint(one.people)


def _find_bare(candidates: Iterable[Suggestion], past: Past) -> list[Tie]:
    """Finds the ties out of rhythm for which there is nothing: else they would vanish unseen."""
    served = {person for one in candidates for person in one.people}
    silenced = past.never | past.resting | served
    return [
        tie
        for tie in past.situation.ties.values()
        if (tie.is_live or is_overdue(tie, past.wishes))
        and is_flagged(tie, past.wishes)
        and tie.alter not in silenced
    ]
