"""One poll: a mailbox and how far it was read -> batches, folder by folder, page by page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from connectors.document import Outcome, origin_of
from connectors.exchange.calendar import CalendarReader
from connectors.exchange.contacts import ContactReader
from connectors.exchange.cursors import Place, resume
from connectors.exchange.folders import Listed, list_folders
from connectors.exchange.mail import MailReader
from connectors.exchange.server import Change, Fields, Server
from connectors.exchange.settings import CALENDAR, CONTACTS, MAIL, ExchangeSettings
from connectors.exchange.troubles import Missing
from connectors.observations import Gone, Observation
from connectors.occurrences import checked_zone, end_of_window
from connectors.protocol import Batch, Cursor, Progress
from connectors.wanted import NEWSLETTERS, TextRule


class _Part(Protocol):
    """Reads the folders of one kind."""

    @property
    def listed(self) -> Fields:
        """What is asked of every item that a folder lists."""
        ...

    def read(self, folder: Listed, changes: Sequence[Change]) -> Outcome:
        """Make observations of some changes."""
        ...


@dataclass(slots=True)
class _Count:
    """How many changes were seen, and how many there may be; None where nobody knows."""

    expected: int | None
    done: int = 0

    def as_progress(self) -> Progress:
        """Return it as it is shown."""
        if self.expected is None:
            return Progress(self.done, None)
        return Progress(self.done, max(self.done, self.expected))


class Reader:
    """Reads one mailbox, from a place on: what was sent, the inbox, other mail, then the rest.

    Within a folder the order is the server's; it tells its changes in no other.
    """

    def __init__(
        self, server: Server, settings: ExchangeSettings, cursor: Cursor | None, *, since: datetime
    ) -> None:
        """Remember what to read.

        Args:
            server: Whom to ask.
            settings: The owner's settings.
            cursor: How far the mailbox was read; None for not at all.
            since: What is older is not reported.

        Raises:
            CursorExpired: The cursor is not of this mailbox, or not for these settings.
            Misconfigured: The zone is none.
        """
        now = datetime.now(UTC)
        self._server, self._settings = server, settings
        self._until = settings.until or end_of_window(now)
        self._told = place = resume(cursor, _origin_of(settings))
        is_dated = CALENDAR in settings.parts
        self._place = replace(place, horizon=place.horizon or self._horizon) if is_dated else place
        newest = now - NEWSLETTERS if settings.newsletters else None
        self._calendar = CalendarReader(
            server, own=settings.mailbox, read=settings.read, since=since, until=self._until
        )
        rule = TextRule(settings.read, settings.text_since, newest)
        self._parts: dict[str, _Part] = {
            MAIL: MailReader(server, rule, since=since),
            CALENDAR: self._calendar,
            CONTACTS: ContactReader(server, zone=checked_zone(settings.zone)),
        }

    @property
    def _horizon(self) -> int:
        return int(self._until.timestamp())

    def batches(self) -> Iterator[Batch]:
        """Yield what has changed; the last batch may be empty but for its cursor.

        Raises:
            CursorExpired: The server does not know any more how far a folder was read.
            Unavailable, AccessDenied, Misconfigured: As for any question.
        """
        folders = list_folders(self._server, self._settings)
        self._place = self._place.only({folder.key for folder in folders})
        new = [folder for folder in folders if folder.key not in self._place.states]
        count = _Count(sum(one.n_items for one in new) if len(new) == len(folders) else None)
        for folder in folders:
            if folder.n_items or folder.key in self._place.states:
                yield from self._read(folder, count)
        yield from self._read_entering([one for one in folders if one.part == CALENDAR], count)
        if self._place != self._told:
            yield Batch((), self._place.to_cursor())

    def _read(self, folder: Listed, count: _Count) -> Iterator[Batch]:
        """Read a folder to its end; one that was deleted meanwhile is passed over."""
        part, is_last = self._parts[folder.part], False
        while not is_last:
            state = self._place.states.get(folder.key, "")
            try:
                page = self._server.changes(folder.id, state, self._settings.page, part.listed)
                outcome = part.read(folder, page.changes)
            except Missing:
                self._place = self._place.only(self._place.states.keys() - {folder.key})
                return
            count.done += len(page.changes)
            after = self._place.with_state(folder.key, page.state)
            if page.changes:
                yield from self._tell(outcome, after, count)
            self._place = after
            # A state that does not change has no end: whoever gives it out again has nothing more.
            is_last = page.is_last or page.state == state

    def _read_entering(self, calendars: Sequence[Listed], count: _Count) -> Iterator[Batch]:
        """Report what has entered the window of calendars, once a day."""
        if not calendars or self._place.horizon >= self._horizon:
            return
        seen_until = datetime.fromtimestamp(self._place.horizon, UTC)
        for calendar in calendars:
            entered = [*self._calendar.read_entering(calendar, seen_until)]
            yield from self._tell(Outcome(entered), self._place, count)
        self._place = replace(self._place, horizon=self._horizon)

    def _tell(self, outcome: Outcome, after: Place, count: _Count) -> Iterator[Batch]:
        """Hand over what was observed, in as many batches as it takes; the last one ends it."""
        *pages, last = [*_pages(_settle(outcome.observations), self._settings.page)] or [()]
        for page in pages:
            yield Batch(page, self._place.to_cursor(), progress=count.as_progress())
        self._place = self._told = after
        yield Batch(last, after.to_cursor(), tuple(outcome.rejected), count.as_progress())


def _origin_of(settings: ExchangeSettings) -> str:
    return origin_of(
        "exchange",
        settings.mailbox,
        settings.url,
        settings.read,
        settings.zone,
    )


def _settle(found: Sequence[Observation]) -> list[Observation]:
    """Return each observation once, and nothing as gone that is there as well."""
    told = {one.uid: one for one in found if not isinstance(one, Gone)}
    gone = [one for one in found if isinstance(one, Gone)]
    lost = [one for one in gone if one.is_prefix or one.uid not in told]
    return [*dict.fromkeys(lost), *told.values()]


def _pages(found: Sequence[Observation], size: int) -> Iterable[tuple[Observation, ...]]:
    return (tuple(found[start : start + size]) for start in range(0, len(found), size))
