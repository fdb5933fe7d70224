"""Live mailboxes -> a word as soon as one may have new mail, so that replies are obeyed soon."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import cast

from connectors import registry
from connectors.errors import AccessDenied, ConnectorError, Misconfigured
from connectors.protocol import Connector, Mailbox
from daemon.jobs.basis import Basis
from daemon.jobs.refresh import connect
from daemon.store.sources import Source

WAIT_SECONDS = 29 * 60.0
"""Source: RFC 2177: a client ends IDLE at least every 29 minutes, before the server hangs up."""

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between two tries to wait; polling goes on meanwhile."""

OnNews = Callable[[str], None]


def is_live(source: Source) -> bool:
    """Return whether ``source`` is a mailbox that can be asked and waited for.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    return issubclass(registry.load(source.kind), Mailbox)


def holds(source: Source, basis: Basis, message_id: str) -> bool:
    """Return whether the live mailbox ``source`` holds a message with this Message-ID.

    Raises:
        ConnectorError: As the connector's.
    """
    connector = connect(source, basis)
    try:
        return cast(Mailbox, connector).holds(message_id)
    finally:
        connector.close()


class Watcher(Thread):
    """Waits for news at one live mailbox, on a connection of its own, until it is ended."""

    def __init__(self, source: Source, basis: Basis, on_news: OnNews) -> None:
        """Take what to wait for and whom to tell; start nothing yet."""
        super().__init__(name=f"watch-{source.name}", daemon=True)
        self._source, self._basis, self._on_news = source, basis, on_news
        self._is_over = Event()
        self._connector: Connector | None = None

    def end(self) -> None:
        """Close the connection, so that the wait ends. Idempotent."""
        self._is_over.set()
        if self._connector is not None:
            self._connector.close()

    def run(self) -> None:
        """Wait and tell, again and again; while the mailbox cannot be waited for, pause."""
        pause = FIRST_PAUSE
        # Access denied and wrong settings are told by polling; waiting then has no sense.
        with suppress(AccessDenied, Misconfigured):
            while not self._is_over.is_set():
                if self._wait():
                    pause = FIRST_PAUSE
                elif self._is_over.wait(pause):
                    return
                else:
                    pause = min(2 * pause, LONGEST_PAUSE)

    def _wait(self) -> bool:
        """Wait on one connection until it breaks; return whether it was of use at all."""
        is_of_use = False
        self._connector = connect(self._source, self._basis)
        # What came while nobody waited is nothing that a server tells those who wait.
        self._on_news(self._source.name)
        try:
            while not self._is_over.is_set():
                if cast(Mailbox, self._connector).wait(WAIT_SECONDS):
                    self._on_news(self._source.name)
                is_of_use = True
        except (AccessDenied, Misconfigured):
            raise
        except ConnectorError:
            return is_of_use
        finally:
            self._connector.close()
        return is_of_use


def watch(source: Source, basis: Basis, on_news: OnNews) -> Watcher:
    """Start to watch ``source``; what happens there is told to ``on_news`` by name."""
    watcher = Watcher(source, basis, on_news)
    watcher.start()
    return watcher


def list_live(wanted: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return those of ``wanted`` that are live mailboxes; one without a connector is none."""
    found = []
    for source in wanted:
        with suppress(Misconfigured):
            if is_live(source):
                found.append(source)
    return tuple(found)
