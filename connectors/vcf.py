"""Address books in files to cards: one .vcf file, or a folder of them (vdir)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from connectors.document import Outcome, origin_of, parts_of, read_parts, resume
from connectors.formats import vcard
from connectors.formats.vcard import CardLines, read_card, split_cards
from connectors.origins import Files, Kind, Sheet, Unreadable
from connectors.protocol import Batch, Cursor, Rejected

FILE_LIMIT = 64 * 2**20
"""Bytes of one file: ten thousand cards with a small photograph each."""

_KIND = Kind(
    noun="address book",
    limit=FILE_LIMIT,
    opening=re.compile(rb"BEGIN:VCARD", re.IGNORECASE),
    closing=re.compile(rb"END:VCARD\s*\Z", re.IGNORECASE),
    suffixes=frozenset({".vcf", ".vcard"}),
)


@dataclass
class VcfSettings:
    """Which address book to read.

    Attributes:
        path: A file of any number of cards, or a folder of such files.
        page: How many cards make a batch.
    """

    path: Path
    page: int = 200


class VcfConnector:
    """Reads address book files, card by card.

    A card that changes is reported again. One that vanishes from a file is not reported as
    gone: see ``connectors.document``.
    """

    settings_type: ClassVar[type[VcfSettings]] = VcfSettings

    def __init__(self, settings: VcfSettings, *, since: datetime) -> None:
        """Remember what to read. Cards carry no date, so ``since`` leaves none out."""
        self._settings, self._since = settings, since
        self._origin = Files(settings.path, _KIND)
        self._name = origin_of("vcf", self._origin.name)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the cards that are new or changed since ``cursor``.

        Raises:
            CursorExpired: It was issued for another path.
            Misconfigured: The path does not exist.
            AccessDenied, Unavailable: The path cannot be read.
        """
        place = resume(cursor, self._name)
        edition = self._origin.look(place.stamp)
        if edition is None:
            return
        end = replace(place, stamp=edition.stamp)
        cards = (card for sheet in edition.sheets for card in self._cards(sheet))
        changed, _ = parts_of(cards, place)
        tasks = [(part, self._read) for part in changed]
        yield from read_parts(tasks, place, end, self._settings.page)

    def close(self) -> None:
        """Do nothing: no file stays open between two batches."""

    def _cards(self, sheet: Sheet) -> Iterator[CardLines]:
        try:
            yield from split_cards(sheet.read())
        except Unreadable as error:
            yield CardLines(sheet.uid, problem=str(error))

    def _read(self, lines: CardLines) -> Outcome:
        try:
            card = read_card(lines)
        except vcard.Unreadable as error:
            return Outcome(rejected=[Rejected(lines.key, str(error))])
        return Outcome([card] if card else [])
