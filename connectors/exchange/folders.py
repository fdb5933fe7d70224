"""The folders of a mailbox -> those that are read: what was sent first, the inbox, the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from connectors.errors import Misconfigured
from connectors.exchange.elements import id_of, kind_of, named_after, number_of, text_of
from connectors.exchange.server import Server, fields_of
from connectors.exchange.settings import CALENDAR, CONTACTS, MAIL, ExchangeSettings
from connectors.observations import Folder

_SENT, _INBOX = "sentitems", "inbox"
_UNREAD = ("deleteditems", "drafts", "junkemail", "outbox", "syncissues")
_SEARCH_FOLDER = "SearchFolder"
_PARTS = {
    "ipf.note": MAIL,
    "ipf.imap": MAIL,
    "ipf.appointment": CALENDAR,
    "ipf.contact": CONTACTS,
}
"""Source: MS-OXOSFLD section 2.2.1 (container classes); IPF.Imap is what IMAP programs make."""
_DEPTH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder that is read.

    Attributes:
        id: As the server knows it.
        part: "mail", "calendar" or "contacts".
        path: Its name and those above it, joined by "/".
        kind: SENT for what the owner sent, else OTHER.
        is_inbox: Whether new mail is delivered there.
        n_items: How many items it holds.
    """

    id: str
    part: str
    path: str
    kind: Folder = Folder.OTHER
    is_inbox: bool = False
    n_items: int = 0

    @property
    def key(self) -> str:
        """A short name for it, which lasts as long as its identifier."""
        return named_after(self.id)


@dataclass(frozen=True, slots=True)
class _Tree:
    """All folders by their identifiers, and those that every mailbox has by their names."""

    folders: Mapping[str, etree._Element]
    known: Mapping[str, str]

    def line_of(self, folder: str) -> list[str]:
        """Return the identifiers of a folder and of those above it, innermost first."""
        line: list[str] = []
        while folder in self.folders and len(line) < _DEPTH_LIMIT:
            line.append(folder)
            folder = id_of(self.folders[folder], "ParentFolderId")
        return line

    def path_of(self, folder: str) -> str:
        """Return the names of a folder and of those above it, joined by "/"."""
        names = (text_of(self.folders[one], "DisplayName") for one in self.line_of(folder))
        return "/".join(reversed([name.replace("/", "|") for name in names]))

    def is_below(self, folder: str, *names: str) -> bool:
        """Ask whether a folder is, or lies below, one of those that every mailbox has."""
        wanted = {self.known.get(name, "") for name in names} - {""}
        return not wanted.isdisjoint(self.line_of(folder))


def list_folders(server: Server, settings: ExchangeSettings) -> list[Listed]:
    """Return the folders of the parts that are read, in the order in which to read them.

    Drafts, junk, what was deleted or waits to be sent, and searches are left out, with all that
    lies below them.

    Raises:
        Misconfigured: A calendar that the settings name is not there.
        Unavailable, AccessDenied: As for any question.
    """
    tree = _grow(server)
    found = [_read(tree, folder) for folder in tree.folders if not tree.is_below(folder, *_UNREAD)]
    wanted = [one for one in found if one.part in settings.parts and not _is_skipped(one, settings)]
    if CALENDAR in settings.parts and settings.calendars:
        wanted = _select(wanted, settings.calendars)
    return sorted(wanted, key=_rank)


def list_mail_folders(server: Server) -> list[Listed]:
    """Return all folders that may hold mail, whatever it is, the inbox and what was sent first."""
    tree = _grow(server)
    found = (_read(tree, folder) for folder in tree.folders)
    return sorted(
        (one for one in found if one.part == MAIL),
        key=lambda one: (not one.is_inbox, one.kind is not Folder.SENT, one.path),
    )


def _grow(server: Server) -> _Tree:
    fields = fields_of("folder", "folder_class", "name", "parent_folder_id", "total_count")
    known = server.known_folders((_SENT, _INBOX, *_UNREAD), ())
    names = {name: id_of(folder, "FolderId") for name, folder in known.items()}
    found = server.all_folders(fields)
    return _Tree({id_of(folder, "FolderId"): folder for folder in found}, names)


def _read(tree: _Tree, folder: str) -> Listed:
    element = tree.folders[folder]
    part = _PARTS.get(text_of(element, "FolderClass").lower(), "")
    return Listed(
        folder,
        "" if kind_of(element) == _SEARCH_FOLDER else part,
        tree.path_of(folder),
        Folder.SENT if tree.is_below(folder, _SENT) else Folder.OTHER,
        tree.known.get(_INBOX) == folder,
        number_of(element, "TotalCount"),
    )


def _is_skipped(folder: Listed, settings: ExchangeSettings) -> bool:
    path = folder.path.casefold()
    wishes = [wish.casefold() for wish in settings.skip]
    is_named = any(path == wish or path.startswith(f"{wish}/") for wish in wishes)
    return folder.part == MAIL and is_named


def _select(found: Sequence[Listed], calendars: Sequence[str]) -> list[Listed]:
    """Return what is no calendar, and those calendars that are named."""
    wanted = {name.casefold() for name in calendars}
    named = {one.id: wanted & _names_of(one) for one in found if one.part == CALENDAR}
    if missing := sorted(wanted.difference(*named.values())):
        raise Misconfigured(f"no calendar is called {missing[0]!r}")
    return [one for one in found if one.part != CALENDAR or named[one.id]]


def _names_of(folder: Listed) -> set[str]:
    path = folder.path.casefold()
    return {path, path.rpartition("/")[2]}


def _rank(folder: Listed) -> tuple[int, bool, bool, str]:
    order = (MAIL, CALENDAR, CONTACTS).index(folder.part)
    return order, folder.kind is not Folder.SENT, not folder.is_inbox, folder.path
