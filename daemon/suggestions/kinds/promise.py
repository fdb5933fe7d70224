"""Turns promises the ego made and has not kept into things to send."""

import re

from daemon.cues.model import CueKind
from daemon.suggestions.drafts import draft_kept_promise
from daemon.suggestions.keys import find_settled, name_key, name_message, name_thread
from daemon.suggestions.known import find_day
from daemon.suggestions.left_open import FIT as LEFT_OPEN_FIT
from daemon.suggestions.left_open import is_left_open
from daemon.suggestions.model import (
    Evidence,
    Lane,
    Situation,
    Spoken,
    Suggestion,
    SuggestionKey,
    Value,
    Way,
)
from daemon.suggestions.wording import MAX_TITLE, full_name, quote, say_day, say_due

KIND = "promise"

MIN_CONFIDENCE = 0.75
"""A promise that was none reads as a reproach. Source: design notes, cues."""

MANY = 3
"""What is promised to more people than this is seldom owed to one of them."""

CROWD_FIT = 0.5

NEAR_DAYS = 1
"""A day named in a promise is near from the day before."""

SEND_MINUTES, MINUTES = 2, 10

_SENDING = re.compile(r"\b(send|forward|share|pass|mail|e-?mail|resend|attach)\b", re.IGNORECASE)


def is_open_promise(spoken: Spoken, situation: Situation) -> bool:
    """Whether the ego promised something and has not written in that thread since."""
    return (
        spoken.kind is CueKind.PROMISE
        and spoken.by_ego
        and spoken.confidence >= MIN_CONFIDENCE
        and spoken.answered_at is None
        and spoken.person in situation.people
    )


def propose_promises(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes to keep the clearest open promise of each thread and person.

    It fires once open for ``rules.promise_after_days``, or when its day is near; after
    ``rules.owe_days`` only if the tie went quiet with it.

    Source: design notes, table of kinds.
    """
    settled = find_settled(situation)
    strongest: dict[tuple[str, str], tuple[float, Spoken]] = {}
    for spoken in situation.spoken:
        if not is_open_promise(spoken, situation) or not _is_ripe(spoken, situation):
            continue
        if _key(spoken) in settled:
            continue
        place = (spoken.person, name_thread(spoken))
        found = (_fit(spoken, situation), spoken)
        strongest[place] = max(strongest.get(place, found), found, key=_strength)
    return tuple(_suggest(spoken, fit, situation) for fit, spoken in strongest.values())


def _is_ripe(spoken: Spoken, situation: Situation) -> bool:
    open_days = (situation.today - find_day(spoken.at, situation)).days
    if open_days > situation.rules.owe_days:
        return is_left_open(spoken, situation)
    if spoken.due_on is None:
        return open_days >= situation.rules.promise_after_days
    return (spoken.due_on - situation.today).days <= NEAR_DAYS and open_days > 0


def _fit(spoken: Spoken, situation: Situation) -> float:
    open_days = (situation.today - find_day(spoken.at, situation)).days
    owe_days = max(1, situation.rules.owe_days)
    if open_days > owe_days:
        return spoken.confidence * LEFT_OPEN_FIT
    fit = spoken.confidence * (1 - 0.4 * open_days / owe_days)
    return fit * CROWD_FIT if spoken.n_recipients > MANY else fit


def _strength(found: tuple[float, Spoken]) -> tuple[float, float, str, str]:
    fit, spoken = found
    return (fit, spoken.at.timestamp(), name_message(spoken), spoken.sentence)


def _key(spoken: Spoken) -> SuggestionKey:
    return name_key(KIND, spoken.person, name_message(spoken))


def _suggest(spoken: Spoken, fit: float, situation: Situation) -> Suggestion:
    name = full_name(situation.people[spoken.person].name)
    return Suggestion(
        key=_key(spoken),
        kind=KIND,
        value=Value.HELP,
        way=Way.GIVE,
        lane=Lane.OWE,
        people=(spoken.person,),
        action=f"Do what you promised {name}: {quote(spoken.sentence)}",
        why=_explain(spoken, situation),
        evidence=(Evidence(spoken.source, spoken.uid, spoken.at, spoken.sentence),),
        minutes=SEND_MINUTES if _SENDING.search(spoken.sentence) else MINUTES,
        fit=fit,
        draft=draft_kept_promise(spoken, situation),
    )


def _explain(spoken: Spoken, situation: Situation) -> str:
    today = situation.today
    where = f" in {quote(spoken.subject, MAX_TITLE)}" if spoken.subject.strip() else ""
    parts = [f"you wrote this {say_day(find_day(spoken.at, situation), today)}{where}"]
    if spoken.due_on is not None:
        parts.append(say_due(spoken.due_on, today))
    return f"{'; '.join(parts)}."
