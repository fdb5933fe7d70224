"""What folders a mailbox has -> those worth reading, the sent ones first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from connectors.graph.client import Graph, Item
from connectors.graph.troubles import Absent
from connectors.observations import Folder

_KINDS = {
    "sentitems": Folder.SENT,
    "inbox": Folder.OTHER,
    "drafts": Folder.DRAFTS,
    "outbox": Folder.DRAFTS,
    "junkemail": Folder.SPAM,
    "deleteditems": Folder.TRASH,
}
"""Names that hold in every language. Source: Graph, "mailFolder resource type"."""
_UNREAD = frozenset({Folder.DRAFTS, Folder.SPAM, Folder.TRASH})
_SEARCH = "#microsoft.graph.mailSearchFolder"
_SHOWN = "id,displayName,childFolderCount,totalItemCount"
_DEPTH = 50
"""Levels of folders that are looked through; Outlook makes no more than 300."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder.

    Attributes:
        key: Its ID.
        path: Its name as the owner sees it, levels parted by "/".
        kind: What it is for, SENT, DRAFTS, SPAM or TRASH; else OTHER.
        is_inbox: Whether new mail comes there.
        n_items: How many it holds.
    """

    key: str
    path: str
    kind: Folder
    is_inbox: bool
    n_items: int


def list_folders(graph: Graph, skip: Sequence[str] = ()) -> list[Listed]:
    """List what is read, in order: sent mail, the inbox, the rest by name.

    Drafts, what waits to be sent, spam and trash are not read, nor what ``skip`` names, nor what
    lies below any of these; nor hidden folders and those that show what lies elsewhere.

    Raises:
        Unavailable, AccessDenied, Misconfigured: As all of ``graph`` does.
    """
    known = dict(_known_folders(graph))
    skipped = frozenset(wish.casefold().strip("/") for wish in skip)
    found = [*_below(graph, "/me/mailFolders", (), Folder.OTHER, known, skipped)]
    return sorted(found, key=_rank)


def _known_folders(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield the IDs of the folders with names of Graph's own, and these names."""
    for name in _KINDS:
        try:
            yield graph.get_item(f"/me/mailFolders/{name}", "$select=id")["id"], name
        except Absent:
            continue


def _below(
    graph: Graph,
    place: str,
    above: tuple[str, ...],
    kind: Folder,
    known: dict[str, str],
    skipped: frozenset[str],
) -> Iterator[Listed]:
    """Yield the folders at ``place`` and below: what lies in one that is sent mail is so too.

    Hidden ones are not told unless they are asked for. Source: Graph, "List mailFolders".
    """
    for item in graph.list_all(place, _select=_SHOWN):
        if item.get("@odata.type") == _SEARCH:
            continue
        name = known.get(item["id"], "")
        own_kind = _KINDS.get(name, kind)
        names = (*above, str(item.get("displayName", "")))
        path = "/".join(names)
        if own_kind in _UNREAD or path.casefold() in skipped:
            continue
        yield Listed(item["id"], path, own_kind, name == "inbox", _count(item, "totalItemCount"))
        if _count(item, "childFolderCount") and len(names) < _DEPTH:
            within = f"/me/mailFolders/{quote(item['id'], safe='')}/childFolders"
            yield from _below(graph, within, names, own_kind, known, skipped)


def _count(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0


def _rank(folder: Listed) -> tuple[bool, bool, str]:
    return folder.kind is not Folder.SENT, not folder.is_inbox, folder.path
