"""Turns first meetings the ego has not followed up into something useful to send."""

from collections.abc import Mapping
from dataclasses import dataclass

from daemon.people.model import PersonId
from daemon.suggestions.drafts import (
    draft_article,
    draft_kept_promise,
    draft_notes,
    draft_on_topic,
)
from daemon.suggestions.keys import name_key
from daemon.suggestions.kinds.article import explain_match, say_piece
from daemon.suggestions.kinds.promise import is_open_promise
from daemon.suggestions.known import find_day
from daemon.suggestions.match import Match, find_telling, match_person, stock_shelf
from daemon.suggestions.model import (
    Draft,
    Encounter,
    Evidence,
    Lane,
    Situation,
    Spoken,
    Suggestion,
    Topic,
    Value,
    Way,
)
from daemon.suggestions.wording import MAX_TITLE, first_name, quote, say_day, say_month

KIND = "follow_up"

BEST_DAYS = 3
"""Until then a follow-up is worth most. Source: design notes, table of kinds."""

LEAST_FIT = 0.3
"""What is left of the fit on the last day."""

MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Gift:
    """What to send: the words for it, how good it is in [0, 1], and how long it takes."""

    does: str
    because: str
    value: Value
    lane: Lane
    fit: float
    minutes: int
    draft: Draft
    url: str = ""


def propose_follow_ups(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes something useful for everybody first met lately and not written to since.

    The ego and the alter met among at most ``rules.follow_up_max_attendees``, or have both
    written. What is sent is the best there is: what was promised, a piece that fits, a
    thing about what they care for, or the notes of the meeting.

    Source: design notes, table of kinds and "the follow-up decides".
    """
    promises = _find_promises(situation)
    pieces = _find_pieces(situation)
    waiting = (one for one in situation.encounters if _is_waiting(one, situation))
    gifts = ((one, _find_gift(one, promises, pieces, situation)) for one in waiting)
    return tuple(_suggest(one, gift, situation) for one, gift in gifts if gift)


def _is_waiting(encounter: Encounter, situation: Situation) -> bool:
    age_days = _age_days(encounter, situation)
    is_recent = 0 <= age_days <= situation.rules.follow_up_days
    is_open = encounter.wrote_since_at is None and encounter.person in situation.people
    return is_recent and is_open and _is_mutual(encounter, situation)


def _is_mutual(encounter: Encounter, situation: Situation) -> bool:
    if encounter.channel == MEETING:
        return encounter.n_attendees <= situation.rules.follow_up_max_attendees
    tie = situation.ties.get(encounter.person)
    return tie is not None and tie.is_mutual


def _age_days(encounter: Encounter, situation: Situation) -> int:
    return (situation.today - find_day(encounter.at, situation)).days


def _find_promises(situation: Situation) -> dict[PersonId, Spoken]:
    """Finds the latest open promise to each person."""
    found = (s for s in situation.spoken if is_open_promise(s, situation))
    ordered = sorted(found, key=lambda s: (s.at, s.uid, s.sentence))
    return {spoken.person: spoken for spoken in ordered}


def _find_pieces(situation: Situation) -> dict[PersonId, Match]:
    shelf, least = stock_shelf(situation), situation.rules.min_match
    found: dict[PersonId, Match] = {}
    for one in situation.encounters:
        topics = situation.topics.get(one.person, ())
        if _is_waiting(one, situation):
            best = next(iter(match_person(one.person, topics, shelf)), None)
            if best is not None and best.fit >= least:
                found[one.person] = best
    return found


def _find_gift(
    encounter: Encounter,
    promises: Mapping[PersonId, Spoken],
    pieces: Mapping[PersonId, Match],
    situation: Situation,
) -> Gift | None:
    """Finds the best there is to send; after mere mail, nothing rather than something vague."""
    person = encounter.person
    if person in promises:
        return _promised(promises[person], situation)
    if person in pieces:
        return _piece(pieces[person], situation)
    if encounter.channel != MEETING:
        return None
    topic = _find_topic(encounter, situation)
    return _notes(encounter, situation) if topic is None else _on_topic(topic, person, situation)


def _promised(spoken: Spoken, situation: Situation) -> Gift:
    return Gift(
        does=f"what you promised: {quote(spoken.sentence)}",
        because="",
        value=Value.HELP,
        lane=Lane.BRING,
        fit=1.0,
        minutes=5,
        draft=draft_kept_promise(spoken, situation),
    )


def _piece(match: Match, situation: Situation) -> Gift:
    topic = match.topics[0]
    when = say_month(find_day(topic.last_at, situation), situation.today)
    return Gift(
        does=f"{say_piece(match)}.",
        because=f" {_capitalise(explain_match(match, situation))}",
        value=Value.INFORMATION,
        lane=Lane.BRING,
        fit=0.8 + 0.2 * match.fit,
        minutes=2,
        draft=draft_article(match.offering, topic.term, when, match.person, situation),
        url=match.offering.url,
    )


def _on_topic(topic: Topic, person: PersonId, situation: Situation) -> Gift:
    return Gift(
        does=f"one thing you know about {topic.term}.",
        because=f" {_capitalise(topic.term)} came up between you.",
        value=Value.INFORMATION,
        lane=Lane.BRING,
        fit=0.7,
        minutes=5,
        draft=draft_on_topic(topic.term, person, situation),
    )


def _notes(encounter: Encounter, situation: Situation) -> Gift:
    about = quote(encounter.summary, MAX_TITLE) if encounter.summary.strip() else ""
    what = f"your notes of {about or 'the meeting'}"
    met_on = find_day(encounter.at, situation)
    return Gift(
        does=f"{what}.",
        because="",
        value=Value.INFORMATION,
        lane=Lane.STAY_CLOSE,
        fit=0.6,
        minutes=5,
        draft=draft_notes(met_on, encounter.summary.strip(), encounter.person, situation),
    )


def _find_topic(encounter: Encounter, situation: Situation) -> Topic | None:
    telling = find_telling(situation.topics.get(encounter.person, ()), situation)
    return telling[0] if telling else None


def _suggest(encounter: Encounter, gift: Gift, situation: Situation) -> Suggestion:
    name = first_name(situation.people[encounter.person].name)
    return Suggestion(
        key=name_key(KIND, encounter.person, encounter.source, encounter.uid),
        kind=KIND,
        value=gift.value,
        way=Way.GIVE,
        lane=gift.lane,
        people=(encounter.person,),
        action=f"Send {name} {gift.does}",
        why=f"{_explain(encounter, situation)}{gift.because}",
        evidence=(Evidence(encounter.source, encounter.uid, encounter.at),),
        minutes=gift.minutes,
        fit=gift.fit * _timeliness(encounter, situation),
        draft=gift.draft,
        url=gift.url,
    )


def _timeliness(encounter: Encounter, situation: Situation) -> float:
    """Full within three days, then falling evenly to the last day."""
    late_days = max(0, _age_days(encounter, situation) - BEST_DAYS)
    span_days = max(1, situation.rules.follow_up_days - BEST_DAYS)
    return 1 - (1 - LEAST_FIT) * min(1.0, late_days / span_days)


def _explain(encounter: Encounter, situation: Situation) -> str:
    when = say_day(find_day(encounter.at, situation), situation.today)
    about = f" ({quote(encounter.summary, MAX_TITLE)})" if encounter.summary.strip() else ""
    met = "first met" if encounter.channel == MEETING else "were first in touch"
    return f"you {met} {when}{about}, and you have not written since."


def _capitalise(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
