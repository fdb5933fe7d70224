"""Compose the digest of one morning: situate, propose, choose, and lay out the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from daemon.config.sign_in import asks_to_sign_in
from daemon.digest.compose import compose as lay_out
from daemon.digest.model import Funnel, Page, SourceLine, Undelivered
from daemon.jobs.basis import Basis
from daemon.jobs.network import draw_network
from daemon.jobs.noted import count_noted
from daemon.jobs.situate import situate
from daemon.people.model import PersonId
from daemon.store import contacts, offers, outbox
from daemon.store.database import Connection, Database, writing
from daemon.store.ingest import hash_url
from daemon.store.instants import to_seconds
from daemon.store.offers import Offer
from daemon.store.outbox import Outgoing
from daemon.store.sources import Source, list_sources
from daemon.suggestions.choose import choose
from daemon.suggestions.model import Rules, Situation, Suggestion, SuggestionDecision
from daemon.suggestions.propose import propose

_FAILURES = 3
"""The latest digests that failed: who did not see these saw none before them either."""


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
    token: str = "",
) -> Composed:
    """Return the digest of the morning of ``at``, an aware instant; nothing is written.

    What is stored must be inferred and folded by then. ``orders`` is what the settings say of
    single people; the rest is told to the page as it is.
    """
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
            token=token,
            noted=count_noted(connection, before=situation.today, until=at),
            undelivered=_undelivered(connection, situation.today),
            numbers={one.key: one.ref for one in _mailed(connection, situation.today)},
        )
    return Composed(page, tuple(_offers(page, choice.chosen, situation)))


def remember(
    engine: Database, composed: Composed, message: Outgoing | None = None, *, now: datetime
) -> bool:
    """Keep what stands in the digest and, to be sent, its message: in one transaction.

    What stands in a mail of that day keeps its number, whatever is shown later in the day.

    Returns:
        False if a message of that day was there before; then nothing is changed.
    """
    with writing(engine) as tx:
        mailed = _mailed(tx, composed.page.on)
        if message and not outbox.put(tx, message, at=composed.page.at):
            return False
        found = {one.ref: one for one in (*mailed, *composed.offers)}
        offers.replace_offers(tx, composed.page.on, found.values(), now=now)
    return True


def _mailed(connection: Connection, on: date) -> tuple[Offer, ...]:
    """What stands in the mail of the day ``on``, if there is one: replies to it may come."""
    mail = outbox.read_outgoing(connection, on)
    return offers.read_last(connection, on) if mail and mail.state != "quiet" else ()


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
        SourceLine(s.name, s.read_at, s.n_observations, s.n_quarantined, _say_needs(s))
        for s in list_sources(connection)
    ]


def _say_needs(source: Source) -> str:
    """What keeps it from being read; of one that is not tried any more, what to type."""
    if not source.is_stopped or asks_to_sign_in(source.needs, source.name):
        return source.needs
    return f"{source.needs.rstrip('.')}. When that is put right, type: kithd poll {source.name}"


def _undelivered(connection: Connection, today: date) -> list[Undelivered]:
    failed = outbox.list_failed(connection, before=today)[-_FAILURES:]
    return [Undelivered(one.on, one.problem) for one in failed if one.on]


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
