"""Turns asks that wait for an answer into replies to give."""

import re
from datetime import date

from daemon.cues.model import CueKind
from daemon.suggestions.drafts import draft_answer
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
from daemon.suggestions.wording import (
    MAX_TITLE,
    first_name,
    full_name,
    quote,
    say_day,
    say_due,
    say_span,
)
from daemon.suggestions.workdays import count_workdays

KIND = "reply"

MIN_CONFIDENCE = 0.8
"""A wrong "you owe" costs more than a missed one.

Source: design notes, cues; of 23 asks read in one person's mail at this confidence 21
were asks a person would answer, of 40 at .60 about four in five.
"""

MANY = 3
"""Above so many recipients nobody in particular is asked, unless by name."""

TOO_MANY = 10
"""Above so many recipients contact is ambient. Source: design notes, max_recipients."""

CROWD_FIT = 0.4
"""The fit of an ask to many, as a share of one to the ego: most of them are for others."""

LATE_FIT = 0.6
"""The fit left when the day an ask was for is past: it may have been settled elsewhere."""

USUAL_CAP_DAYS = 10.0
"""An owner who takes weeks to answer is reminded after these all the same."""

QUICK_MINUTES, MINUTES = 2, 5

_QUICK = re.compile(
    r"(is|are|was|were|do|does|did|have|has|will|shall|may|which|when|what time|where)\b",
    re.IGNORECASE,
)
_QUICK_LENGTH = 90
_ANYBODY = re.compile(
    r"\bany(one|body)\b|\b(can|could|would|will|please) some(one|body)\b"
    r"|\b(folks|guys|all of you)\b",
    re.IGNORECASE,
)
_NAME = r"\w[\w.'\u2019-]+"
_CALLED = re.compile(rf"(?:(?:hi|hello|hey|dear|and)\s+)?({_NAME})\s*[,:]\s", re.IGNORECASE)


