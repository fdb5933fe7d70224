"""Turns a mailbox on an Exchange Server into batches, and changes nothing there but by sending."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from connectors.errors import Misconfigured, Unavailable
from connectors.exchange.settings import ExchangeSettings
from connectors.pace import Waiting
from connectors.protocol import Batch, Cursor

if TYPE_CHECKING:
    from connectors.exchange.session import Session


class ExchangeConnector:
    """Reads mail, calendars and contacts of one mailbox by EWS, as exchangelib speaks it.

    Of mail, all folders but drafts, junk and what was deleted, those that were sent first; that
    one was deleted is not reported: it was written all the same. A message is named after its
    head, so it stays itself when it is moved. Within a folder the order is the server's.
    """

    settings_type: ClassVar[type[ExchangeSettings]] = ExchangeSettings

    def __init__(self, settings: ExchangeSettings, *, since: datetime) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since = settings, since
        self._session: Session | None = None

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has changed since ``cursor``.

        Raises:
            CursorExpired: The server does not know it any more; or it was issued for another
                mailbox, url, zone or reading.
            AccessDenied: The server refuses the user or the secret.
            Misconfigured: A setting cannot be right; the mailbox may be at Exchange Online.
            Unavailable: The server cannot be reached, is busy for too long, or is not understood.
        """
        yield from self._opened().read(cursor, self._since)

    def holds(self, message_id: str) -> bool:
        """Return whether a message with this ``Message-ID`` is in any folder, trash included.

        Args:
            message_id: With its angle brackets.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does.
        """
        if not (message_id.isascii() and message_id.isprintable()):
            return False
        return self._opened().holds(message_id)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 -- the protocol's
        """Say that this server does not tell when mail comes.

        Raises:
            Unavailable: At once.
        """
        raise Unavailable("Exchange cannot tell; polling must do")

    def list_addresses(self) -> tuple[str, ...]:
        """Return the mailbox's addresses, aliases included, as the directory has them.

        Of aliases the directory gives out three at the most. Source: Microsoft, "Key
        (EmailAddressKeyType)" in the EWS reference.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does.
        """
        return self._opened().list_addresses()

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Have ``message`` sent, without a copy in the sent folder.

        Raises:
            Unavailable, AccessDenied, Misconfigured: It was not taken.
            InDoubt: The server did not say whether it was.
        """
        if not (sender and to):
            raise Misconfigured("a mail needs a sender and a recipient")
        self._opened().send(message)

    def check_sending(self) -> None:
        """Try everything but the sending.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`send` would.
        """
        self._opened().check_sending()

    def close(self) -> None:
        """End a poll, from whatever thread, and hang up. Idempotent."""
        if isinstance(self._settings.clock, Waiting):
            self._settings.clock.end()
        if self._session is not None:
            self._session.close()
            self._session = None

    def _opened(self) -> "Session":
        if isinstance(self._settings.clock, Waiting):
            self._settings.clock.begin()
        if self._session is None:
            self._settings.check()
            # Loaded late, decision 0003: exchangelib takes a second.
            module = import_module("connectors.exchange.session")
            session: Session = module.Session(self._settings)
            self._session = session
        return self._session
