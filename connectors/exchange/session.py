"""Settings -> a mailbox that is signed in to: read, searched, sent from, until it is closed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TypeVar

from lxml import etree

from connectors.errors import Misconfigured, Unavailable
from connectors.exchange.account import open_account
from connectors.exchange.autodiscover import find_url
from connectors.exchange.elements import TYPES, text_of
from connectors.exchange.folders import list_mail_folders
from connectors.exchange.reader import Reader
from connectors.exchange.server import Server
from connectors.exchange.settings import ExchangeSettings
from connectors.exchange.troubles import Missing
from connectors.exchange.wire import Wire
from connectors.formats.addresses import normalise
from connectors.http import Bounds
from connectors.protocol import Batch, Cursor
from connectors.web_address import WebAddress

BOUNDS = Bounds()
"""What one answer may cost: 16 MB, 60 seconds. A longer one is asked for in parts."""

T = TypeVar("T")


class Session:
    """One mailbox, signed in to when the first question is asked."""

    def __init__(self, settings: ExchangeSettings) -> None:
        """Remember the settings; touch nothing yet."""
        self._settings = settings
        self._wire = Wire(
            allow_private=settings.allow_private, ca_file=settings.ca_file, bounds=BOUNDS
        )
        self._server: Server | None = None

    def read(self, cursor: Cursor | None, since: datetime) -> Iterator[Batch]:
        """Yield what has changed since ``cursor``.

        Raises:
            CursorExpired: The cursor is not known, or not any more.
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        server = self._signed_in()
        try:
            yield from Reader(server, self._settings, cursor, since=since).batches()
        except Missing as missing:
            raise Unavailable(str(missing)) from None

    def holds(self, message_id: str) -> bool:
        """Return whether a message with this ``Message-ID`` is in any folder, trash included."""
        return self._ask(partial(_holds, message_id))

    def list_addresses(self) -> tuple[str, ...]:
        """Return the mailbox's address, and those that the directory has of it besides."""
        own = self._settings.mailbox
        found = self._ask(lambda server: server.resolve(own))
        same = (one for one in found if text_of(one, "Mailbox", "EmailAddress").lower() == own)
        return tuple(sorted({own, *(email for one in same for email in _proxies(one))}))

    def send(self, message: bytes) -> None:
        """Have ``message`` sent; first of all, see whether the server can be reached at all."""
        self.check_sending()
        self._ask(lambda server: server.send(message))

    def check_sending(self) -> None:
        """Sign in, and look whether the mailbox is there."""
        if not self._ask(lambda server: server.known_folders(("outbox",), ())):
            raise Misconfigured("the mailbox has no outbox for this user; check user and address")

    def close(self) -> None:
        """Hang up. Idempotent."""
        self._wire.close()
        if self._server is not None:
            self._server.close()

    def _ask(self, question: Callable[[Server], T]) -> T:
        try:
            return question(self._signed_in())
        except Missing as missing:
            raise Unavailable(str(missing)) from None

    def _signed_in(self) -> Server:
        if self._server is None:
            settings = self._settings
            url = settings.url or find_url(settings, self._wire)
            account = open_account(settings, url, self._wire)
            self._server = Server(account, WebAddress.parse(url).place, settings.clock)
        return self._server


def _holds(message_id: str, server: Server) -> bool:
    """Search the inbox and what was sent first, where it is most often."""
    folders = [folder.id for folder in list_mail_folders(server)]
    return any(server.holds(some, message_id) for some in (folders[:2], folders[2:]) if some)


def _proxies(resolution: etree._Element) -> Iterator[str]:
    """Yield the addresses of a directory's entry; those of other kinds than SMTP are none here.

    Source: Microsoft, "proxyAddresses": a kind, a colon, an address.
    """
    for entry in resolution.iterfind(f".//{TYPES}EmailAddresses/{TYPES}Entry"):
        kind, colon, address = (entry.text or "").strip().rpartition(":")
        email = normalise(address)
        if email and (not colon or kind.lower() == "smtp"):
            yield email
