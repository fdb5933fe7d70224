"""Builders: people, ties and facts with sane defaults, so that a test says only what matters.

Everybody lives at example.org and is called by a short name: ``SANA`` is "sana". It is
Wednesday 18 November 2026, seven in the morning, UTC.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from connectors.observations import Birthday
from daemon.cues.model import CueKind
from daemon.people.model import Identity, Person, PersonId
from daemon.suggestions.model import (
    Encounter,
    Evidence,
    Lane,
    Meeting,
    Occasion,
    Offered,
    Offering,
    Rules,
    Situation,
    Spoken,
    Suggestion,
    SuggestionDecision,
    SuggestionKey,
    Topic,
    Value,
    Way,
)
from daemon.ties.model import State, Tie

AT = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
TODAY = AT.date()

NAMES = {
    "sana": "Sana Iqbal",
    "marek": "Marek Dvořák",
    "joy": "Joy Adeyemi",
    "lena": "Lena Fischer",
    "tomas": "Tomás Rey",
    "ines": "Ines Carvalho",
}


def days_ago(n: float) -> datetime:
    """The instant so many days before ``AT``; after it where negative."""
    return AT - timedelta(days=n)


def person_id(who: str) -> PersonId:
    return PersonId(f"{who}@example.org")


def identity(who: str) -> Identity:
    return Identity(person_id(who))


def person(who: str, name: str | None = None, *more: str) -> Person:
    """A person; ``more`` are further addresses."""
    name = NAMES.get(who, f"{who.title()} Example") if name is None else name
    identities = frozenset({identity(who), *map(Identity, more)})
    return Person(person_id(who), name, (name,), identities)


def tie(
    who: str,
    state: State = State.ACTIVE,
    *,
    silent_days: int = 30,
    n_days: int = 40,
    is_mutual: bool = True,
    first_on: date | None = None,
) -> Tie:
    last_on = TODAY - timedelta(days=silent_days)
    return Tie(
        alter=person_id(who),
        as_of=TODAY,
        first_on=first_on or last_on - timedelta(days=700),
        last_on=last_on,
        n_days=n_days,
        n_out=n_days // 2,
        n_in=n_days // 2 if is_mutual else 0,
        is_mutual=is_mutual,
        silent_days=silent_days,
        typical_gap_days=9.0,
        dormant_at_days=180.0,
        p_dormant=0.4,
        p_contact_30=0.4,
        unusual=0.9,
        state=state,
    )


def spoken(
    who: str,
    sentence: str = "could you look at the tender before Friday?",
    *,
    kind: CueKind = CueKind.ASK,
    by_ego: bool = False,
    asked_days_ago: float = 6,
    confidence: float = 0.95,
    due_on: date | None = None,
    thread: str = "",
    subject: str = "Tender for the depot",
    uid: str = "",
    n_recipients: int = 1,
    answered_at: datetime | None = None,
    written_since_at: datetime | None = None,
) -> Spoken:
    uid = uid or f"{who}-{kind}-{asked_days_ago:g}"
    return Spoken(
        kind=kind,
        person=person_id(who),
        by_ego=by_ego,
        sentence=sentence,
        confidence=confidence,
        due_on=due_on,
        source="work mail",
        uid=uid,
        thread=thread or f"thread of {uid}",
        subject=subject,
        message_id=f"{uid}@example.org",
        at=days_ago(asked_days_ago),
        n_recipients=n_recipients,
        answered_at=answered_at,
        written_since_at=written_since_at,
    )


def promise(who: str, sentence: str = "I'll send you the contact.", **facts: object) -> Spoken:
    """A promise of the ego."""
    told = {"kind": CueKind.PROMISE, "by_ego": True, **facts}
    return spoken(who, sentence, **told)  # type: ignore[arg-type]  # reason: spoken() checks them


def offering(
    name: str = "cells",
    terms: Mapping[str, int] | None = None,
    *,
    title: str = "Second-life batteries: what 40 pilots taught us",
    received_days_ago: float = 6,
    shared_with: frozenset[PersonId] = frozenset(),
    origin: str = "the Grid Storage newsletter",
) -> Offering:
    return Offering(
        url=f"https://news.example.com/{name}",
        title=title,
        terms={"battery": 3, "depot": 1, "ageing": 2} if terms is None else terms,
        origin=origin,
        received_at=days_ago(received_days_ago),
        source="private mail",
        uid=f"letter-{name}",
        shared_with=shared_with,
    )


def topic(
    term: str, n_threads: int = 6, *, came_up_days_ago: float = 38, weight: float | None = None
) -> Topic:
    backed = float(n_threads) if weight is None else weight
    return Topic(term, backed, n_threads, days_ago(came_up_days_ago))


def encounter(
    who: str,
    *,
    met_days_ago: float = 2,
    channel: str = "meeting",
    summary: str = "harbour logistics meet-up",
    n_attendees: int = 4,
    wrote_since_at: datetime | None = None,
) -> Encounter:
    return Encounter(
        person=person_id(who),
        at=days_ago(met_days_ago),
        channel=channel,
        summary=summary,
        n_attendees=n_attendees,
        source="calendar",
        uid=f"event-{who}",
        wrote_since_at=wrote_since_at,
    )


def meeting(who: str, *, in_days: float = 5) -> Meeting:
    """A booked meeting."""
    return Meeting(person_id(who), days_ago(-in_days), "catch up", 2, "calendar", f"next-{who}")


def occasion(who: str, month: int, day: int, year: int | None = None) -> Occasion:
    return Occasion(person_id(who), Birthday(month, day, year), "cards", f"card-{who}")


def offered(
    who: str, *, n_days_ago: int = 3, kind: str = "article", key: str = "earlier"
) -> Offered:
    on = TODAY - timedelta(days=n_days_ago)
    return Offered(SuggestionKey(key), kind, (person_id(who),), on)


def suggestion(
    kind: str,
    who: str,
    *,
    key: str = "",
    lane: Lane | None = None,
    minutes: int = 5,
    fit: float = 0.8,
    url: str = "",
    value: Value = Value.INFORMATION,
    evidence: tuple[Evidence, ...] = (),
) -> Suggestion:
    is_owed = kind in ("reply", "promise")
    return Suggestion(
        key=SuggestionKey(key or f"{kind}:{who}"),
        kind=kind,
        value=value,
        way=Way.GIVE,
        lane=lane or (Lane.OWE if is_owed else Lane.BRING),
        people=(person_id(who),),
        action=f"Send {who} something.",
        why="a reason.",
        evidence=evidence,
        minutes=minutes,
        fit=fit,
        url=url,
    )


def situation(
    *who: str | Tie,
    spoken: tuple[Spoken, ...] = (),
    offerings: tuple[Offering, ...] = (),
    topics: Mapping[str, tuple[Topic, ...]] | None = None,
    term_people: Mapping[str, int] | None = None,
    encounters: tuple[Encounter, ...] = (),
    booked: tuple[Meeting, ...] = (),
    occasions: tuple[Occasion, ...] = (),
    offered: tuple[Offered, ...] = (),
    decisions: tuple[SuggestionDecision, ...] = (),
    unanswered: Mapping[str, int] | None = None,
    usual_reply_days: float | None = None,
    rules: Rules | None = None,
    today: date = TODAY,
    ego_names: frozenset[str] = frozenset(),
    observed_since: date | None = None,
    people: tuple[Person, ...] = (),
) -> Situation:
    """A morning. ``who`` are the ties: whole, or the names of active ones."""
    ties = [one if isinstance(one, Tie) else tie(one) for one in who]
    known = {t.alter: person(t.alter.partition("@")[0]) for t in ties}
    return Situation(
        at=datetime.combine(today, time(7), UTC),
        today=today,
        people=known | {p.id: p for p in people},
        ties={t.alter: t for t in ties},
        spoken=spoken,
        offerings=offerings,
        topics={person_id(name): theirs for name, theirs in (topics or {}).items()},
        term_people=term_people or {},
        encounters=encounters,
        booked=booked,
        occasions=occasions,
        offered=offered,
        decisions=decisions,
        unanswered={person_id(name): n for name, n in (unanswered or {}).items()},
        usual_reply_days=usual_reply_days,
        observed_since=observed_since,
        rules=rules or Rules(),
        ego_names=ego_names,
    )
