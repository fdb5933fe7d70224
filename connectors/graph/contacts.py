"""The contact folders of an account at Microsoft -> cards, by Graph's delta query."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import quote

from connectors.document import Outcome
from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.graph.client import Graph, Item
from connectors.graph.cursors import key_of
from connectors.graph.deltas import Collection
from connectors.graph.settings import GraphSettings
from connectors.graph.troubles import Absent
from connectors.graph.values import instant_in, items_in, text_in, uid_of
from connectors.observations import Birthday, Card, Gone, Observation
from connectors.protocol import Rejected

N_EMAILS_LIMIT = 50

_SELECTED = (
    "displayName", "givenName", "surname", "nickName", "companyName", "emailAddresses", "birthday",
)  # fmt: skip
_UNSET, _NO_YEAR = 1, 1604
"""Years that stand for no date at all, and for a day of an unknown year, as telephones write it."""


class ContactReader:
    """Reads the cards of the default folder and of those beside it."""

    def __init__(self, graph: Graph, settings: GraphSettings) -> None:
        """Remember what to read."""
        self._graph, self._page = graph, settings.page
        self._select = f"$select={','.join(_SELECTED)}"

    def collections(self) -> list[Collection]:
        """List the folders.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As all of ``graph`` does.
        """
        folders = self._graph.list_all("/me/contactFolders", _select="id")
        paths = [f"/me/contactFolders/{quote(one['id'], safe='')}" for one in folders]
        return [self._collection(path) for path in ("/me", *paths)]

    def _collection(self, path: str) -> Collection:
        return Collection(
            key=key_of("contacts", path),
            path=f"{path}/contacts/delta",
            first=self._select,
            read=self._read,
            prefer=(f"odata.maxpagesize={self._page}",),
            unit="cards",
        )

    def _read(self, items: Sequence[Item], is_first: bool) -> Outcome:
        """Read a page; of a card that is in it twice, what was said last."""
        found: dict[str, Observation] = {}
        rejected: dict[str, Rejected] = {}
        for item in self._whole(items):
            uid = uid_of(item)
            if "@removed" not in item and (card := _read_card(item, uid)):
                found[uid] = card
            elif "@removed" not in item:
                rejected[uid] = Rejected(uid, "neither a name nor an address")
            elif not is_first:
                found[uid] = Gone(uid)
        return Outcome([*found.values()], [*rejected.values()])

    def _whole(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield what is told whole, and the rest after asking for all of it.

        Source: Graph, "Use delta query": an item that was updated comes with at least what
        has changed.
        """
        for item in items:
            if "@removed" in item or all(name in item for name in _SELECTED):
                yield item
            elif any(name in item for name in _SELECTED) and (found := self._ask_for(item)):
                yield found

    def _ask_for(self, item: Item) -> Item | None:
        path = f"/me/contacts/{quote(item['id'], safe='')}"
        try:
            return self._graph.get_item(path, self._select)
        except Absent:
            return None


def _read_card(item: Item, uid: str) -> Card | None:
    """Read one card; None where it names neither a person nor an address."""
    addresses = items_in(item, "emailAddresses")[:N_EMAILS_LIMIT]
    emails = [email for one in addresses if (email := normalise(text_in(one, "address").strip()))]
    organization = scrub(text_in(item, "companyName"), NAME_LIMIT)
    name = _name(item) or organization
    if not (name or emails):
        return None
    return Card(uid, name, tuple(dict.fromkeys(emails)), _birthday(item), organization)


def _name(item: Item) -> str:
    put_together = f"{text_in(item, 'givenName')} {text_in(item, 'surname')}"
    names = (text_in(item, "displayName"), put_together, text_in(item, "nickName"))
    return next(filter(None, (scrub(name, NAME_LIMIT) for name in names)), "")


def _birthday(item: Item) -> Birthday | None:
    """Read a date of birth: the day whose beginning is nearest to the instant.

    Programs write midnight where they run, which Graph tells in UTC, or 11:59 of the day.
    Source: MS-ASCNTC 2.2.2.6 for 11:59.
    """
    at = instant_in(item, "birthday")
    try:
        day = at and (at + timedelta(hours=12)).date()
    except OverflowError:
        return None
    if not day or day.year == _UNSET:
        return None
    return Birthday(day.month, day.day, None if day.year == _NO_YEAR else day.year)
