"""Feeds in files to articles: RSS, Atom and JSON Feed."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from connectors.document import (
    Outcome,
    Sheet,
    Unreadable,
    origin_of,
    parts_of,
    read_parts,
    read_sheet,
    resume,
    stamp_of,
    survey,
)
from connectors.errors import Misconfigured
from connectors.observations import Article
from connectors.protocol import Batch, Cursor, Rejected
from connectors.worker import Unanswered, Worker

FILE_LIMIT = 16 * 2**20
"""Bytes of one file; feeds of a thousand long articles have a third of that."""
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(days=1)
"""How far a publisher's clock may run ahead. Source: reliability notes, limits on input."""

_PARSE = "connectors.formats.feeds:parse"


@dataclass
class FeedSettings:
    """Which feed to read.

    Attributes:
        path: The file.
        publisher: Who publishes it; the feed's own title, where it is empty.
        page: How many articles make a batch.
    """

    path: Path
    publisher: str = ""
    page: int = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed has it, or the reason why there is none."""

    key: str
    url: str = ""
    title: str = ""
    summary: str = ""
    publisher: str = ""
    published: float | None = None
    seen_at: datetime = EARLIEST
    problem: str = ""

    def fingerprint(self) -> bytes:
        """Return a hash of all but the time of the file."""
        told = (self.url, self.title, self.summary, self.publisher, self.published, self.problem)
        return sha256(repr(told).encode("utf-8", "replace")).digest()


class FeedConnector:
    """Reads a feed file; it is parsed in a process that may be killed.

    An entry that changes is reported again. One that vanishes is not reported as gone: feeds
    hold their latest entries only.
    """

    settings_type: ClassVar[type[FeedSettings]] = FeedSettings

    def __init__(self, settings: FeedSettings, *, since: datetime) -> None:
        """Remember what to read. Articles published before ``since`` are left out."""
        self._settings, self._since = settings, since
        self._worker = Worker(_PARSE)
        self._origin = origin_of("feed", settings.path, settings.publisher)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the articles that are new or changed since ``cursor``.

        Raises:
            CursorExpired: It was issued for another path or publisher.
            Misconfigured: The path does not exist, or is a folder.
            AccessDenied, Unavailable: The path cannot be read.
        """
        place = resume(cursor, self._origin)
        sheets = survey(self._settings.path, frozenset())
        if not sheets:
            raise Misconfigured(f"{self._settings.path} is a folder; a feed is one file")
        end = replace(place, stamp=stamp_of(sheets))
        if end == place:
            return
        entries = (entry for sheet in sheets for entry in self._entries(sheet))
        changed, _ = parts_of(entries, place)
        tasks = [(part, self._read) for part in changed]
        yield from read_parts(tasks, place, end, self._settings.page)

    def close(self) -> None:
        """End the process that parses. Idempotent."""
        self._worker.close()

    def _entries(self, sheet: Sheet) -> Iterator[Entry]:
        try:
            document = read_sheet(self._settings.path, sheet, FILE_LIMIT)
            feed = self._worker.ask(base64.b64encode(document).decode("ascii"))
        except (Unreadable, Unanswered) as error:
            yield Entry(sheet.uid, problem=str(error))
            return
        if not feed["is_feed"]:
            yield Entry(sheet.uid, problem="not a feed")
        for entry in feed["entries"]:
            yield self._entry(entry, feed["publisher"], sheet)

    def _entry(self, entry: dict[str, Any], publisher: str, sheet: Sheet) -> Entry:
        return Entry(
            key=entry.pop("uid"),
            publisher=self._settings.publisher or publisher,
            seen_at=sheet.changed_at,
            problem="" if entry["url"] else "no web address",
            **entry,
        )

    def _read(self, entry: Entry) -> Outcome:
        if entry.problem:
            return Outcome(rejected=[Rejected(entry.key, entry.problem)])
        article = _article(entry)
        return Outcome([article] if article.published_at >= self._since else [])


def _article(entry: Entry) -> Article:
    return Article(
        uid=entry.key,
        url=entry.url,
        title=entry.title,
        published_at=_settle(entry.published, entry.seen_at),
        summary=entry.summary,
        publisher=entry.publisher,
    )


def _settle(published: float | None, seen_at: datetime) -> datetime:
    """Return when an article was published: never before 1980 nor after the file was written."""
    latest = max(EARLIEST, seen_at)
    if published is None or not 0 <= published <= (latest + LEEWAY).timestamp():
        return latest
    return max(EARLIEST, datetime.fromtimestamp(published, UTC))
