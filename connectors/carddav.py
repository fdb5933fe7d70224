"""Address books on a CardDAV server to cards: all of an account's, or those that are selected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from connectors.credentials.secrets import Secret
from connectors.document import Outcome, origin_of
from connectors.formats.vcard import CardLines, Unreadable, read_card, split_cards
from connectors.observations import Card, Gone
from connectors.protocol import Batch, Cursor, Rejected
from connectors.webdav.client import Refused, sign_in
from connectors.webdav.cursors import Place, resume
from connectors.webdav.discovery import Collection, Kind, discover
from connectors.webdav.members import Member
from connectors.webdav.multistatus import CARDDAV
from connectors.webdav.polling import Follower, Step, in_pages

ADDRESS_BOOKS = Kind(
    noun="address book",
    service="carddav",
    collection=f"{CARDDAV}addressbook",
    home_set=f"{CARDDAV}addressbook-home-set",
    multiget=f"{CARDDAV}addressbook-multiget",
    content=f"{CARDDAV}address-data",
)


@dataclass
class CarddavSettings:
    """Which address books to read.

    Attributes:
        url: Of the server, the user, a folder of address books, or one address book.
        user: The name to sign in with.
        secret: Where its password is kept; without one nobody signs in.
        calendars: Display names, or last segments of addresses, of address books; all of them
            where empty. (The setting has one name for both kinds of source.)
        ca_file: The certificates to trust, instead of those that the system trusts.
        allow_private: Whether the server may lie in a private network.
        page: How many cards make a batch.
    """

    url: str
    user: str = ""
    secret: Secret | None = None
    calendars: tuple[str, ...] = ()
    ca_file: Path | None = None
    allow_private: bool = False
    page: int = 200


class CarddavConnector:
    """Follows address books by sync-collection, or where that is not offered by their ETags.

    A uid is made of a card's place on the server. A card that is deleted is reported as gone
    where the server reports changes; what vanishes from an address book that is only listed
    is not: see ``connectors.webdav.polling``.
    """

    settings_type: ClassVar[type[CarddavSettings]] = CarddavSettings

    def __init__(self, settings: CarddavSettings, *, since: datetime) -> None:
        """Remember what to read. Cards carry no date, so ``since`` leaves none out."""
        self._settings, self._since = settings, since
        self._client = sign_in(
            settings.url,
            settings.user,
            settings.secret,
            ca_file=settings.ca_file,
            allow_private=settings.allow_private,
        )
        self._origin = origin_of("carddav", settings.url, settings.user)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the cards that are new, changed or deleted since ``cursor``.

        Raises:
            CursorExpired: The server does not know it; or it was issued for another url or user.
            AccessDenied: The server refuses the user or the password.
            Misconfigured: An address book, or all of them, are not to be found.
            Unavailable: The server cannot be reached, or fails.
        """
        start = resume(cursor, self._origin)
        settings = self._settings
        try:
            books = discover(self._client, ADDRESS_BOOKS, settings.url, settings.calendars)
            yield from in_pages(self._steps(books, start), start, settings.page)
        except Refused as refused:
            raise refused.to_error() from refused

    def close(self) -> None:
        """End the connection. Idempotent."""
        self._client.close()

    def _steps(self, books: Sequence[Collection], start: Place) -> Iterator[Step]:
        follower = Follower(
            self._client, ADDRESS_BOOKS, self._settings.page, self._read, self._forget
        )
        place = yield from follower.follow(books, start)
        yield Step(Outcome(), place)

    def _read(self, member: Member, body: bytes) -> Outcome:
        cards: list[Card] = []
        rejected: list[Rejected] = []
        found = list(split_cards(body))
        for lines in found:
            named = replace(lines, key=_name(member, lines, n_cards=len(found)))
            try:
                card = read_card(named)
            except Unreadable as error:
                rejected.append(Rejected(named.key, str(error)))
            else:
                cards += [card] if card else []
        if not found:
            rejected.append(Rejected(member.key, "no card in it"))
        return Outcome(cards, rejected)

    def _forget(self, member: Member) -> Outcome:
        return Outcome([Gone(member.key), Gone(f"{member.key}/", is_prefix=True)])


def _name(member: Member, lines: CardLines, *, n_cards: int) -> str:
    """Name a card by its place; one of several there, which RFC 6352 forbids, by its UID too."""
    if n_cards == 1:
        return member.key
    return f"{member.key}/{sha256(lines.key.encode('utf-8', 'replace')).hexdigest()[:16]}"
