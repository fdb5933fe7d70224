"""Live mailboxes -> a word as soon as one may have new mail, so that replies are obeyed soon."""

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event, Thread
from time import monotonic
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
"""Seconds between two tries to wait, doubled each time; polling goes on meanwhile."""

STEADY_SECONDS = 300.0
"""A connection that lasted so long was of use, and the next pause is the first again.

It is longer than a server that is too slow can keep a client before the first wait.
Source: ``connectors.imap.session``: 60 s to sign in, 120 s to open the inbox.
"""

_NOT_NOW = (OSError, RuntimeError, ValueError)
"""What the keeper of a secret may raise while it is not there: a session bus that is gone, a
keyring without a way to it, an entry that is no text. Source: keyring 25, its backends."""

OnNews = Callable[[str], None]


def is_live(source: Source) -> bool:
    """Return whether ``source`` is a mailbox that can be asked and waited for.

    Raises:
        Misconfigured: There is no connector of that kind.
    """
    has_mail = "mail" in source.given.get("parts", ("mail",))
    return has_mail and issubclass(registry.load(source.kind), Mailbox)


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
                began = monotonic()
                self._wait()
                if monotonic() - began >= STEADY_SECONDS:
                    pause = FIRST_PAUSE
                self._is_over.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _wait(self) -> None:
        """Wait on one connection until it breaks."""
        self._connector = connect(self._source, self._basis)
        with closing(self._connector):
            mailbox = cast(Mailbox, self._connector)
            try:
                # A service that tells nobody of news says so here, and is polled as ever.
                mailbox.wait(0.0)
                # What came while nobody waited is nothing that a server tells those who wait.
                self._on_news(self._source.name)
                while not self._is_over.is_set():
                    if mailbox.wait(WAIT_SECONDS):
                        self._on_news(self._source.name)
            except (AccessDenied, Misconfigured):
                raise
            except (ConnectorError, *_NOT_NOW):
                return


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
