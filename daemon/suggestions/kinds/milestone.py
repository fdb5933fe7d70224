"""Turns days of the year into good wishes and shared memories."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from connectors.observations import Birthday
from daemon.cues.model import CueKind
from daemon.people.model import PersonId
from daemon.suggestions.drafts import draft_birthday, draft_first_contact, draft_memory
from daemon.suggestions.keys import name_key, name_message
from daemon.suggestions.known import find_day
from daemon.suggestions.model import (
    Draft,
    Encounter,
    Evidence,
    Lane,
    Occasion,
    Situation,
    Spoken,
    Suggestion,
    Value,
    Way,
)
from daemon.suggestions.wording import (
    MAX_TITLE,
    first_name,
    possessive,
    quote,
    say_date,
    say_day,
    say_years,
)
from daemon.ties.model import Tie

KIND = "milestone"

AHEAD_DAYS = 3
"""A birthday is told so long before that a wish still arrives on the day."""

AFTER_DAYS = 2
"""An anniversary that falls on a weekend may be told when the week begins."""

YEARS = frozenset({1, 2, 3, *range(5, 100, 5)})
MIN_DAYS = 5
"""Fewer days of contact have nothing to celebrate."""

UNSURE_DAYS = 60
"""First contacts so soon after the sources begin may really be older."""

OLDEST = 110
"""Address books write 1604 or 1900 for a year that is not known."""

MIN_CONFIDENCE = 0.75
MEMORABLE = frozenset({CueKind.GOOD_NEWS})
"""Good news is worth recalling; to be reminded of one's own thanks is not."""

MINUTES = 2
BIRTHDAY_FIT, NEW_BIRTHDAY_FIT, FIRST_FIT, MEMORY_FIT = 0.9, 0.5, 0.5, 0.6


def propose_milestones(situation: Situation) -> tuple[Suggestion, ...]:
    """Proposes birthdays within three days, anniversaries of first contact, and memories.

    Anniversaries and memories are for live ties in which both have reached the other on
    at least five days. A memory is words somebody said, on this day some years ago.

    Source: design notes, table of kinds.
    """
    return (
        *_birthdays(situation),
        *_anniversaries(situation),
        *_memories(situation),
    )


def find_next(birthday: Birthday, today: date) -> date:
    """Finds the next day a birthday is kept; 29 February is kept on the 28th between.

    Too early by a day is kinder than too late: a wish on 1 March would come after it.
    """
    this_year = _in_year(birthday.month, birthday.day, today.year)
    if this_year >= today:
        return this_year
    return _in_year(birthday.month, birthday.day, today.year + 1)