def propose_replies(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes to answer the strongest open ask of each thread.

    An ask is open while the ego has not written in its thread. It fires when it has
    waited longer than is usual for the owner (and two working days), or when the day it
    is for is near, and not after ``rules.owe_days``.

    Source: design notes, table of kinds.
    """
    settled = find_settled(situation)
    names = _find_call_names(situation)
    strongest: dict[str, tuple[float, Spoken]] = {}
    for spoken in situation.spoken:
        if not _is_open(spoken, situation) or not _is_late(spoken, situation):
            continue
        if _key(spoken) in settled or _is_for_another(spoken, situation, names):
            continue
        found = (_fit(spoken, situation), spoken)
        held = strongest.setdefault(name_thread(spoken), found)
        strongest[name_thread(spoken)] = max(held, found, key=_strength)
    return tuple(_suggest(spoken, fit, situation) for fit, spoken in strongest.values())


def _is_open(spoken: Spoken, situation: Situation) -> bool:
    return (
        spoken.kind is CueKind.ASK
        and not spoken.by_ego
        and spoken.confidence >= MIN_CONFIDENCE
        and spoken.answered_at is None
        and spoken.person in situation.people
        and (spoken.is_to_ego or _is_by_name(spoken, situation))
        and not _is_to_anybody(spoken, situation)
        and (spoken.n_recipients <= TOO_MANY or _is_by_name(spoken, situation))
    )


def _is_to_anybody(spoken: Spoken, situation: Situation) -> bool:
    """Whether whoever reads it is asked ("can anyone ..."): a list is not counted in To."""
    is_open_call = _ANYBODY.search(spoken.sentence) is not None
    return is_open_call and not _is_by_name(spoken, situation)


def _is_late(spoken: Spoken, situation: Situation) -> bool:
    asked_on, rules = find_day(spoken.at, situation), situation.rules
    if (situation.today - asked_on).days > rules.owe_days:
        return is_left_open(spoken, situation)
    if _is_due_soon(spoken.due_on, asked_on, situation.today):
        return True
    waited_days = (situation.at - spoken.at).total_seconds() / 86_400
    usual_days = min(situation.usual_reply_days or 0.0, USUAL_CAP_DAYS)
    n_workdays = count_workdays(asked_on, situation.today, rules.workdays)
    return n_workdays >= rules.reply_after_workdays and waited_days > usual_days


def _is_due_soon(due_on: date | None, asked_on: date, today: date) -> bool:
    return due_on is not None and asked_on < today and 0 <= (due_on - today).days <= 1


def _fit(spoken: Spoken, situation: Situation) -> float:
    age_days, owe_days = _age_days(spoken, situation), max(1, situation.rules.owe_days)
    if age_days > owe_days:
        return spoken.confidence * LEFT_OPEN_FIT
    fit = spoken.confidence * (1 - 0.4 * age_days / owe_days)
    if _is_to_a_crowd(spoken) and not _is_by_name(spoken, situation):
        fit *= CROWD_FIT
    if spoken.due_on is not None and spoken.due_on < situation.today:
        fit *= LATE_FIT
    return fit


def _age_days(spoken: Spoken, situation: Situation) -> int:
    return (situation.today - find_day(spoken.at, situation)).days


def _is_to_a_crowd(spoken: Spoken) -> bool:
    """Whether the ego is but one of many who are asked."""
    return spoken.n_recipients > MANY


def _strength(found: tuple[float, Spoken]) -> tuple[float, float, str, str]:
    fit, spoken = found
    return (fit, spoken.at.timestamp(), name_message(spoken), spoken.sentence)


def _key(spoken: Spoken) -> SuggestionKey:
    return name_key(KIND, spoken.person, name_message(spoken))


def _is_by_name(spoken: Spoken, situation: Situation) -> bool:
    """Whether the sentence says one of the ego's names."""
    names = {w for name in situation.ego_names for w in name.casefold().split() if len(w) > 2}
    return not names.isdisjoint(re.findall(_NAME, spoken.sentence.casefold()))


def _is_for_another(spoken: Spoken, situation: Situation, names: frozenset[str]) -> bool:
    """Whether the sentence calls somebody else: "Ralf, could you ..."."""
    called = _CALLED.match(spoken.sentence)
    if called is None or not situation.ego_names or spoken.n_recipients < 2:
        return False
    return _spell(called[1]) in names and not _is_by_name(spoken, situation)


def _find_call_names(situation: Situation) -> frozenset[str]:
    """Finds how people may be called: by first name, or by initials ("H.J." Lu)."""
    names = [person.name for person in situation.people.values()]
    initials = ("".join(w for w in name.split() if w.endswith(".")) for name in names)
    return frozenset(_spell(n) for n in (*map(first_name, names), *initials) if n)


def _spell(name: str) -> str:
    return name.replace(".", "").casefold()


def _suggest(spoken: Spoken, fit: float, situation: Situation) -> Suggestion:
    person = situation.people[spoken.person]
    is_quick = len(spoken.sentence) <= _QUICK_LENGTH and _QUICK.match(spoken.sentence)
    return Suggestion(
        key=_key(spoken),
        kind=KIND,
        value=Value.HELP,
        way=Way.GIVE,
        lane=Lane.OWE,
        people=(spoken.person,),
        action=f"Answer {full_name(person.name)}: {quote(spoken.sentence)}",
        why=_explain(spoken, situation),
        evidence=(Evidence(spoken.source, spoken.uid, spoken.at, spoken.sentence),),
        minutes=QUICK_MINUTES if is_quick else MINUTES,
        fit=fit,
        draft=draft_answer(spoken, situation),
    )


def _explain(spoken: Spoken, situation: Situation) -> str:
    today = situation.today
    where = f" in {quote(spoken.subject, MAX_TITLE)}" if spoken.subject.strip() else ""
    parts = [f"asked {say_day(find_day(spoken.at, situation), today)}{where}"]
    if _age_days(spoken, situation) > situation.rules.owe_days:
        parts.append("you have not written since")
    elif spoken.due_on is not None:
        parts.append(say_due(spoken.due_on, today))
    elif situation.usual_reply_days is not None:
        parts.append(f"you usually answer within {say_span(situation.usual_reply_days)}")
    return f"{'; '.join(parts)}."
