"""What a server lists -> the folders worth reading, the sent ones first."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from imapclient.imap_utf7 import decode as decode_utf7

from connectors.formats.folder_names import folder_named
from connectors.imap.place import key_of
from connectors.imap.session import Refused, Session
from connectors.imap.syntax import Entry, Status
from connectors.observations import Folder

_KINDS = {
    b"\\sent": Folder.SENT,
    b"\\drafts": Folder.DRAFTS,
    b"\\junk": Folder.SPAM,
    b"\\spam": Folder.SPAM,
    b"\\trash": Folder.TRASH,
}
"""Source: RFC 6154 section 2; Gmail's older ``\\Spam``."""
_ALL = b"\\all"
# Folders that cannot be opened. Source: RFC 3501 section 7.2.2, RFC 5258 section 3.
_CLOSED = {b"\\noselect", b"\\nonexistent"}
# Views of mail that lies elsewhere. Source: RFC 6154 section 2, RFC 8457.
_VIEWS = {b"\\flagged", b"\\important"}
_UNREAD = {Folder.DRAFTS, Folder.SPAM, Folder.TRASH}
_STATUS = "STATUS (UIDNEXT UIDVALIDITY MESSAGES)"


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as the server lists it.

    Attributes:
        name: Its name as the server writes it: modified UTF-7 as a rule.
        path: Its name as the owner sees it, levels parted by "/".
        kind: What it is for, SENT, DRAFTS, SPAM or TRASH; else OTHER.
        holds_all: Whether it shows the messages of all folders, as Gmail's does.
        is_view: Whether it shows a choice of messages that lie elsewhere.
        status: Its state, if the server told it together with the list.
    """

    name: bytes
    path: str
    kind: Folder = Folder.OTHER
    holds_all: bool = False
    is_view: bool = False
    status: Status | None = None

    @property
    def key(self) -> bytes:
        """What it is called in a cursor; its status must be known."""
        return key_of(self.name, self.status.validity if self.status else 0)

    @property
    def next_uid(self) -> int:
        """The UID that the next message will have, 0 where it is not known."""
        return self.status.next_uid if self.status else 0

    @property
    def n_messages(self) -> int:
        """How many messages it holds, 0 where it is not known."""
        return self.status.n_messages if self.status else 0

    @property
    def is_inbox(self) -> bool:
        """Whether new mail is delivered there. Source: RFC 3501 section 5.1."""
        return self.name.upper() == b"INBOX"


def list_folders(session: Session) -> list[Listed]:
    """List the folders that can be opened, in one round trip, with their states if offered.

    Folders of other people are left out: what they sent would count as sent by the owner.
    For the same reason no name says "sent" where the server says which folder is.
    A name with a line break or NUL in it is left out: it could smuggle in commands.

    Raises:
        Unavailable: As all of ``session`` does.
    """
    entries, states = session.list_folders(_return_options(session))
    is_sent_told = any(b"\\sent" in one.flags for one in entries)
    folders = [
        _read_folder(one, is_sent_told=is_sent_told) for one in entries if not _CLOSED & one.flags
    ]
    safe = [folder for folder in folders if _is_safe(folder.name)]
    return [replace(folder, status=states.get(folder.name)) for folder in _inherit(safe)]


def choose(folders: Iterable[Listed], skip: Sequence[str] = ()) -> list[Listed]:
    """Choose what is read, in order: sent mail, the inbox, the rest by name.

    Drafts, spam and trash are not read, nor what ``skip`` names or what lies below that; and
    where one folder shows all mail, only that and the sent mail is.
    """
    skipped = [wish.casefold().strip("/") for wish in skip]
    wanted = [one for one in folders if _is_wanted(one, skipped)]
    if any(one.holds_all for one in wanted):
        wanted = [one for one in wanted if one.holds_all or one.kind is Folder.SENT]
    return sorted(wanted, key=_rank)


def with_states(session: Session, folders: Iterable[Listed]) -> Iterator[Listed]:
    """Ask for the states that did not come with the list; what has vanished is left out."""
    for folder in folders:
        if folder.status is not None:
            yield folder
            continue
        with suppress(Refused):
            yield replace(folder, status=session.status(folder.name))


def _return_options(session: Session) -> str:
    """Say what to ask for besides names. Source: RFC 5258, RFC 5819, RFC 6154 section 3."""
    options = ["SPECIAL-USE"] if session.can("SPECIAL-USE") else []
    options += [_STATUS] if session.can("LIST-STATUS") else []
    return " ".join(options) if session.can("LIST-EXTENDED") else ""


def _read_folder(entry: Entry, *, is_sent_told: bool) -> Listed:
    path = _decode(entry.name)
    if entry.delimiter and entry.delimiter != b"/":
        path = path.replace("/", "|").replace(_decode(entry.delimiter), "/")
    told = next((kind for flag, kind in _KINDS.items() if flag in entry.flags), None)
    # Only the delimiter parts levels here: "mr.trash" is one name, and not the trash.
    named = folder_named(path.replace(".", "_"))
    if is_sent_told and named is Folder.SENT:
        named = None
    return Listed(
        entry.name,
        path,
        told or named or Folder.OTHER,
        holds_all=_ALL in entry.flags,
        is_view=not _VIEWS.isdisjoint(entry.flags),
    )


def _inherit(folders: Sequence[Listed]) -> Iterable[Listed]:
    """What lies in a folder of the trash lies in the trash, whatever that is called."""
    kinds = {folder.path: folder.kind for folder in folders}
    for folder in folders:
        kind = folder.kind
        for above in _above(folder.path):
            kind = kinds.get(above, Folder.OTHER) if kind is Folder.OTHER else kind
        yield replace(folder, kind=kind)


def _above(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))


def _is_wanted(folder: Listed, skipped: Sequence[str]) -> bool:
    path = folder.path.casefold()
    is_skipped = any(path == wish or path.startswith(f"{wish}/") for wish in skipped)
    return not (folder.kind in _UNREAD or folder.is_view or is_skipped)


def _rank(folder: Listed) -> tuple[bool, bool, str]:
    return folder.kind is not Folder.SENT, not folder.is_inbox, folder.path


def _is_safe(name: bytes) -> bool:
    return bool(name) and not any(control in name for control in b"\r\n\0")


def _decode(name: bytes) -> str:
    """Read modified UTF-7 (RFC 3501 section 5.1.3), or the UTF-8 that newer servers write."""
    if not name.isascii():
        return name.decode("utf-8", "replace")
    try:
        decoded: str = decode_utf7(name)
    except ValueError:
        return name.decode("ascii")
    return decoded
