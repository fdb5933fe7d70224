"""One account at Microsoft: its contacts, calendars and mail as batches, and mail that it sends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.document import origin_of
from connectors.errors import Misconfigured, Unavailable
from connectors.graph.calendar import CalendarReader
from connectors.graph.client import Graph
from connectors.graph.contacts import ContactReader
from connectors.graph.cursors import Place, resume
from connectors.graph.deltas import Collection, Follower
from connectors.graph.mail import MailReader
from connectors.graph.settings import GraphSettings
from connectors.graph.troubles import Refused
from connectors.graph.values import items_in, text_in
from connectors.protocol import Batch, Cursor, Desk
from connectors.wanted import NEWSLETTERS, TextRule

N_NEWEST = 50
"""Messages of the inbox that are looked through for one that was given another Message-ID."""

_NAMING = frozenset({"x-microsoft-original-message-id", "references"})
"""Where the Message-ID stands then. Source: reports of what Microsoft's own SMTP service does."""


class GraphAccount:
    """Does for one account what ``GraphConnector`` promises. Close it."""

    def __init__(self, settings: GraphSettings, *, since: datetime) -> None:
        """Ask nobody yet.

        Raises:
            Misconfigured: A setting cannot be right.
        """
        self._settings, self._since = settings, since
        self._graph = Graph(settings)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """See ``GraphConnector.poll``."""
        account = self._graph.begin()
        settings = self._settings
        # Tokens are the account's own, and hold what was selected, which the reading decides.
        origin = origin_of("graph", settings.url, account.key, settings.read, settings.zone)
        place = resume(cursor, origin)
        follower = Follower(self._graph, place)
        try:
            calendars = self._calendars(account.address)
            if calendars:
                yield from self._move_window(calendars, follower)
            yield from follower.follow([*self._collections(calendars, follower.place)])
        except Refused as refused:
            raise Unavailable(str(refused)) from None
        yield from follower.finish()

    def holds(self, message_id: str) -> bool:
        """See ``GraphConnector.holds``."""
        if not self._settings.reads("mail"):
            raise Unavailable("this account is not read for mail")
        literal = message_id.replace("'", "''")
        wanted = quote(f"internetMessageId eq '{literal}'", safe="'")
        query = f"$filter={wanted}&$select=id&$top=1"
        try:
            page = self._graph.get("/me/messages", query, read=self._graph.read_page)
            return bool(page.items) or self._has_arrived_renamed(message_id)
        except Refused as refused:
            raise Unavailable(str(refused)) from None

    def _has_arrived_renamed(self, message_id: str) -> bool:
        """Ask whether one of the newest messages came in under another name than this, its own."""
        query = f"$select=internetMessageHeaders&$top={N_NEWEST}&$orderby=receivedDateTime%20desc"
        path = "/me/mailFolders/inbox/messages"
        page = self._graph.get(path, query, read=self._graph.read_page)
        fields = (one for item in page.items for one in items_in(item, "internetMessageHeaders"))
        return any(
            text_in(one, "name").lower() in _NAMING and message_id in text_in(one, "value")
            for one in fields
        )

    def send(self, message: bytes) -> None:
        """See ``GraphConnector.send``."""
        self._require_sending()
        self._graph.send_mail(message)

    def check_sending(self) -> None:
        """See ``GraphConnector.check_sending``."""
        self._require_sending()
        self._graph.begin()

    def list_addresses(self) -> tuple[str, ...]:
        """See ``GraphConnector.list_addresses``."""
        address = self._graph.sign_in.account().address
        return (address,) if address else ()

    def sign_in(self, desk: Desk) -> str:
        """See ``GraphConnector.sign_in``."""
        return self._graph.sign_in.begin(desk)

    def close(self) -> None:
        """End what runs in another thread, and all connections. Idempotent."""
        self._graph.close()

    def _calendars(self, owner: str | None) -> CalendarReader | None:
        if not self._settings.reads("calendar"):
            return None
        return CalendarReader(self._graph, self._settings, since=self._since, owner=owner)

    def _move_window(self, calendars: CalendarReader, follower: Follower) -> Iterator[Batch]:
        """Read what is left of the window that was read, if the present one is another."""
        place = follower.place
        horizon = calendars.horizon(place)
        if place.horizon not in (0, horizon):
            left = [one for one in calendars.collections(place.horizon) if one.key in place.marks]
            yield from follower.leave(left)
        follower.place = replace(follower.place, horizon=horizon)

    def _collections(self, calendars: CalendarReader | None, place: Place) -> Iterator[Collection]:
        """Yield what is read: contacts and calendars first, for they are soon read.

        A large mailbox takes hours, and until then nobody's birthday would be known.
        """
        settings = self._settings
        if settings.reads("contacts"):
            yield from ContactReader(self._graph, settings).collections()
        if calendars:
            yield from calendars.collections(place.horizon)
        if settings.reads("mail"):
            newest = datetime.now(UTC) - NEWSLETTERS if settings.newsletters else None
            rule = TextRule(settings.read, settings.text_since, newest)
            reader = MailReader(self._graph, settings, rule, since=self._since)
            yield from reader.collections()

    def _require_sending(self) -> None:
        if not self._settings.sends:
            raise Misconfigured("this sign-in is for reading; mail is sent by a delivery's own")
