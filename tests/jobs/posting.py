"""A digest that is written and put into the outbox, and a post that carries it once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

from daemon.config.model import Delivery
from daemon.delivery.transport import Transport
from daemon.jobs.compose import compose, remember
from daemon.jobs.deliver import Delivered, deliver_due
from daemon.jobs.morning import render
from daemon.store import outbox
from daemon.store.database import Database
from daemon.store.outbox import Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.world import ANA, AT, BASIS, ME, days_ago, know, letter
from tests.servers.smtp import Server

ON = AT.date()
KEY = b"k" * 32
DELIVERY = Delivery()
HOUR = timedelta(hours=1)
ASKED = (
    letter("a", ME, (ANA,), at=days_ago(30)),
    letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
)


def written(at: datetime = AT) -> Outgoing:
    engine = know(*ASKED)
    composed = compose(engine, BASIS, at=at, rules=Rules(), reply_to=ME.email)
    return render(composed, delivery=DELIVERY, key=KEY, owner=ME.email)


PREPARED = written()


class PowerCut(Exception):
    """The machine stops here."""


def prepare(engine: Database, at: datetime = AT) -> Outgoing:
    composed = compose(engine, BASIS, at=at, rules=Rules(), reply_to=ME.email)
    outgoing = render(composed, delivery=DELIVERY, key=KEY, owner=ME.email)
    remember(engine, composed, outgoing, now=at)
    return outgoing


def go(engine: Database, way: Transport, at: datetime = AT, **more: Any) -> Delivered:
    return deliver_due(engine, way, at=at, sender=ME.email, to=ME.email, **more)


def today(engine: Database) -> Outgoing:
    with engine.connect() as connection:
        found = outbox.read_outgoing(connection, ON)
    assert found is not None
    return found


def looker(server: Server) -> Callable[[str], bool]:
    """Look for a mail where the server put it."""
    return lambda name: name in [message_from_bytes(raw)["Message-ID"] for raw in server.taken]
