"""Feeds on the web and in files to articles: RSS, Atom and JSON Feed."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from connectors.credentials.secrets import Secret
from connectors.document import Outcome, Place, origin_of, parts_of, read_parts, resume
from connectors.first_seen import FirstSeen
from connectors.observations import Article
from connectors.origins import Edition, Kind, Sheet, Unreadable, origin_at
from connectors.protocol import Batch, Cursor, Rejected
from connectors.worker import Unanswered, Worker

FILE_LIMIT = 16 * 2**20
"""Bytes of one feed; those of a thousand long articles have a third of that."""
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(days=1)
"""How far a publisher's clock may run ahead. Source: reliability notes, limits on input."""

_PARSE = "connectors.formats.feeds:parse"
_KIND = Kind(
    noun="feed",
    limit=FILE_LIMIT,
    opening=re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)\b|\A(?:\xef\xbb\xbf)?\s*\{", re.IGNORECASE),
    closing=re.compile(rb"[>}]\s*\Z"),
)


@dataclass
class FeedSettings:
    """Which feed to read.

    Attributes:
        path: The file, if it is one.
        publisher: Who publishes it; the feed's own title, where it is empty.
        page: How many articles make a batch.
        url: Where it is on the web, if it is there.
        allow_private: Whether that may be in the owner's own network, and plain http there.
        ca_file: The certificates to trust, instead of those that the system trusts.
        user: Whom to sign in as, if that is needed; with ``secret``, the password.
    """

    path: Path | None = None
    publisher: str = ""
    page: int = 200
    url: str = field(default="", repr=False)
    allow_private: bool = False
    ca_file: Path | None = None
    user: str = ""
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed has it, or the reason why there is none."""

    key: str
    url: str = ""
    title: str = ""
    summary: str = ""
    publisher: str = ""
    published: float | None = None
    published_at: datetime | None = None
    seen_at: datetime = EARLIEST
    problem: str = ""

    def fingerprint(self) -> bytes:
        """Return a hash of all but the instants, which depend on when one looks."""
        told = (self.url, self.title, self.summary, self.publisher, self.published, self.problem)
        return sha256(repr(told).encode("utf-8", "replace")).digest()


class FeedConnector:
    """Reads a feed; it is parsed in a process that may be killed.

    An entry that changes is reported again. One that vanishes is not reported as gone: feeds
    hold their latest entries only. One without a credible date counts as published when it was
    first seen, and keeps that instant: see ``connectors.first_seen``.
    """

    settings_type: ClassVar[type[FeedSettings]] = FeedSettings

    def __init__(self, settings: FeedSettings, *, since: datetime) -> None:
        """Remember what to read. Articles published before ``since`` are left out."""
        self._settings, self._since = settings, since
        self._worker = Worker(_PARSE)
        self._origin = origin_at(settings, _KIND)
        self._name = origin_of("feed", self._origin.name, settings.publisher)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the articles that are new or changed since ``cursor``.

        Raises:
            CursorExpired: It was issued for another path, url or publisher.
            Misconfigured: There is no such file, or nothing at that url.
            AccessDenied, Unavailable: The file or the url cannot be read.
        """
        place = resume(cursor, self._name)
        edition = self._origin.look(place.stamp)
        if edition is None:
            return
        entries, first_seen = self._recall(edition, place)
        changed, _ = parts_of(entries, place)
        start = replace(place, horizon=first_seen.to_text())
        end = replace(start, stamp=edition.stamp)
        tasks = [(part, self._read) for part in changed]
        yield from read_parts(tasks, start, end, self._settings.page)

    def close(self) -> None:
        """End the process that parses, and the connection. Idempotent."""
        self._worker.close()
        self._origin.close()

    def _recall(self, edition: Edition, place: Place) -> tuple[list[Entry], FirstSeen]:
        """Return all entries, and when those of them that say no date were first seen."""
        entries = [entry for sheet in edition.sheets for entry in self._entries(sheet)]
        undated = ((e.key, e.seen_at) for e in entries if e.published_at is None)
        known = FirstSeen.read(place.horizon)
        first_seen = known.updated(undated, is_new=place.has_none_like)
        return [
            entry if entry.published_at else replace(entry, published_at=first_seen.at(entry.key))
            for entry in entries
        ], first_seen

    def _entries(self, sheet: Sheet) -> Iterator[Entry]:
        try:
            feed = self._worker.ask(base64.b64encode(sheet.read()).decode("ascii"))
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
            published_at=_credible(entry["published"], sheet.seen_at),
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
        published_at=max(EARLIEST, entry.published_at or entry.seen_at),
        summary=entry.summary,
        publisher=entry.publisher,
    )


def _credible(published: float | None, seen_at: datetime) -> datetime | None:
    """Return when an article was published, None where it says nothing, or the future."""
    if published is None or not 0 <= published <= (max(EARLIEST, seen_at) + LEEWAY).timestamp():
        return None
    return datetime.fromtimestamp(published, UTC)
