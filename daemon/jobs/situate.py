"""Draw up the situation: all that a suggestion may look at, as known at one instant."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from daemon.commands.model import Forgotten, Undo
from daemon.jobs.basis import Basis
from daemon.jobs.encounters import describe_events, read_encounters, read_last_letters
from daemon.jobs.hear import count_unanswered, group_by_person, hear, read_usual_reply_days
from daemon.jobs.topics import read_topics
from daemon.people.model import Identity, NotSame, PersonId, Same
from daemon.people.names import clean_name
from daemon.store import contacts, decisions, observed, offers, people, progress, ties
from daemon.store import offerings as shelf
from daemon.store.database import Connection, Database
from daemon.store.instants import to_instant, to_seconds
from daemon.store.offers import Offer
from daemon.suggestions.model import (
    Meeting,
    Occasion,
    Offered,
    Offering,
    Rules,
    Situation,
    SuggestionDecision,
    SuggestionKey,
)
from daemon.suggestions.need import is_overdue, read_wishes
from daemon.ties.estimate import estimate
from daemon.ties.model import State, Tie

DAY = 86_400

BOOKED_DAYS = 60
"""How far ahead a booked meeting holds a suggestion."""

TAIL_DAYS = 400
"""How far back it is looked whether somebody stopped answering."""

NEW_DAYS = 30
"""How long somebody's words are looked at for what to bring after a first meeting."""

MAX_TOPIC_PEOPLE = 100
"""People whose words are compared: those of the ties with most interaction days."""


def estimate_ties(connection: Connection, basis: Basis, *, on: date) -> dict[PersonId, Tie]:
    """Return every tie as it stands on the day ``on``, by person."""
    rows = [(t.person, t.gaps, t.n_out, t.n_in) for t in ties.read_ties(connection)]
    found = estimate(rows, on=on, model=basis.model, thresholds=basis.thresholds)
    return {tie.alter: tie for tie in found}


def situate(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
) -> Situation:
    """Return the situation at ``at``; what is stored must be inferred and folded by then."""
    now = to_seconds(at)
    with engine.connect() as connection:
        known = survey(connection, basis, at=at, rules=rules, orders=orders)
        standing, today = known.ties, known.today
        who = people.persons_by_identity(connection)
        spoken = hear(connection, now=now)
        shelf_now = _offerings(connection, now=now, rules=rules)
        looked_at = _whose_words(standing, today, is_anything_to_give=bool(shelf_now))
        topics, shared = read_topics(connection, looked_at, now=now)
        return replace(
            known,
            spoken=tuple(s for s in spoken if s.person in standing),
            offerings=shelf_now,
            topics=topics,
            term_people=shared,
            encounters=read_encounters(connection, standing, rules=rules, today=today, now=now),
            occasions=_occasions(connection, who, standing),
            usual_reply_days=read_usual_reply_days(connection, now=now),
            ego_names=_ego_names(connection, basis),
            reach=_reach(connection, now),
            last_letters=read_last_letters(connection, _to_write_to(known), now=now),
        )


def survey(
    connection: Connection,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
) -> Situation:
    """Return how ties stand at ``at``, and what is booked, offered and decided about them.

    It holds no words of anybody: enough to say how ties stand, too little to suggest.
    """
    now, today = to_seconds(at), basis.day_of(at)
    standing = estimate_ties(connection, basis, on=today)
    who = people.persons_by_identity(connection)
    lately = contacts.read_contacts_between(connection, after=now - TAIL_DAYS * DAY, until=now)
    return Situation(
        at=at,
        today=today,
        people=people.read_people(connection),
        ties=standing,
        booked=_booked(connection, now),
        offered=_offered(offers.read_offers(connection, before=today), who),
        decisions=(*orders, *_decisions(connection, at)),
        unanswered=count_unanswered(group_by_person(lately)),
        observed_since=_observed_since(standing),
        rules=rules,
        zone=basis.zone,
    )


def _to_write_to(known: Situation) -> list[PersonId]:
    wishes = read_wishes(known)
    return [
        tie.alter
        for tie in known.ties.values()
        if tie.state is State.FADING or is_overdue(tie, wishes)
    ]


def _observed_since(standing: Mapping[PersonId, Tie]) -> date | None:
    return min((tie.first_on for tie in standing.values()), default=None)


def _whose_words(
    standing: Mapping[PersonId, Tie], today: date, *, is_anything_to_give: bool
) -> list[PersonId]:
    """Those met lately and those fading; where there is something to match, all in touch."""
    if not is_anything_to_give:
        return [
            person
            for person, tie in standing.items()
            if (today - tie.first_on).days <= NEW_DAYS or tie.state is State.FADING
        ]
    ordered = sorted(standing.values(), key=lambda t: (not t.is_live, -t.n_days, t.alter))
    return [tie.alter for tie in ordered[:MAX_TOPIC_PEOPLE]]


def _offerings(connection: Connection, *, now: int, rules: Rules) -> tuple[Offering, ...]:
    found = shelf.read_offerings(connection, after=now - rules.shelf_days * DAY, until=now)
    holders = shelf.read_holders(connection, [one.url for one in found])
    return tuple(
        Offering(
            url=one.url,
            title=one.title,
            terms=one.terms,
            origin=one.origin,
            received_at=to_instant(one.received_at),
            source=one.source,
            uid=one.uid,
            shared_with=frozenset(PersonId(p) for p in holders.get(one.url, ())),
        )
        for one in found
    )


def _ego_names(connection: Connection, basis: Basis) -> frozenset[str]:
    """The names the owner writes under, and the one the owner gave."""
    names = {clean_name(name) for name in progress.recall(connection, "ego_names", [])}
    return frozenset(name for name in {*names, basis.name} if name)


def _reach(connection: Connection, now: int) -> dict[PersonId, Identity]:
    """The address each person used last, or was last written to at."""
    return {
        PersonId(person): Identity(email)
        for person, email in contacts.read_last_addresses(connection, until=now)
    }


def _booked(connection: Connection, now: int) -> tuple[Meeting, ...]:
    found = contacts.read_booked(connection, after=now, until=now + BOOKED_DAYS * DAY)
    about = describe_events(connection, found)
    return tuple(
        Meeting(
            person=PersonId(c.person),
            starts_at=to_instant(c.at),
            summary=about[c.source, c.uid].summary,
            n_attendees=about[c.source, c.uid].n_people,
            source=c.source,
            uid=c.uid,
        )
        for c in found
    )


def _occasions(
    connection: Connection, who: Mapping[Identity, PersonId], standing: Mapping[PersonId, Tie]
) -> tuple[Occasion, ...]:
    return tuple(
        Occasion(person=person, birthday=card.birthday, source=source, uid=card.uid)
        for source, card in observed.read_cards(connection)
        if card.birthday
        for person in sorted({who[Identity(e)] for e in card.emails if Identity(e) in who})
        if person in standing
    )


def _offered(found: Iterable[Offer], who: Mapping[Identity, PersonId]) -> tuple[Offered, ...]:
    return tuple(
        Offered(
            key=SuggestionKey(one.key),
            kind=one.kind,
            people=tuple(who[Identity(e)] for e in one.identities if Identity(e) in who),
            offered_on=one.on,
        )
        for one in found
    )


def _decisions(connection: Connection, at: datetime) -> tuple[SuggestionDecision, ...]:
    made = decisions.read_decisions(connection, until=at)
    return tuple(d for d in made if not isinstance(d, Same | NotSame | Undo | Forgotten))
