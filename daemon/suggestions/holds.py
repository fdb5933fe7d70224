"""Turns what was offered and decided into the reason a suggestion is held, if there is one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from daemon.cues.model import CueKind
from daemon.people.model import PersonId
from daemon.suggestions.known import find_day
from daemon.suggestions.model import (
    Done,
    Lane,
    Never,
    NotThis,
    Offered,
    Paused,
    Rest,
    Situation,
    Snoozed,
    Suggestion,
    SuggestionDecision,
    SuggestionKey,
    Value,
)
from daemon.suggestions.need import CLOSE, Wishes, find_people, is_flagged, is_overdue, is_ruled
from daemon.ties.model import State, Tie

BOOKED_DAYS = 30
"""A meeting further off than the forecast reaches does not keep a tie alive until then."""

FLAGGING = frozenset({"article", "news"})
"""The kinds by which the ego is told that a tie falls out of its rhythm."""

FLAG_AGAIN_DAYS = 30
"""Days until a tie is flagged again. Source: design notes, decay model (states)."""

IN_TOUCH_DAYS = 1
"""Whoever was in touch yesterday or today needs no reason to be."""

UNANSWERED = 2
"""Source: design notes, choosing the day's few (nobody is pushed toward silence)."""

HARD_NEWS_DAYS = 30
"""Source: design notes, cues (hard news mutes light suggestions)."""


@dataclass(frozen=True, slots=True)
class Past:
    """What was offered and decided, by person and by key; the latest word counts."""

    situation: Situation
    wishes: Wishes
    is_paused: bool
    never: frozenset[PersonId]
    resting: frozenset[PersonId]
    done: frozenset[SuggestionKey]
    unwanted: frozenset[SuggestionKey]
    refused_lately: frozenset[PersonId]
    disliked_lately: frozenset[str]
    snoozed: Mapping[SuggestionKey, Snoozed]
    offered_lately: Mapping[PersonId, tuple[Offered, ...]]
    flagged_lately: Mapping[PersonId, tuple[Offered, ...]]
    booked: frozenset[PersonId]
    written_since: frozenset[tuple[PersonId, str, str]]
    grieving: frozenset[PersonId]


def read_past(situation: Situation, wishes: Wishes) -> Past:
    """Reads a situation's past once, so that each suggestion is judged by looking up."""
    find_person = find_people(situation)
    made = sorted(situation.decisions, key=lambda d: (d.decided_at, repr(d)))
    refusals = [d for d in made if isinstance(d, NotThis)]
    rules = situation.rules
    return Past(
        situation=situation,
        wishes=wishes,
        is_paused=_is_paused(made, situation),
        never=frozenset(find_person(d.identity) for d in made if isinstance(d, Never)),
        resting=_find_resting(made, situation, find_person),
        done=frozenset(d.key for d in made if isinstance(d, Done)),
        unwanted=frozenset(d.key for d in refusals),
        refused_lately=frozenset(
            find_person(d.identity)
            for d in refusals
            if _age_days(d, situation) < rules.refused_cooldown_days
        ),
        disliked_lately=frozenset(
            d.kind for d in refusals if _age_days(d, situation) < rules.kind_cooldown_days
        ),
        snoozed={d.key: d for d in made if isinstance(d, Snoozed)},
        offered_lately=_find_offered(situation, find_person, rules.person_cooldown_days),
        flagged_lately=_find_flagged(situation, find_person, wishes),
        booked=_find_booked(situation),
        written_since=frozenset(
            (s.person, s.source, s.uid) for s in situation.spoken if s.written_since_at
        ),
        grieving=_find_grieving(situation),
    )


def find_hold(suggestion: Suggestion, past: Past) -> str | None:
    """Finds the first reason to hold a suggestion, in words for "12 booked"; None if free."""
    return next((reason for reason, is_held in HOLDS if is_held(suggestion, past)), None)


def _is_paused(made: Iterable[SuggestionDecision], situation: Situation) -> bool:
    until = None
    for decision in made:
        if isinstance(decision, Paused):
            until = decision.until
    return until is not None and until > situation.today


def _find_resting(
    made: Iterable[SuggestionDecision], situation: Situation, find_person: Callable[[str], PersonId]
) -> frozenset[PersonId]:
    """Finds who rests: until contact resumes by itself, on a later day."""
    since = {
        find_person(d.identity): find_day(d.decided_at, situation)
        for d in made
        if isinstance(d, Rest)
    }
    ties = situation.ties
    return frozenset(p for p, on in since.items() if p not in ties or ties[p].last_on <= on)


def _find_offered(
    situation: Situation, find_person: Callable[[str], PersonId], days: int
) -> Mapping[PersonId, tuple[Offered, ...]]:
    after = situation.today - timedelta(days=days)
    lately: dict[PersonId, tuple[Offered, ...]] = {}
    for offered in situation.offered:
        if offered.offered_on > after:
            for person in map(find_person, offered.people):
                lately[person] = (*lately.get(person, ()), offered)
    return lately


