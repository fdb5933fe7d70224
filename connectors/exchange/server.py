"""Questions about a mailbox -> the elements that its server answers, asked until it is not busy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from exchangelib import CalendarItem, Contact, EWSDateTime, ExtendedProperty, Message, errors
from exchangelib.ewsdatetime import UTC
from exchangelib.fields import ExtendedPropertyField, FieldPath
from exchangelib.folders import Folder
from exchangelib.properties import (
    CalendarView,
    DistinguishedFolderId,
    FolderId,
    ItemId,
    Mailbox,
    RecurringMasterItemId,
)
from lxml import etree

from connectors.errors import AccessDenied, ConnectorError, InDoubt, Unavailable
from connectors.exchange import services
from connectors.exchange.elements import id_of, kind_of
from connectors.exchange.troubles import RAISED, Missing, explain, is_perhaps_done
from connectors.exchange.wire import Refused, TooLarge
from connectors.pace import Busy, Clock, Patience

PAGE_LIMIT = 512
"""Changes that one request may ask for. Source: Microsoft, "MaxChangesReturned"."""
FEW = 4
"""Items that may have a problem each; where more are all refused, the server has one."""
TRANSPORT_HEADERS = 0x7D
"""The header block as it arrived. Source: MS-OXPROPS, PidTagTransportMessageHeaders."""

_NOT_GIVEN = "the server does not give it out"

T = TypeVar("T")
Ids = Sequence[str]
Fields = Sequence[Any]


class _TransportHeaders(ExtendedProperty):  # type: ignore[misc]  # untyped library
    property_tag = TRANSPORT_HEADERS
    property_type = "String"


_CLASSES = {"message": Message, "event": CalendarItem, "card": Contact, "folder": Folder}


def fields_of(kind: str, *names: str) -> Fields:
    """Return what to ask of an item, by exchangelib's names for it.

    Args:
        kind: "message", "event", "card" or "folder".
        names: Of its fields; "transport_headers" for TRANSPORT_HEADERS.
    """
    headers = ExtendedPropertyField("transport_headers", value_cls=_TransportHeaders)
    known = _CLASSES[kind]
    return [
        FieldPath(headers if name == headers.name else known.get_field_by_fieldname(name))
        for name in names
    ]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an item: "Create", "Update", "Delete" or "ReadFlagChange"."""

    kind: str
    id: str
    item: etree._Element


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes of a folder, and the state to ask for further ones with."""

    changes: tuple[Change, ...]
    state: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the server gives out of one item: nothing where it has gone, or has a problem."""

    id: str
    item: etree._Element | None = None
    problem: str = ""