def _in_year(month: int, day: int, year: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _birthdays(situation: Situation) -> Iterator[Suggestion]:
    known: dict[PersonId, Occasion] = {}
    # Where two address books differ, the one that knows the year was filled in with more care.
    ordered = sorted(
        situation.occasions,
        key=lambda o: (o.birthday.year is None, o.source, o.uid, o.birthday.month, o.birthday.day),
    )
    for occasion in ordered:
        known.setdefault(occasion.person, occasion)
    for person, occasion in known.items():
        on = find_next(occasion.birthday, situation.today)
        is_near = (on - situation.today).days <= AHEAD_DAYS
        if is_near and person in situation.people and person in situation.ties:
            yield _birthday(occasion, on, situation)


def _birthday(occasion: Occasion, on: date, situation: Situation) -> Suggestion:
    person = occasion.person
    name, when = _call(person, situation), say_day(on, situation.today)
    born = occasion.birthday.year
    is_known = born is not None and 0 < on.year - born <= OLDEST
    turns = f"{name} turns {on.year - (born or 0)}" if is_known else f"it is {possessive(name)} day"
    is_mutual = situation.ties[person].is_mutual
    return _suggest(
        person,
        ("birthday", str(on.year)),
        action=f"Wish {name} a happy birthday {when}.",
        why=f"{turns}, {say_date(on, situation.today)}; it is in your address book.",
        evidence=(Evidence(occasion.source, occasion.uid, situation.at),),
        fit=BIRTHDAY_FIT if is_mutual else NEW_BIRTHDAY_FIT,
        draft=draft_birthday(person, situation),
    )


def _anniversaries(situation: Situation) -> Iterator[Suggestion]:
    met = {encounter.person: encounter for encounter in situation.encounters}
    for person, tie in situation.ties.items():
        n_years = _years_since(tie.first_on, situation.today)
        if n_years in YEARS and _is_grown(person, situation) and _is_first(tie, situation):
            yield _anniversary(tie, n_years, met.get(person), situation)


def _years_since(on: date, today: date) -> int:
    """Counts whole years whose anniversary is today or at most two days ago; else 0."""
    for days in range(AFTER_DAYS + 1):
        day = today - timedelta(days=days)
        if day == _in_year(on.month, on.day, day.year):
            return day.year - on.year
    return 0


def _is_grown(person: PersonId, situation: Situation) -> bool:
    tie = situation.ties.get(person)
    if tie is None or person not in situation.people:
        return False
    return tie.is_live and tie.is_mutual and tie.n_days >= MIN_DAYS


def _is_first(tie: Tie, situation: Situation) -> bool:
    """Whether the first contact known is likely the first there was."""
    begins_on = situation.observed_since or min(t.first_on for t in situation.ties.values())
    return (tie.first_on - begins_on).days >= UNSURE_DAYS


def _anniversary(tie: Tie, n_years: int, met: Encounter | None, situation: Situation) -> Suggestion:
    person, span = tie.alter, say_years(n_years)
    name = _call(person, situation)
    is_told = met is not None and find_day(met.at, situation) == tie.first_on
    about = f" ({quote(met.summary, MAX_TITLE)})" if met and is_told and met.summary.strip() else ""
    evidence = (Evidence(met.source, met.uid, met.at),) if met and is_told else ()
    return _suggest(
        person,
        ("first", tie.first_on.isoformat(), str(n_years)),
        action=f"Tell {name} what has stayed with you from {span} of being in touch.",
        why=f"you were first in touch {span} ago, on {say_date(tie.first_on, situation.today)}"
        f"{about}.",
        evidence=evidence,
        fit=FIRST_FIT,
        draft=draft_first_contact(span, person, situation),
    )


def _memories(situation: Situation) -> Iterator[Suggestion]:
    for spoken in situation.spoken:
        n_years = _years_to_the_day(find_day(spoken.at, situation), situation.today)
        if n_years and _is_memorable(spoken) and _is_grown(spoken.person, situation):
            yield _memory(spoken, n_years, situation)


def _years_to_the_day(on: date, today: date) -> int:
    is_the_day = today == _in_year(on.month, on.day, today.year)
    return today.year - on.year if is_the_day else 0


def _is_memorable(spoken: Spoken) -> bool:
    is_said = not spoken.by_ego and bool(spoken.sentence.strip())
    return is_said and spoken.kind in MEMORABLE and spoken.confidence >= MIN_CONFIDENCE


def _memory(spoken: Spoken, n_years: int, situation: Situation) -> Suggestion:
    person, span = spoken.person, say_years(n_years)
    name, said = _call(person, situation), quote(spoken.sentence)
    where = f", in {quote(spoken.subject, MAX_TITLE)}" if spoken.subject.strip() else ""
    return _suggest(
        person,
        ("memory", name_message(spoken), str(n_years)),
        action=f"Remind {name} of this: {said}",
        why=f"{name} wrote it {span} ago today{where}.",
        evidence=(Evidence(spoken.source, spoken.uid, spoken.at, spoken.sentence),),
        fit=MEMORY_FIT,
        draft=draft_memory(span, said, person, situation),
    )


def _call(person: PersonId, situation: Situation) -> str:
    return first_name(situation.people[person].name)


def _suggest(
    person: PersonId,
    facts: tuple[str, ...],
    *,
    action: str,
    why: str,
    evidence: tuple[Evidence, ...],
    fit: float,
    draft: Draft,
) -> Suggestion:
    return Suggestion(
        key=name_key(KIND, person, *facts),
        kind=KIND,
        value=Value.ENTERTAINMENT,
        way=Way.GIVE,
        lane=Lane.STAY_CLOSE,
        people=(person,),
        action=action,
        why=why,
        evidence=evidence,
        minutes=MINUTES,
        fit=fit,
        draft=draft,
    )
