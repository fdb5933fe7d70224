"""One poll: a mailbox and how far it was read -> batches, what is new before what is older."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.document import origin_of
from connectors.errors import CursorExpired
from connectors.formats.dates import EARLIEST
from connectors.gmail.account import ask_profile, require_account
from connectors.gmail.backfill import MARGIN, Backfill, Listed, Part
from connectors.gmail.cursors import Backlog, Place, resume
from connectors.gmail.fetch import Fetcher, Page
from connectors.gmail.history import News, list_news
from connectors.gmail.quota import size_batch
from connectors.gmail.settings import GmailSettings
from connectors.protocol import Batch, Cursor, Progress, Reading
from connectors.wanted import NEWSLETTERS, TextRule

if TYPE_CHECKING:
    from connectors.google.client import Client

_UNIT = "messages"


class Reader:
    """Reads one mailbox, from a place on.

    The news are asked for at every page of the first reading, which may take days: so they are
    told in time, the service never forgets the place in its history, and what comes in meanwhile
    is told once, though a list shows it too.
    """

    def __init__(self, client: "Client", settings: GmailSettings, *, since: datetime) -> None:
        """Remember what to read.

        Args:
            client: Of the account.
            settings: The owner's.
            since: Older messages are not reported.
        """
        self._client, self._user, self._since = client, settings.user, since
        self._size = size_batch(settings.units_per_minute, settings.page)
        self._newest = datetime.now(UTC) - NEWSLETTERS if settings.newsletters else None
        self._rule = TextRule(settings.read, settings.text_since, self._newest)
        self._fetcher = Fetcher(client, self._rule, since=since, size=self._size)
        self._reads_all = settings.read is Reading.TEXT
        self._backfill = Backfill(client, since=since, size=self._size, has_queries=self._reads_all)
        self._way = origin_of(self._reads_all, since.isoformat())
        self._arrived: set[str] = set()
        self._begun_anew: set[int] = set()

    def batches(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield all there is since ``cursor``.

        Raises:
            CursorExpired: The service has forgotten that place, or it is of another account.
            AccessDenied: The account is not the one that the settings name, or as the client.
            Unavailable, Misconfigured: As the client does.
        """
        profile = ask_profile(self._client)
        require_account(self._client, profile.address, self._user, has_aliases=self._reads_all)
        origin = origin_of("gmail", profile.address)
        if cursor is None:
            expected = profile.n_messages if self._since <= EARLIEST else None
            backlog = Backlog(self._way, profile.history, n_expected=expected)
            place = Place(origin, profile.history, backlog)
        else:
            place = resume(cursor, origin, self._way)
            self._remember_arrivals(place)
        if place.backlog is not None:
            yield from self._read_backlog(place, place.backlog)
        elif place.history != profile.history:
            yield from self._read_news(place)

    def _remember_arrivals(self, place: Place) -> None:
        """Learn what came in since the first reading began and was told of by an earlier poll."""
        if place.backlog is None or place.backlog.begun == place.history:
            return
        try:
            for news in list_news(self._client, place.backlog.begun, self._size):
                self._arrived |= news.arrived
        except CursorExpired:
            # Only then is something told twice: it is the place of the news that matters.
            return

    def _read_backlog(self, place: Place, backlog: Backlog) -> Iterator[Batch]:
        left: Backlog | None = backlog
        while left is not None:
            left, listed = self._list_page(left)
            # After the list: all of it that has come in meanwhile is known as such by now.
            for news, page in self._news_since(place):
                place = place.having_read(news.history)
                if page.messages or page.rejected:
                    progress = Progress(left.n_done, left.n_expected, _UNIT)
                    yield Batch(page.messages, place.to_cursor(), page.rejected, progress)
            page, left, progress = self._read_page(left, listed)
            place = replace(place, backlog=left)
            yield Batch(page.messages, place.to_cursor(), page.rejected, progress)

    def _list_page(self, backlog: Backlog) -> tuple[Backlog, Listed]:
        """List a page, or the first one of its part if the service has forgotten which it was.

        What that part has told is told again, but not all that was read before it.

        Raises:
            CursorExpired: It has forgotten it for the second time in one poll.
        """
        try:
            return backlog, self._backfill.list_page(backlog)
        except CursorExpired:
            if backlog.phase in self._begun_anew:
                raise
            self._begun_anew.add(backlog.phase)
            again = replace(backlog, page="", is_heads_only=False)
            return again, self._backfill.list_page(again)

    def _read_news(self, place: Place) -> Iterator[Batch]:
        for news, page in self._news_since(place):
            place = place.having_read(news.history)
            progress = Progress(len(news.uids), None, _UNIT)
            yield Batch(page.messages, place.to_cursor(), page.rejected, progress)

    def _news_since(self, place: Place) -> Iterator[tuple[News, Page]]:
        for news in list_news(self._client, place.history, self._size):
            self._arrived |= news.arrived
            yield news, self._fetcher.read(news.uids, is_heads_only=False)

    def _read_page(self, backlog: Backlog, listed: Listed) -> tuple[Page, Backlog | None, Progress]:
        """Get what was listed but for the news; return what is left after it, too."""
        part = self._backfill.part(backlog)
        uids = [uid for uid in listed.uids if uid not in self._arrived]
        is_heads_only = backlog.is_heads_only or (part.is_promotion and self._newest is None)
        page = self._fetcher.read(uids, is_heads_only=is_heads_only, but=part.but)
        n_done = backlog.n_done + len(uids)
        expected = None if backlog.n_expected is None else max(backlog.n_expected, n_done)
        counted = replace(
            backlog,
            n_done=n_done,
            n_expected=expected,
            is_heads_only=is_heads_only or self._is_beyond_texts(part, page),
        )
        is_over = page.newest_at is not None and page.newest_at < self._since - MARGIN
        left = self._backfill.go_on(counted, listed.token, is_over=is_over)
        return page, left, Progress(n_done, expected if left else n_done, _UNIT)

    def _is_beyond_texts(self, part: Part, page: Page) -> bool:
        """Ask whether all that comes after this page is too old for its text to be read."""
        bounds = [self._rule.text_since, self._newest if part.is_promotion else None]
        latest = max((bound for bound in bounds if bound), default=None)
        return latest is not None and page.oldest_at is not None and page.oldest_at < latest