def _find_flagged(
    situation: Situation, find_person: Callable[[str], PersonId], wishes: Wishes
) -> Mapping[PersonId, tuple[Offered, ...]]:
    """Finds the flags of late. A gap the owner asked for counts anew with each new silence."""
    lately = _find_offered(situation, find_person, FLAG_AGAIN_DAYS)
    ties = situation.ties
    return {
        person: flags
        for person, shown in lately.items()
        if (flags := tuple(one for one in shown if one.kind in FLAGGING))
        and not (
            is_ruled(person, wishes)
            and person in ties
            and ties[person].last_on > max(one.offered_on for one in flags)
        )
    }


def _find_booked(situation: Situation) -> frozenset[PersonId]:
    until = situation.at + timedelta(days=BOOKED_DAYS)
    return frozenset(m.person for m in situation.booked if situation.at <= m.starts_at <= until)


def _find_grieving(situation: Situation) -> frozenset[PersonId]:
    after = situation.at - timedelta(days=HARD_NEWS_DAYS)
    return frozenset(
        s.person
        for s in situation.spoken
        if s.kind is CueKind.HARD_NEWS and not s.by_ego and s.at > after
    )


def _age_days(decision: SuggestionDecision, situation: Situation) -> int:
    return (situation.today - find_day(decision.decided_at, situation)).days


def _is_never(one: Suggestion, past: Past) -> bool:
    return not past.never.isdisjoint(one.people)


def _is_resting(one: Suggestion, past: Past) -> bool:
    return not past.resting.isdisjoint(one.people)


def _is_snoozed(one: Suggestion, past: Past) -> bool:
    snoozed = past.snoozed.get(one.key)
    return snoozed is not None and snoozed.until > past.situation.today


def _is_offered_lately(one: Suggestion, past: Past) -> bool:
    """Whether one of its people was in a recent digest, but for what is back from a snooze."""
    return _is_among(one, past.offered_lately, past)


def _is_flagged_lately(one: Suggestion, past: Past) -> bool:
    """Whether it would flag a tie again so soon: once told, the owner knows."""
    ties = past.situation.ties
    flags = any(p in ties and is_flagged(ties[p], past.wishes) for p in one.people)
    return one.kind in FLAGGING and flags and _is_among(one, past.flagged_lately, past)


def _is_among(one: Suggestion, shown: Mapping[PersonId, tuple[Offered, ...]], past: Past) -> bool:
    return any(
        not _is_back(offered, one, past)
        for person in one.people
        for offered in shown.get(person, ())
    )


def _is_back(offered: Offered, one: Suggestion, past: Past) -> bool:
    snoozed = past.snoozed.get(one.key)
    if snoozed is None or offered.key != one.key:
        return False
    return offered.offered_on <= find_day(snoozed.decided_at, past.situation)


def _is_unanswered(one: Suggestion, past: Past) -> bool:
    counts = past.situation.unanswered
    return one.kind != "reply" and any(counts.get(p, 0) >= UNANSWERED for p in one.people)


def _is_booked(one: Suggestion, past: Past) -> bool:
    return one.lane is not Lane.OWE and not past.booked.isdisjoint(one.people)


def _is_in_touch(one: Suggestion, past: Past) -> bool:
    """Whether the reason is overtaken: written to elsewhere since, or in touch just now."""
    if one.lane is Lane.OWE:
        written = past.written_since
        return any((p, e.source, e.uid) in written for p in one.people for e in one.evidence)
    ties = past.situation.ties
    return one.kind == "article" and any(
        p in ties and ties[p].silent_days <= IN_TOUCH_DAYS for p in one.people
    )


def _is_dormant(one: Suggestion, past: Past) -> bool:
    """Whether a tie went dormant: a matter of its own, unless the owner wants it kept alive."""
    ties = (past.situation.ties.get(person) for person in one.people)
    return one.lane is not Lane.OWE and any(
        tie is not None and tie.state is State.DORMANT and not _is_wanted_alive(tie, past)
        for tie in ties
    )


def _is_wanted_alive(tie: Tie, past: Past) -> bool:
    return past.wishes.circles.get(tie.alter) == CLOSE or is_overdue(tie, past.wishes)


def _is_too_light(one: Suggestion, past: Past) -> bool:
    return one.value is Value.ENTERTAINMENT and not past.grieving.isdisjoint(one.people)


Hold = Callable[[Suggestion, Past], bool]

HOLDS: tuple[tuple[str, Hold], ...] = (
    ("paused", lambda _, past: past.is_paused),
    ("never", _is_never),
    ("resting", _is_resting),
    ("done", lambda one, past: one.key in past.done),
    ("not wanted", lambda one, past: one.key in past.unwanted),
    ("snoozed", _is_snoozed),
    ("refused lately", lambda one, past: not past.refused_lately.isdisjoint(one.people)),
    ("of a kind refused lately", lambda one, past: one.kind in past.disliked_lately),
    ("offered lately", _is_offered_lately),
    ("flagged in the last 30 days", _is_flagged_lately),
    ("unanswered twice", _is_unanswered),
    ("booked", _is_booked),
    ("already in contact", _is_in_touch),
    ("dormant", _is_dormant),
    ("after hard news", _is_too_light),
)
"""The reasons in the order they are asked: what the owner decided comes first."""
