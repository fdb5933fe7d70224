"""A desk at which replies arrive: Mara's digest of the day, two sources, and what came of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import sqlalchemy as sa

from connectors.observations import Message
from connectors.protocol import Batch, Cursor
from daemon.config.model import Delivery
from daemon.interactions.model import Ego
from daemon.jobs.answer import Answered, answer
from daemon.jobs.basis import Basis
from daemon.jobs.glean import glean
from daemon.store import ingest, offers, outbox, schema, sources
from daemon.store.database import Database, open_scratch, writing
from daemon.store.decisions import read_all
from daemon.store.offers import Offer
from daemon.store.sources import Source
from daemon.suggestions.model import Rules, SuggestionKey
from tests.core.commands.mails import AT, ON, OWNER, TRUST, Mail

BASIS = Basis(frozenset({OWNER}))
SANA, MAREK = SuggestionKey("reply:sana"), SuggestionKey("article:marek")
ITEMS = (
    Offer(ON, 1, SANA, "reply", ("sana@example.com",), who="Sana Iqbal", why="she asked."),
    Offer(ON, 2, MAREK, "article", ("marek@example.com",), who="Marek Dvořák", why="it fits."),
)


def open_database() -> Database:
    """A database that remembers the digest of the day and knows two sources."""
    engine = open_scratch()
    for name in ("mail", "archive"):
        sources.register(engine, Source(name, "memory", "", "headers"))
    with writing(engine) as tx:
        offers.replace_offers(tx, ON, ITEMS, now=AT - timedelta(hours=5))
    return engine


def receive(engine: Database, *mails: Mail) -> None:
    """Store what a poll of each mail's source brings, all texts read in memory."""
    for mail in mails:
        take(engine, [mail.read()], mail)


def take(engine: Database, found: Iterable[Message], mail: Mail) -> None:
    expected = ingest.cursor_of(engine, mail.source)
    batch = Batch(tuple(found), Cursor(str(int(expected or "0") + 1)))
    gleaned = glean(
        batch.observations, Ego(BASIS.addresses), at=mail.at, source=mail.source, trust=mail.trust
    )
    ingest.commit(engine, mail.source, batch, expected=expected, at=mail.at, gleaned=gleaned)


def obey_all(engine: Database, *, at: datetime = AT, budget: int = 5) -> Answered:
    return answer(
        engine,
        BASIS,
        TRUST,
        at=at,
        rules=Rules(budget=budget),
        delivery=Delivery(),
        reply_to=OWNER,
    )


def decided(engine: Database) -> list[object]:
    with engine.connect() as connection:
        return [one.decision for one in read_all(connection)]


def told(engine: Database) -> list[EmailMessage]:
    """The mails in the outbox."""
    with engine.connect() as connection:
        waiting = outbox.read_unsent(connection, at=AT + timedelta(days=99))
    parsed = [message_from_bytes(one.message, policy=policy.default) for one in waiting]
    return [one for one in parsed if isinstance(one, EmailMessage)]


def states(engine: Database) -> list[tuple[str, str]]:
    """Each reply's state, and its words."""
    with engine.connect() as connection:
        query = sa.select(schema.replies.c.state, schema.replies.c.words)
        return [(state, words) for state, words in connection.execute(query)]


def stored(engine: Database) -> str:
    """All that is kept, outbox aside, as text."""
    kept = [table for table in schema.metadata.sorted_tables if table is not schema.outbox]
    with engine.connect() as connection:
        return "\n".join(repr(row) for t in kept for row in connection.execute(sa.select(t)))
