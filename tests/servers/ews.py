"""An Exchange Server of one mailbox, as far as kithd asks it: folders, items, what has changed.

Each answer follows Microsoft's EWS reference, under the operation's name; which properties are
given out is what was asked for. Where the schemas are at hand, every request and every answer
is held against them (see ``ews_xsd``).
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from lxml import etree

from tests.servers import ews_soap as soap
from tests.servers.api import Call, Reply, Served, running
from tests.servers.ews_xsd import Schemas
from tests.servers.web import Authority

USER, PASSWORD = "mara@example.org", "s3cret-canary-ews"
PATH = "/EWS/Exchange.asmx"
XML = {"Content-Type": "text/xml; charset=utf-8"}

_M, _T, _S = (f"{{{name}}}" for name in (soap.MESSAGES, soap.TYPES, soap.SOAP))
_KINDS = {"IPF.Appointment": "CalendarFolder", "IPF.Contact": "ContactsFolder"}
_HEADERS_TAG = "0x7d"


@dataclass
class Item:
    """One item: the element that it is, and its properties as elements by their names."""

    id: str
    kind: str
    properties: dict[str, str]
    problem: str = ""


@dataclass
class Occurrence:
    """One occurrence of a series; ``changed`` are the properties that make it an exception."""

    starts_at: datetime
    ends_at: datetime
    set_at: datetime | None = None
    changed: dict[str, str] | None = None


@dataclass
class Folder:
    """A folder, what is in it, and all that ever happened to it, oldest first."""

    id: str
    name: str
    kind: str = "IPF.Note"
    parent: str = "msgfolderroot"
    items: dict[str, Item] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    tag: str = ""


WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "drafts": "Drafts",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
    "syncissues": "Sync Issues",
}


class Exchange:
    """The mailbox. It is asked by one thread at a time."""

    def __init__(self, schemas: Schemas | None = None) -> None:
        self.schemas = schemas
        self.user, self.password, self.token = USER, PASSWORD, ""
        self.offers = 'Basic realm="mail"'
        self.version = "Exchange2013"
        self.epoch = 1
        self.n_given = 0
        self.complaints: list[str] = []
        self.sent: list[bytes] = []
        self.asked: list[tuple[str, etree._Element]] = []
        self.aliases: list[str] = [USER]
        self.series: dict[str, list[Occurrence]] = {}
        self.refusals: dict[str, str] = {}
        self._numbers = count(1)
        self.folders = {name: Folder(f"id-{name}=", shown) for name, shown in WELL_KNOWN.items()}
        self.folders["calendar"] = Folder("id-calendar=", "Calendar", "IPF.Appointment")
        self.folders["contacts"] = Folder("id-contacts=", "Contacts", "IPF.Contact")

    # What another client does.

    def add_folder(self, name: str, kind: str = "IPF.Note", *, parent: str = "") -> Folder:
        folder = Folder(f"id-{next(self._numbers)}=", name, kind, parent or "msgfolderroot")
        self.folders[folder.id] = folder
        return folder

    def add(self, where: str, kind: str, properties: Mapping[str, str], problem: str = "") -> Item:
        item = Item(f"AAMk{next(self._numbers):06}=", kind, dict(properties), problem)
        folder = self.folders[where]
        folder.items[item.id] = item
        folder.log.append(("Create", item.id))
        return item

    def change(self, where: str, item: Item, **properties: str) -> None:
        item.properties |= properties
        self.folders[where].log.append(("Update", item.id))

    def delete(self, where: str, item: Item) -> None:
        del self.folders[where].items[item.id]
        self.folders[where].log.append(("Delete", item.id))

    def move(self, here: str, there: str, item: Item) -> Item:
        """Move an item, which gives it another identifier."""
        self.delete(here, item)
        return self.add(there, item.kind, item.properties)

    def forget_states(self) -> None:
        """Make all states that were given out invalid."""
        self.epoch += 1

    # What it answers.

    def answer(self, call: Call) -> Reply:
        self._hold(call.body)
        if not self._is_signed(call):
            return Reply(401, b"", {"WWW-Authenticate": self.offers})
        root = etree.fromstring(call.body)
        question = root.find(f"{_S}Body")[0]  # type: ignore[index]  # a request has one
        name = str(etree.QName(question).localname)
        self.asked.append((name, question))
        if name in self.refusals:
            reply = soap.response(name, [soap.failure(name, self.refusals[name])], self.version)
        else:
            reply = self._answers[name](self, question)
        self._hold(reply)
        return Reply(200, reply, XML)

    def _is_signed(self, call: Call) -> bool:
        if self.token:
            return call.token == self.token
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return call.headers.get("authorization") == f"Basic {pair}"

    def _hold(self, document: bytes) -> None:
        if self.schemas is not None:
            self.complaints += self.schemas.complaints(document)

    def _get_folder(self, question: etree._Element) -> bytes:
        known = question.iterfind(f"{_M}FolderIds/{_T}DistinguishedFolderId")
        messages = []
        for name in (str(one.get("Id")) for one in known):
            if name in self.folders:
                given = soap.folder("Folder", self.folders[name].id, {})
                messages.append(soap.success("GetFolder", f"<m:Folders>{given}</m:Folders>"))
            else:
                messages.append(soap.failure("GetFolder", "ErrorFolderNotFound"))
        return soap.response("GetFolder", messages, self.version)

    def _find_folder(self, question: etree._Element) -> bytes:
        view = question.find(f"{_M}IndexedPageFolderView")
        assert view is not None
        start, size = int(view.get("Offset", 0)), int(view.get("MaxEntriesReturned", 0))
        found = list(self.folders.values())
        page = "".join(self._shown(folder) for folder in found[start : start + size])
        end = min(start + size, len(found))
        paging = (
            f'IndexedPagingOffset="{end}" TotalItemsInView="{len(found)}" '
            f'IncludesLastItemInRange="{str(end == len(found)).lower()}"'
        )
        inside = f"<m:RootFolder {paging}><t:Folders>{page}</t:Folders></m:RootFolder>"
        return soap.response("FindFolder", [soap.success("FindFolder", inside)], self.version)

    def _shown(self, folder: Folder) -> str:
        parent = self.folders[folder.parent].id if folder.parent in self.folders else folder.parent
        return soap.folder(
            folder.tag or _KINDS.get(folder.kind, "Folder"),
            folder.id,
            {
                "ParentFolderId": f'<t:ParentFolderId Id="{parent}"/>',
                "FolderClass": soap.element("FolderClass", folder.kind),
                "DisplayName": soap.element("DisplayName", folder.name),
                "TotalCount": soap.element("TotalCount", len(folder.items)),
            },
        )

    def _sync(self, question: etree._Element) -> bytes:
        folder = self._folder(question.find(f"{_M}SyncFolderId/{_T}FolderId"))
        state = question.findtext(f"{_M}SyncState", "")
        position = self._position(state, folder)
        if folder is None or position is None:
            code = "ErrorFolderNotFound" if folder is None else "ErrorInvalidSyncStateData"
            failed = soap.failure("SyncFolderItems", code)
            return soap.response("SyncFolderItems", [failed], self.version)
        limit = int(question.findtext(f"{_M}MaxChangesReturned", "0"))
        news = list(_news(folder, position))
        told = news[:limit]
        after = told[-1][0] if len(told) < len(news) else len(folder.log)
        changes = "".join(self._changed(kind, name, folder, question) for _, kind, name in told)
        self.n_given += len(told)
        inside = (
            f"<m:SyncState>{self._state(folder, after)}</m:SyncState>"
            f"<m:IncludesLastItemInRange>{str(len(told) == len(news)).lower()}"
            f"</m:IncludesLastItemInRange><m:Changes>{changes}</m:Changes>"
        )
        return soap.response(
            "SyncFolderItems", [soap.success("SyncFolderItems", inside)], self.version
        )

    def _state(self, folder: Folder, position: int) -> str:
        return base64.b64encode(f"{self.epoch} {folder.id} {position}".encode()).decode()

    def _position(self, state: str, folder: Folder | None) -> int | None:
        """Return how much of a folder's log a state has seen; None for one that is not known."""
        if not state:
            return 0
        epoch, name, position = base64.b64decode(state).decode().split()
        if folder is None or (int(epoch), name) != (self.epoch, folder.id):
            return None
        return int(position)

    def _changed(self, kind: str, name: str, folder: Folder, question: etree._Element) -> str:
        if kind == "Delete":
            return f'<t:Delete><t:ItemId Id="{name}"/></t:Delete>'
        item = folder.items[name]
        return f"<t:{kind}>{_given(item.kind, name, item.properties, question)}</t:{kind}>"

    def _get_item(self, question: etree._Element) -> bytes:
        ids = question.find(f"{_M}ItemIds")
        assert ids is not None
        messages = [self._one_item(one, question) for one in ids]
        return soap.response("GetItem", messages, self.version)

    def _one_item(self, asked: etree._Element, question: etree._Element) -> str:
        name = str(asked.get("Id", ""))
        if occurrence := asked.get("OccurrenceId"):
            name = str(occurrence).partition("#")[0]
        item = next((f.items[name] for f in self.folders.values() if name in f.items), None)
        if "#" in name:
            return self._one_occurrence(name, question)
        if item is None or item.problem:
            return soap.failure("GetItem", item.problem if item else "ErrorItemNotFound")
        self.n_given += 1
        given = _given(item.kind, name, item.properties, question)
        return soap.success("GetItem", f"<m:Items>{given}</m:Items>")

    def _one_occurrence(self, name: str, question: etree._Element) -> str:
        master, _, number = name.partition("#")
        found = next(f.items[master] for f in self.folders.values() if master in f.items)
        occurrence = self.series[master][int(number)]
        properties = found.properties | _of_occurrence(occurrence) | (occurrence.changed or {})
        given = _given("CalendarItem", name, properties, question)
        return soap.success("GetItem", f"<m:Items>{given}</m:Items>")

    def _find_item(self, question: etree._Element) -> bytes:
        ids = question.iterfind(f"{_M}ParentFolderIds/{_T}FolderId")
        messages = []
        for folder in map(self._folder, ids):
            if folder is None:
                messages.append(soap.failure("FindItem", "ErrorFolderNotFound"))
                continue
            found, is_all = self._matching(folder, question)
            paging = (
                f'TotalItemsInView="{len(found)}" IncludesLastItemInRange="{str(is_all).lower()}"'
            )
            given = "".join(found)
            inside = f"<m:RootFolder {paging}><t:Items>{given}</t:Items></m:RootFolder>"
            messages.append(soap.success("FindItem", inside))
        return soap.response("FindItem", messages, self.version)

    def _matching(self, folder: Folder, question: etree._Element) -> tuple[list[str], bool]:
        view = question.find(f"{_M}CalendarView")
        if view is None:
            constant = question.find(f".//{_T}Constant")
            assert constant is not None
            wanted = soap.element("InternetMessageId", str(constant.get("Value")))
            items = folder.items.values()
            found = [i for i in items if i.properties.get("InternetMessageId") == wanted]
            return [_given(one.kind, one.id, {}, question) for one in found], True
        start, end = (datetime.fromisoformat(str(view.get(n))) for n in ("StartDate", "EndDate"))
        assert (end - start).days <= 731, "Exchange shows two years at the most"
        shown = sorted(
            (one for one in self._in_view(folder) if one[1] > start and one[0] < end),
            key=lambda one: one[0],
        )
        limit = int(view.get("MaxEntriesReturned", 1000))
        given = [_given("CalendarItem", name, p, question) for _, _, name, p in shown[:limit]]
        return given, len(shown) <= limit

    def _in_view(self, folder: Folder) -> Iterator[tuple[datetime, datetime, str, dict[str, str]]]:
        for name, item in folder.items.items():
            for number, one in enumerate(self.series.get(name, ())):
                properties = item.properties | _of_occurrence(one) | (one.changed or {})
                yield one.starts_at, one.ends_at, f"{name}#{number}", properties
            if name not in self.series and "Start" in item.properties:
                span = (_instant(item.properties[key]) for key in ("Start", "End"))
                yield *span, name, item.properties  # type: ignore[misc]  # two instants

    def _create_item(self, question: etree._Element) -> bytes:
        assert question.get("MessageDisposition") == "SendOnly"
        content = question.findtext(f"{_M}Items/{_T}Message/{_T}MimeContent", "")
        self.sent.append(base64.b64decode(content))
        done = soap.success("CreateItem", "<m:Items/>")
        return soap.response("CreateItem", [done], self.version)

    def _resolve(self, question: etree._Element) -> bytes:
        name = question.findtext(f"{_M}UnresolvedEntry", "")
        contact = f"<t:Contact>{soap.entries(self.aliases)}</t:Contact>"
        found = f"<t:Resolution>{soap.mailbox(name, 'Mara Stein')}{contact}</t:Resolution>"
        inside = (
            '<m:ResolutionSet TotalItemsInView="1" IncludesLastItemInRange="true">'
            f"{found}</m:ResolutionSet>"
        )
        return soap.response("ResolveNames", [soap.success("ResolveNames", inside)], self.version)

    def _folder(self, asked: etree._Element | None) -> Folder | None:
        name = asked.get("Id") if asked is not None else ""
        return next((one for one in self.folders.values() if one.id == name), None)

    _answers: Mapping[str, Callable[["Exchange", etree._Element], bytes]] = {
        "GetFolder": _get_folder,
        "FindFolder": _find_folder,
        "SyncFolderItems": _sync,
        "GetItem": _get_item,
        "FindItem": _find_item,
        "CreateItem": _create_item,
        "ResolveNames": _resolve,
    }