class Server:
    """One mailbox at one server."""

    def __init__(self, account: Any, place: str, clock: Clock) -> None:
        """Remember whom to ask.

        Args:
            account: As ``connectors.exchange.account`` opens one.
            place: The server, as an error may name it.
            clock: What is waited by while it is busy.
        """
        self._account, self.place = account, place
        self._patience = Patience(clock)
        self._is_let_in = False

    def ask(self, question: Callable[[], T]) -> T:
        """Return the answer to ``question``, asked again while the server is busy.

        Raises:
            Missing: What is asked for is not there.
            CursorExpired: The server does not know a state any more.
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        return self._patience.ask(lambda: self._try(question))

    def _try(self, question: Callable[[], T]) -> T:
        try:
            answer = question()
        except RAISED as problem:
            meaning = explain(problem, self.place, is_let_in=self._is_let_in)
        else:
            self._is_let_in = True
            return answer
        # Raised out here: the error above holds what the server wrote.
        raise meaning

    def known_folders(self, names: Ids, fields: Fields) -> Mapping[str, etree._Element]:
        """Return those of the folders that every mailbox may have, by name, which this one has."""
        asked = [self._known(name) for name in names]
        service = services.GetFolders(account=self._account)
        found = self.ask(
            lambda: list(service.call(folders=asked, additional_fields=fields, shape="IdOnly"))
        )
        present = zip(names, found, strict=False)
        return {name: one for name, one in present if isinstance(one, etree._Element)}

    def all_folders(self, fields: Fields) -> list[etree._Element]:
        """Return all folders of the mailbox, however deep, in the server's order."""
        service = services.FindFolders(account=self._account)
        found = self.ask(lambda: list(service.below(self._known("msgfolderroot"), list(fields))))
        return [one for one in found if isinstance(one, etree._Element)]

    def changes(self, folder: str, state: str, limit: int, fields: Fields = ()) -> Changes:
        """Return at most ``limit`` changes of ``folder`` since ``state``, "" for the beginning.

        Raises:
            Missing: The folder is not there any more.
            CursorExpired: The server does not know ``state``.
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        service = services.SyncItems(account=self._account)

        def question() -> list[etree._Element]:
            return list(
                service.call(
                    folder=FolderId(id=folder),
                    shape="IdOnly",
                    additional_fields=fields,
                    sync_state=state,
                    ignore=None,
                    max_changes_returned=min(limit, PAGE_LIMIT),
                    sync_scope=None,
                )
            )

        found = [_read_change(element) for element in self.ask(question)]
        return Changes(tuple(found), service.sync_state, service.includes_last_item_in_range)

    def items(self, ids: Ids, fields: Fields) -> list[Found]:
        """Return items by their identifiers, in that order."""
        return self._items(ids, [ItemId(id=one) for one in ids], fields)

    def masters(self, occurrences: Ids, fields: Fields) -> list[Found]:
        """Return the series that occurrences belong to, in their order."""
        asked = [RecurringMasterItemId(id=one) for one in occurrences]
        return self._items(occurrences, asked, fields)

    def _items(self, names: Ids, asked: Sequence[Any], fields: Fields) -> list[Found]:
        """Ask for all at once; where that is too much to take, for half of them at a time.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As for any question; also where all of more
                than ``FEW`` items are refused, or nothing else is answered either.
        """
        if not names:
            return []
        refused: list[Any] = []
        try:
            answers = self.ask(lambda: self._get_items(asked, fields, refused))
        except TooLarge as trouble:
            if len(names) == 1:
                return [Found(names[0], problem=str(trouble))]
            half = len(names) // 2
            first = self._items(names[:half], asked[:half], fields)
            return first + self._items(names[half:], asked[half:], fields)
        except (AccessDenied, Unavailable):
            if not refused or len(names) > FEW or not self._answers_otherwise():
                raise
            return [Found(name, problem=_NOT_GIVEN) for name in names]
        return [_read_found(name, one) for name, one in zip(names, answers, strict=True)]

    def _answers_otherwise(self) -> bool:
        """Ask something harmless, to tell a server with a problem from items that have one."""
        try:
            return "inbox" in self.known_folders(("inbox",), ())
        except (ConnectorError, Missing):
            return False

    def _get_items(self, asked: Sequence[Any], fields: Fields, refused: list[Any]) -> list[Any]:
        """Ask for items once; ``refused`` holds what they were answered with if all failed."""
        refused.clear()
        service = services.GetItems(account=self._account)
        found = list(service.call(items=asked, additional_fields=fields, shape="IdOnly"))
        if len(found) != len(asked):
            raise ValueError("other items than were asked for")
        failures = [one for one in found if isinstance(one, services.FAILURES)]
        if len(failures) == len(found):
            refused += failures
            raise failures[0]  # perhaps it is not the items that have a problem
        return found

    def view(
        self, calendar: str, start: datetime, end: datetime, limit: int, fields: Fields
    ) -> list[etree._Element]:
        """Return what a calendar shows between two instants, series unfolded, earliest first.

        Args:
            calendar: The folder's identifier.
            start: Events that end later are shown,
            end: and begin before; at most two years later.
            limit: Events at the most.
            fields: What to ask of each.
        """
        span = (EWSDateTime.from_datetime(at).astimezone(UTC) for at in (start, end))
        view = CalendarView(**dict(zip(("start", "end"), span, strict=True)), max_items=limit)
        return self._find([calendar], limit, additional_fields=fields, calendar_view=view)

    def holds(self, folders: Ids, message_id: str) -> bool:
        """Return whether one of ``folders`` holds a message with this ``Message-ID``."""
        return bool(self._find(folders, 1, restriction=services.HasMessageId(message_id)))

    def _find(self, folders: Ids, limit: int, **wishes: Any) -> list[etree._Element]:
        service = services.FindItems(account=self._account, page_size=limit)
        usual = {"additional_fields": None, "restriction": None, "calendar_view": None}
        return self.ask(
            lambda: _elements(
                service.call(
                    folders=[FolderId(id=folder) for folder in folders],
                    order_fields=None,
                    shape="IdOnly",
                    query_string=None,
                    depth="Shallow",
                    max_items=limit,
                    offset=0,
                    **(usual | wishes),
                )
            )
        )

    def send(self, message: bytes) -> None:
        """Have ``message`` sent, without a copy among what was sent.

        Raises:
            Unavailable, AccessDenied, Misconfigured: It was not taken.
            InDoubt: Nobody knows.
        """
        self._patience.ask(lambda: self._send(message))

    def _send(self, message: bytes) -> None:
        doubt = InDoubt(f"{self.place} did not say whether it sends the message")
        service = services.CreateItem(account=self._account)
        try:
            answers = list(
                service.call(
                    items=[Message(mime_content=message)],
                    folder=None,
                    message_disposition="SendOnly",
                    send_meeting_invitations="SendToNone",
                )
            )
            problem = next((one for one in answers if isinstance(one, Exception)), None)
        except Refused:
            raise
        except (Busy, Unavailable):
            raise doubt from None
        except RAISED as raised:
            problem = raised
        if problem is not None:
            refusal = explain(problem, self.place, is_let_in=self._is_let_in)
            raise doubt if is_perhaps_done(problem) else refusal

    def resolve(self, name: str) -> list[etree._Element]:
        """Return whom the directory knows by ``name``."""
        service = services.Resolve(protocol=self._account.protocol)
        return self.ask(
            lambda: _elements(
                service.call(
                    unresolved_entries=[name],
                    return_full_contact_data=True,
                    search_scope="ActiveDirectory",
                )
            )
        )

    def close(self) -> None:
        """Let go of what the library holds. Idempotent."""
        self._account.protocol.close()

    def _known(self, name: str) -> DistinguishedFolderId:
        owner = Mailbox(email_address=self._account.primary_smtp_address)
        return DistinguishedFolderId(id=name, mailbox=owner)


def _elements(found: Iterable[Any]) -> list[etree._Element]:
    return [one for one in found if isinstance(one, etree._Element)]


def _read_change(element: etree._Element) -> Change:
    """Take a change apart: what is deleted has no item about its identifier."""
    item = element if id_of(element) else element[0]
    return Change(kind_of(element), id_of(item), item)


def _read_found(name: str, answer: Any) -> Found:
    if isinstance(answer, errors.ErrorItemNotFound):
        return Found(name)
    if isinstance(answer, Exception):
        return Found(name, problem=_NOT_GIVEN)
    return Found(name, answer)
