"""One poll: a mailbox and how far it was read -> batches, arrivals before the backlog."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from time import monotonic

from connectors.errors import CursorExpired, Unavailable
from connectors.imap.fetch import Fetcher, Page
from connectors.imap.folders import Listed, choose, list_folders, with_states
from connectors.imap.place import Mark, Place
from connectors.imap.session import Refused, Session
from connectors.imap.settings import ImapSettings
from connectors.observations import Message
from connectors.protocol import Batch, Progress, Rejected
from connectors.wanted import TextRule

PAGE = 100
"""Messages whose heads are fetched by one command."""
WINDOW = 50_000
"""UIDs that are listed by one command: their list stays well below the 1 MB of a line."""
BATCH_SECONDS = 60.0
"""Seconds after which a batch ends, however small: what was read is then safe."""
BATCH_BYTES = 16 * 1024 * 1024
"""Bytes of text after which a batch ends."""
RENUMBERINGS = 5
"""Polls in a row that may find folders with new UIDs, before those are no longer read anew.

Source: reliability notes, fault 16.
"""
RENUMBERED_MESSAGES = 1_000
"""Messages read of a folder, newest first, at a server that gives out new UIDs each time."""

Pages = Iterator[tuple[Sequence[int], bool]]
"""UIDs to read, and whether they are the last ones."""


@dataclass(slots=True)
class _Growing:
    """A batch in the making; a message met twice is in it once."""

    messages: dict[str, Message] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    n_read: int = 0
    n_bytes: int = 0
    begun_at: float = field(default_factory=monotonic)

    def add(self, page: Page, n_read: int) -> None:
        """Take in what was read of ``n_read`` messages."""
        self.messages |= {message.uid: message for message in page.messages}
        self.rejected |= {item.uid: item for item in page.rejected}
        self.n_read += n_read
        self.n_bytes += page.n_bytes

    def is_full(self, size: int, page_size: int) -> bool:
        """Ask whether another page would be too much, or would come too late."""
        is_late = monotonic() - self.begun_at > BATCH_SECONDS
        return self.n_read + page_size > size or self.n_bytes > BATCH_BYTES or is_late


class Reader:
    """Reads one mailbox, from a place on.

    First what has arrived in folders that were read before, then what is older: of each
    folder in turn the newest first. The sent folder comes before the inbox, and that before
    the rest.
    """

    def __init__(
        self,
        session: Session,
        settings: ImapSettings,
        place: Place,
        *,
        since: datetime,
        newsletters_since: datetime | None,
    ) -> None:
        """Remember what to read.

        Args:
            session: Signed in.
            settings: The owner's settings.
            place: How far the mailbox was read.
            since: Older messages are not reported.
            newsletters_since: How old newsletters may be whose text is read; None for none.
        """
        self._session, self._settings = session, settings
        self._place = self._told = self._safe = place
        self._since = since
        self._rule = TextRule(settings.read, settings.text_since, newsletters_since)
        self._folders: list[Listed] = []
        self._notices: dict[str, Rejected] = {}
        self._n_done = 0

    @property
    def place(self) -> Place:
        """How far the mailbox is read by now."""
        return self._place

    def batches(self) -> Iterator[Batch]:
        """Yield all there is; the last batch may be empty but for its cursor.

        Raises:
            CursorExpired: No folder has the UIDs any more that the place speaks of.
            Unavailable, Misconfigured: As the session and the cursor do.
        """
        begun = self._place
        self._folders = self._look()
        self._place = self._safe = self._settle(begun)
        for folder in self._folders:
            yield from self._unless_gone(folder, self._read_arrivals)
        for folder in self._folders:
            yield from self._unless_gone(folder, self._read_backlog)
        # A folder that does not open is told of when there is news, not at every poll.
        notices = tuple(self._notices.values()) if self._place != begun else ()
        if notices or self._place != self._told:
            yield Batch((), self._place.as_cursor(), notices)

    def _look(self) -> list[Listed]:
        chosen = choose(list_folders(self._session), self._settings.skip)
        return list(with_states(self._session, chosen))

    def _settle(self, place: Place) -> Place:
        """Forget the folders that are gone, and see whether the others are still the same."""
        present = {folder.key for folder in self._folders}
        kept = {key: mark for key, mark in place.marks.items() if key in present}
        is_anything_new = any(f.n_messages and f.key not in kept for f in self._folders)
        is_renumbered = len(kept) < len(place.marks) and is_anything_new
        n_renumberings = place.n_renumberings + 1 if is_renumbered else 0
        if place.marks and not kept and n_renumberings <= RENUMBERINGS:
            raise CursorExpired("the server has given all messages new numbers")
        settled = Place(kept, n_renumberings if place.marks else place.n_renumberings)
        self._require_room(settled)
        return settled

    def _require_room(self, place: Place) -> None:
        """See to it, before anything is read, that the last cursor will not be too long."""
        whole = {f.key: Mark(1, f.next_uid) for f in self._folders}
        filled = {f.key for f in self._folders if f.n_messages} | place.marks.keys()
        replace(place, marks={k: m for k, m in whole.items() if k in filled}).as_cursor()

    def _unless_gone(
        self, folder: Listed, read: Callable[[Listed], Iterator[Batch]]
    ) -> Iterator[Batch]:
        """Read a folder; if it is renamed or deleted meanwhile, go on with the next one."""
        try:
            yield from read(folder)
            self._safe = self._place
        except Refused:
            self._place = self._safe  # pages that were read but not handed over count for nothing
            if folder.key in {other.key for other in self._look()}:
                name = f"folder-{folder.key.hex()}"
                self._notices[name] = Rejected(name, "the server does not open this folder")
        except Unavailable:
            # Some servers hang up on whoever has a folder open that is deleted.
            if self._session.is_lost_for_good:
                raise
            self._place = self._safe
            self._session.reopen()
            if folder.key in {other.key for other in self._look()}:
                raise

    def _read_arrivals(self, folder: Listed) -> Iterator[Batch]:
        mark = self._place.marks.get(folder.key)
        if mark is None or folder.next_uid <= mark.high + 1:
            return
        opened = self._open(folder)
        if opened.key != folder.key:
            return  # it is another folder since it was listed: all of it is backlog
        top = opened.next_uid - 1
        windows = _windows(mark.high + 1, top, opened.n_messages)

        def after(uids: Sequence[int], is_last: bool) -> Mark:
            return Mark(mark.low, top if is_last else uids[-1])

        yield from self._read(opened, self._pages(windows, is_newest_first=False), after)
        self._mark(opened, Mark(mark.low, top))

    def _read_backlog(self, folder: Listed) -> Iterator[Batch]:
        known = self._place.marks.get(folder.key)
        if not folder.n_messages or (known and known.is_complete):
            return
        opened = self._open(folder)
        begun = self._place.marks.get(opened.key) or Mark(opened.next_uid, opened.next_uid - 1)
        windows = _windows(1, begun.low - 1, opened.n_messages)
        pages = self._pages(reversed(windows), is_newest_first=True)
        if known is None and self._place.n_renumberings > RENUMBERINGS:
            pages = _at_most(pages, -(-RENUMBERED_MESSAGES // self._page_size))

        def after(uids: Sequence[int], is_last: bool) -> Mark:
            return Mark(1 if is_last else uids[-1], begun.high)

        yield from self._read(opened, pages, after)
        self._mark(opened, Mark(1, begun.high))

    def _open(self, folder: Listed) -> Listed:
        """Open a folder and return it as it is now. Old servers do not tell the next UID again."""
        status = self._session.examine(folder.name)
        next_uid = max(status.next_uid, folder.next_uid)
        return replace(folder, status=replace(status, next_uid=next_uid))

    def _read(
        self, folder: Listed, pages: Pages, after: Callable[[Sequence[int], bool], Mark]
    ) -> Iterator[Batch]:
        fetcher = Fetcher(
            self._session,
            folder.kind,
            self._rule,
            since=self._since,
            where=folder.key.hex(),
            is_with_labels=folder.holds_all and self._session.can("X-GM-EXT-1"),
        )
        growing = _Growing()
        for uids, is_last in pages:
            growing.add(fetcher.read(uids), len(uids))
            self._n_done += len(uids)
            self._mark(folder, after(uids, is_last))
            if is_last or growing.is_full(self._settings.batch_size, self._page_size):
                yield self._batch(growing)
                growing = _Growing()

    def _pages(self, windows: Iterable[range], *, is_newest_first: bool) -> Pages:
        listed = (self._session.uids_between(w.start, w.stop - 1) for w in windows)
        ordered = (uids[::-1] if is_newest_first else uids for uids in listed)
        size = self._page_size
        return _telling_the_last(
            uids[n : n + size] for uids in ordered for n in range(0, len(uids), size)
        )

    @property
    def _page_size(self) -> int:
        """The largest size up to PAGE of which whole pages fill a batch."""
        n_pages = -(-self._settings.batch_size // PAGE)
        return self._settings.batch_size // n_pages

    def _mark(self, folder: Listed, mark: Mark) -> None:
        self._place = self._place.with_mark(folder.key, mark)

    def _batch(self, growing: _Growing) -> Batch:
        n_left = sum(map(self._n_left, self._folders))
        progress = Progress(self._n_done, self._n_done + n_left, "messages")
        messages, rejected = tuple(growing.messages.values()), tuple(growing.rejected.values())
        self._told = self._safe = self._place
        return Batch(messages, self._place.as_cursor(), rejected, progress)

    def _n_left(self, folder: Listed) -> int:
        """Estimate how many messages of a folder are still to be read, by its UIDs."""
        mark = self._place.marks.get(folder.key)
        if mark is None:
            return folder.n_messages
        n_arrivals = max(0, folder.next_uid - 1 - mark.high)
        n_older = folder.n_messages * (mark.low - 1) // max(1, folder.next_uid - 1)
        return min(folder.n_messages, n_arrivals + n_older)


def _windows(low: int, high: int, n_messages: int) -> list[range]:
    """Part the UIDs from ``low`` to ``high`` so that no list of those in use is too long."""
    if low > high:
        return []
    width = high - low + 1 if n_messages <= WINDOW else WINDOW
    return [range(start, min(start + width, high + 1)) for start in range(low, high + 1, width)]


def _telling_the_last(pages: Iterable[Sequence[int]]) -> Pages:
    before: Sequence[int] | None = None
    for page in pages:
        if before is not None:
            yield before, False
        before = page
    if before is not None:
        yield before, True


def _at_most(pages: Pages, count: int) -> Pages:
    return (
        (uids, is_last or n == count) for n, (uids, is_last) in enumerate(islice(pages, count), 1)
    )