def _news(folder: Folder, position: int) -> Iterator[tuple[int, str, str]]:
    """Yield what a client who knows a folder's log up to ``position`` has to learn.

    Each item is told once, as it is now, after its last change.
    """
    seen = {name for _, name in folder.log[:position]}
    last = {name: at for at, (_, name) in enumerate(folder.log)}
    for at in range(position, len(folder.log)):
        kind, name = folder.log[at]
        if last[name] != at or (kind == "Delete" and name not in seen):
            continue
        is_new = kind != "Delete" and name not in seen
        yield at + 1, "Create" if is_new else kind, name


def _given(kind: str, name: str, properties: Mapping[str, str], question: etree._Element) -> str:
    """Return an item with those of its properties that are asked for."""
    shape = question.find(f"{_M}ItemShape/{_T}AdditionalProperties")
    wanted = {_property(uri) for uri in shape} if shape is not None else set()
    return soap.item(kind, name, {k: v for k, v in properties.items() if k in wanted})


def _property(uri: etree._Element) -> str:
    if tag := uri.get("PropertyTag"):
        assert str(tag) == _HEADERS_TAG
        return "ExtendedProperty"
    name = str(uri.get("FieldURI")).partition(":")[2]
    return "EmailAddresses" if name == "EmailAddress" else name


def _of_occurrence(one: Occurrence) -> dict[str, str]:
    kind = "Exception" if one.changed is not None else "Occurrence"
    return {
        "Start": soap.element("Start", one.starts_at),
        "End": soap.element("End", one.ends_at),
        "OriginalStart": soap.element("OriginalStart", one.set_at or one.starts_at),
        "CalendarItemType": soap.element("CalendarItemType", kind),
    }


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written.partition(">")[2].partition("<")[0])


@contextmanager
def serving(service: Exchange, folder: Path) -> Iterator[tuple[Served, Path]]:
    """Run ``service`` by https on loopback; yield it, and the authority that vouches for it."""
    authority = Authority(folder)
    with running(service, context=authority.context("localhost")) as served:
        yield served, authority.file
    assert service.complaints == []


def busy(milliseconds: int | None = None) -> Reply:
    """Return what a server answers that has too much to do."""
    return Reply(500, soap.fault("ErrorServerBusy", milliseconds), XML)
