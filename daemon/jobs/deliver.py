"""Send the digest of a day that lies in the outbox: once, whatever happens in between."""

from collections.abc import Callable
from datetime import date, datetime

from daemon.store import outbox
from daemon.store.database import Database

Transport = Callable[[bytes, str], bool]
"""Sends a message with its Message-ID; returns False if it was there already."""


def deliver(engine: Database, on: date, transport: Transport, *, at: datetime) -> bool:
    """Send the digest of ``on`` unless it was sent; return whether this call sent it.

    A row that was claimed and never marked is sent again: ``transport`` must know a
    Message-ID it has seen.
    """
    with engine.connect() as connection:
        waiting = outbox.read_outgoing(connection, on)
    if waiting is None or waiting.state == "sent":
        return False
    outbox.move(engine, on, before="ready", after="claimed", at=at)
    is_new = transport(waiting.message, waiting.message_id)
    outbox.move(engine, on, before="claimed", after="sent", at=at)
    return is_new
