"""Resolve identities to people, when sightings or the owner's word on them changed."""

from collections.abc import Sequence
from datetime import datetime

from daemon.interactions.model import Ego
from daemon.people.model import Identity, IdentityDecision, NotSame, Same
from daemon.people.resolve import resolve as partition
from daemon.store import decisions, observed, people, progress
from daemon.store.database import Connection, Database, writing


def resolve(engine: Database, ego: Ego, *, at: datetime) -> None:
    """Bring people up to date with what is inferred and decided by ``at``."""
    with writing(engine) as tx:
        said = _identity_decisions(tx, at)
        state = [progress.recall(tx, "inferred", 0), [repr(d) for d in said]]
        if progress.recall(tx, "resolved") == state:
            return
        seen = people.read_sightings(tx)
        sightings = [s for s in seen if s.identity not in ego]
        ego_names = {name for s in seen if s.identity in ego for name in s.own_names}
        cards = [_emails(c.emails, ego) for _, c in observed.read_cards(tx)]
        people.save_people(tx, partition(sightings, cards=cards, decisions=said))
        progress.keep(tx, "ego_names", sorted(ego_names))
        progress.keep(tx, "resolved", state)


def _identity_decisions(tx: Connection, at: datetime) -> Sequence[IdentityDecision]:
    return [d for d in decisions.read_decisions(tx, until=at) if isinstance(d, Same | NotSame)]


def _emails(emails: tuple[str, ...], ego: Ego) -> tuple[Identity, ...]:
    return tuple(Identity(email) for email in emails if email not in ego)
