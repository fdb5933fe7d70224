"""A mailbox at Microsoft, as Microsoft Graph v1.0 tells of it.

Built from the shapes in these documents of Microsoft's:

- the bearer token, 401 and 403, the errors' JSON and its codes: "Error responses".
- 429 and ``Retry-After``: "Throttling guidance"; four requests at once: "Service-specific
  throttling limits", Outlook service.
- immutable IDs: "Obtain immutable identifiers for Outlook resources".
- ``GET /me/mailFolders`` and ``/{id}/childFolders``: "List mailFolders", "List childFolders";
  ``/me/mailFolders/{name}``: "Get mailFolder", with the names of "mailFolder resource type".
- ``GET /me/mailFolders/{id}/messages/delta``: "message: delta" and "Get incremental changes to
  messages in a folder"; items told in part: "Use delta query", and microsoft-graph-docs issue
  7776; forgotten tokens: "Error responses" and issue 2350.
- ``GET /me/messages/{id}``: "Get message"; the body as text: its example 3; a MAPI property:
  "Get singleValueLegacyExtendedProperty"; no body with Mail.ReadBasic: "Permissions reference".
- ``GET /me/messages?$filter=``, ``/me/mailFolders/inbox/messages``: "List messages".
- ``POST /me/sendMail``: "user: sendMail", example 4, and what it says of Sent Items.
- ``GET /me/calendars``: "List calendars"; ``/me/calendars/{id}/calendarView/delta``: "event:
  delta" and "Get incremental changes to events in a calendar view"; occurrences: issue 7632;
  a series that changed: pull request 4501; the widest window: issue 6284.
- ``GET /me/events/{id}``: "Get event".
- ``GET /me/contactFolders``, ``/me/contacts/delta``, ``/me/contactFolders/{id}/contacts/delta``,
  ``/me/contacts/{id}``: "List contactFolders", "contact: delta", "Get contact".

Nothing but ``sendMail`` changes anything: all other methods are answered with 405.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

from tests.servers.api import Call, Reply, Served, Service
from tests.servers.graph_items import OWNER
from tests.servers.graph_pages import CalendarPages, ContactPages, MailPages, Page
from tests.servers.graph_store import Shelf, state_of
from tests.servers.graph_telling import Gate, Telling, Wrong, wrong
from tests.servers.microsoft_login import MicrosoftLogin
from tests.servers.web import Exchange, serve

KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "drafts": "Drafts",
    "outbox": "Outbox",
    "junkemail": "Junk Email",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
}
_MAIL = frozenset({"Mail.ReadBasic", "Mail.Read"})
_CALENDARS = frozenset({"Calendars.ReadBasic", "Calendars.Read"})
_CONTACTS = frozenset({"Contacts.Read"})


@dataclass
class GraphMailbox:
    """One account; ``login`` says what a token permits."""

    login: MicrosoftLogin
    telling: Telling = field(default_factory=Telling)
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        self.mail = MailPages(self.telling)
        self.events = CalendarPages(self.telling)
        self.contacts = ContactPages(self.telling)
        self._routes: list[tuple[str, frozenset[str], Page]] = [
            (r"mailFolders(?:/([^/]+)/childFolders)?", _MAIL, self.mail.list_folders),
            (r"mailFolders/([^/]+)/messages/delta", _MAIL, self.mail.delta),
            (r"mailFolders/([^/]+)/messages", _MAIL, self.mail.newest),
            (r"mailFolders/([^/]+)", _MAIL, self.mail.folder),
            (r"messages", _MAIL, self.mail.find),
            (r"messages/([^/]+)", _MAIL, self.mail.message),
            (r"calendars", _CALENDARS, self.events.list_all),
            (r"calendars/([^/]+)/calendarView/delta", _CALENDARS, self.events.delta),
            (r"events/([^/]+)", _CALENDARS, self.events.event),
            (r"contactFolders", _CONTACTS, self.contacts.list_folders),
            (r"()contacts/delta", _CONTACTS, self.contacts.delta),
            (r"contactFolders/([^/]+)/contacts/delta", _CONTACTS, self.contacts.delta),
            (r"contacts/([^/]+)", _CONTACTS, self.contacts.contact),
        ]
        for kind, name in KNOWN.items():
            self.add_folder(name, kind=kind)
        owner = {"name": "Owner", "address": OWNER}
        self.calendar = self.add_calendar(
            "Calendar", canEdit=True, isDefaultCalendar=True, owner=owner
        )
        self.book = self.add_book("Contacts")

    def __getitem__(self, name: str) -> Shelf:
        """Return a mail folder by a name of Graph's own, or by that which the owner sees."""
        shelves = self.mail.shelves.values()
        return next(one for one in shelves if name in (one.kind, one.name))

    def add_folder(self, name: str, *, within: str = "", kind: str = "", **facts: Any) -> Shelf:
        shelf = Shelf(name, self[within].key if within else "", kind, facts)
        return self.mail.shelves.setdefault(shelf.key, shelf)

    def add_calendar(self, name: str, **facts: Any) -> Shelf:
        shelf = Shelf(name, facts=facts)
        return self.events.shelves.setdefault(shelf.key, shelf)

    def add_book(self, name: str) -> Shelf:
        shelf = Shelf(name)
        return self.contacts.shelves.setdefault(shelf.key, shelf)

    def state(self) -> str:
        """Return all that another client could see."""
        parts = (self.mail, self.events, self.contacts)
        shelves = [shelf for part in parts for shelf in part.shelves.values()]
        return f"{state_of(shelves)} {self.mail.sent}"

    def answer(self, call: Call) -> Reply:
        """Answer one request."""
        try:
            grant = self.login.grant_of(call.token)
            if grant is None:
                raise Wrong(401, "InvalidAuthenticationToken")
            return self._route(call, call.path.removeprefix("/v1.0/me/"), grant.scopes)
        except Wrong as problem:
            return problem.reply

    def _route(self, call: Call, path: str, scopes: frozenset[str]) -> Reply:
        if (call.method, path) == ("POST", "sendMail"):
            return self.mail.send(call, scopes)
        if call.method != "GET":
            raise Wrong(405, "MethodNotAllowed")
        for pattern, needed, page in self._routes:
            if found := re.fullmatch(pattern, path):
                if needed.isdisjoint(scopes):
                    raise Wrong(403, "ErrorAccessDenied")
                return page(call, scopes, *found.groups())
        raise Wrong(400, "BadRequest")


@contextmanager
def running_at(service: Service, context: ssl.SSLContext, gate: Gate) -> Iterator[Served]:
    """Run ``service`` on loopback; more than four requests at once are refused."""
    with serve(context=context, host="localhost") as site:
        served = Served(site.url, service)

        def answer(exchange: Exchange) -> None:
            # A head and a body are sent one after the other: Nagle's algorithm costs 40 ms.
            exchange.connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            with gate.passing() as is_room:
                if is_room:
                    return served.answer(exchange)
                return exchange.answer(429, wrong(429, "ApplicationThrottled").body)

        site.fallback = answer
        yield served
