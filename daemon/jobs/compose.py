"""Compose the digest of one morning: situate, propose, choose, and lay out the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from daemon.digest.compose import compose as lay_out
from daemon.digest.model import Funnel, Page, SourceLine
from daemon.jobs.basis import Basis
from daemon.jobs.network import draw_network
from daemon.jobs.situate import situate
from daemon.people.model import PersonId
from daemon.store import contacts, offers, outbox
from daemon.store.database import Connection, Database, writing
from daemon.store.ingest import hash_url
from daemon.store.instants import to_seconds
from daemon.store.offers import Offer
from daemon.store.outbox import Outgoing
from daemon.store.sources import list_sources
from daemon.suggestions.choose import choose
from daemon.suggestions.model import Rules, Situation, Suggestion, SuggestionDecision
from daemon.suggestions.propose import propose


@dataclass(frozen=True, slots=True)
class Composed:
    """A page, and the entries to remember it by."""

    page: Page
    offers: tuple[Offer, ...]


def compose(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
    keeps_at: str = "",
    answer_with: str = "",
    reply_to: str = "",
) -> Composed:
    """Return the digest of the morning of ``at``; nothing is written."""
    situation = situate(engine, basis, at=at, rules=rules, orders=orders)
    choice = choose(propose(situation), situation)
    with engine.connect() as connection:
        page = lay_out(
            choice.chosen,
            at=at,
            zone=basis.zone,
            people=situation.people,
            ties=situation.ties,
            days=_days(connection, basis, choice.chosen, at),
            network=draw_network(
                connection, basis, situation, quiet=choice.quiet, now=to_seconds(at)
            ),
            funnel=Funnel(
                n_ties=len(situation.ties),
                n_due=choice.n_due,
                n_offered=len(choice.chosen),
                held=choice.held,
            ),
            sources=_sources(connection),
            is_first=not situation.offered,
            keeps_at=keeps_at,
            answer_with=answer_with,
            reply_to=reply_to,
        )
    return Composed(page, tuple(_offers(page, choice.chosen, situation)))


def remember(
    engine: Database, composed: Composed, message: Outgoing | None = None, *, now: datetime
) -> bool:
    """Keep what stands in the digest and, to be sent, its message: in one transaction.

    Returns:
        False if a message of that day was there before; then nothing is changed.
    """
    with writing(engine) as tx:
        if message and not outbox.put(tx, message, at=composed.page.at):
            return False
        offers.replace_offers(tx, composed.page.on, composed.offers, now=now)
    return True


def _days(
    connection: Connection, basis: Basis, chosen: Iterable[Suggestion], at: datetime
) -> dict[PersonId, list[date]]:
    persons = {person for one in chosen for person in one.people}
    days: dict[PersonId, set[date]] = {person: set() for person in persons}
    for contact in contacts.read_contacts(connection, persons, until=to_seconds(at)):
        days[PersonId(contact.person)].add(basis.day_of(contact.at))
    return {person: sorted(theirs) for person, theirs in days.items()}


def _sources(connection: Connection) -> list[SourceLine]:
    return [
        SourceLine(s.name, s.read_at, s.n_observations, s.n_quarantined, s.needs)
        for s in list_sources(connection)
    ]


def _offers(page: Page, chosen: Iterable[Suggestion], situation: Situation) -> Iterable[Offer]:
    by_key = {str(one.key): one for one in chosen}
    for item in page.items:
        one = by_key[item.key]
        yield Offer(
            on=page.on,
            ref=item.ref,
            key=one.key,
            kind=one.kind,
            identities=tuple(min(situation.people[p].identities) for p in one.people),
            url_hash=hash_url(one.url) if one.url else None,
            who=item.who,
            why=item.why,
        )
