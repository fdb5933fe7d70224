"""An account that was read -> the addresses it says are its own, asked for once a day.

What it says is taken for the owner's, as are the addresses that mail shows to be. Asking is a
kindness of the service's: where it fails, the reading has succeeded all the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.protocol import Account, Connector
from daemon.store import sources
from daemon.store.database import Database
from daemon.store.sources import Source

ASKED_EVERY = timedelta(days=1)
"""How often an account is asked: its owner makes a new alias a few times in a life."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an account answered; ``addresses`` is None where it did not."""

    addresses: tuple[str, ...] | None


def ask(connector: Connector, source: Source, *, at: datetime) -> Told | None:
    """Ask the account of ``source``, which was just read; None where it need not be asked.

    Args:
        connector: Still open.
        source: With when it was asked last.
        at: The present.
    """
    if not isinstance(connector, Account) or _was_asked_lately(source, at):
        return None
    try:
        return Told(connector.list_addresses())
    except Exception:  # noqa: BLE001 -- whatever goes wrong here, the mail was read
        return Told(None)


def note(engine: Database, source: Source, told: Told | None, *, at: datetime) -> None:
    """Keep what the account of ``source`` said, if it was asked."""
    if told is not None:
        sources.note_asked(engine, source.name, told.addresses, at=at)


def _was_asked_lately(source: Source, at: datetime) -> bool:
    # An instant that lies ahead was noted by a clock that was wrong.
    return source.asked_at is not None and timedelta() <= at - source.asked_at < ASKED_EVERY
