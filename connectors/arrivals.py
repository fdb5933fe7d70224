"""Turns folders of one-message files into batches of messages, by the time each file changed.

The time of the last status change (ctime) orders the files, because unlike the time of
modification no program can set it: whatever is delivered, copied or moved in later is later. A
cursor is a pair of marks in that order: one for sent mail, which is read first, one for the rest.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import quote_from_bytes

from connectors import files
from connectors.errors import CursorExpired, Unavailable
from connectors.formats.mbox import RAW_LIMIT
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Folder, Message
from connectors.protocol import Batch, Cursor, Progress, Reading, Rejected

SETTLED_NS = 20_000_000
"""Nanoseconds after which a change shows in a file's times: several ticks of the kernel."""
PATIENCE = 4
"""How many times to look for a moment's rest."""
SLEW_NS = 1_000_000_000
"""Nanoseconds that a clock may be put back unnoticed."""
HEAD_LIMIT = 256 * 1024
"""Bytes read where the text is not. Source: reliability notes, limits on input."""
DEPTH_LIMIT = 16
"""Folders within folders."""
UID_LIMIT = 512
_BELIEVABLE_S = 631_152_000  # 1990; an archive without times unpacks to 1970 or 1980
_CURSOR = re.compile(r"files1:(\d+):([0-9a-f]*):(\d+)-(\d+):(\d+)-(\d+)")


class Mark(NamedTuple):
    """A place among all changes: nanoseconds since 1970, and an order within one tick."""

    changed_ns: int
    tie: int


NEVER = Mark(0, 0)


class Entry(NamedTuple):
    """A file that may hold a message, by its path below the root."""

    mark: Mark
    path: str
    is_regular: bool


class Listing(NamedTuple):
    """What has changed, in order; all of it if ``is_whole``, up to ``horizon_ns`` for certain."""

    entries: list[Entry]
    is_whole: bool
    horizon_ns: int


class Snapshot(NamedTuple):
    """What folders looked like: if it is the same again, no file came or went.

    ``digest`` is empty where nothing can be told, ``newest_ns`` when a folder last changed.
    """

    digest: str
    newest_ns: int


class Layout(Protocol):
    """How a kind of mail store lays out its files. All paths are relative to the root."""

    def folders(self, root: int) -> list[str]:
        """Return the folders that may hold messages."""
        ...

    def snapshot(self, root: int, folders: list[str]) -> Snapshot:
        """Say what the folders look like, if that tells whether files came or went."""
        ...

    def is_message(self, name: str) -> bool:
        """Whether a file of that name may hold a message."""
        ...

    def uid_of(self, path: str) -> str:
        """Return what the message at ``path`` is called, wherever it is moved by its owner."""
        ...

    def folder_of(self, path: str) -> Folder | None:
        """Return what kind of folder the message lies in, if that can be told."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """How far the files below a root, known by its inode, were read."""

    root: int
    snapshot: str = ""
    sent: Mark = NEVER
    rest: Mark = NEVER

    def as_cursor(self) -> Cursor:
        sent, rest = (f"{mark.changed_ns}-{mark.tie}" for mark in (self.sent, self.rest))
        return Cursor(f"files1:{self.root}:{self.snapshot}:{sent}:{rest}")

    @classmethod
    def from_cursor(cls, cursor: Cursor | None, root: int) -> "Place":
        """Read a cursor.

        Raises:
            CursorExpired: It was issued for another root, or by a clock that was put back since:
                what arrived meanwhile would seem old.
        """
        if cursor is None:
            return cls(root)
        found = _CURSOR.fullmatch(cursor)
        if not found or int(found[1]) != root:
            raise CursorExpired("the folder is not the one that was read")
        first, second, third, fourth = (int(number) for number in found.groups()[2:])
        place = cls(root, found[2], Mark(first, second), Mark(third, fourth))
        if max(place.sent, place.rest).changed_ns > time.time_ns() + SLEW_NS:
            raise CursorExpired("the clock was put back")
        return place


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one root in one layout: what Maildir and folders of .eml files have in common."""

    layout: Layout
    path: Path
    read: Reading
    folder: Folder
    text_since: datetime | None
    since: datetime
    batch_size: int
    trusts_labels: bool = False

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has changed since ``cursor``; see :class:`connectors.protocol.Connector`."""
        with files.naming_errors(self.path), _opened(self.path) as root, _steady(self.path):
            place = Place.from_cursor(cursor, os.fstat(root).st_ino)
            folders = self.layout.folders(root)
            snapshot = _at_rest(lambda: self.layout.snapshot(root, folders))
            if snapshot and snapshot == place.snapshot:
                return
            listing = self._list(root, folders, place)
            yield from self._batches(root, listing, place, snapshot if listing.is_whole else "")

    def _list(self, root: int, folders: list[str], place: Place) -> Listing:
        """List what has changed, waiting a little for what is changing at this moment.

        What changed just now may change again within the same tick, unseen. What does not come
        to rest is left to the next poll.
        """
        for _ in range(PATIENCE):
            horizon_ns = time.time_ns() - SETTLED_NS
            listed = list(self._changed(root, folders, place))
            fresh_until = time.time_ns() + SETTLED_NS
            settled = [e for e in listed if not horizon_ns <= e.mark.changed_ns <= fresh_until]
            if len(settled) == len(listed):
                break
            time.sleep(SETTLED_NS / 1e9)
        return Listing(sorted(settled), len(settled) == len(listed), horizon_ns)

    def _batches(self, root: int, listing: Listing, place: Place, snapshot: str) -> Iterator[Batch]:
        sent = [entry for entry in listing.entries if self._is_sent(entry.path)]
        rest = [entry for entry in listing.entries if not self._is_sent(entry.path)]
        n_done, begun = 0, place
        for page in [*_pages(sent, self.batch_size), *_pages(rest, self.batch_size)]:
            n_done += len(page)
            # A mark must not lie in the future, or what arrives until then would seem old.
            mark = min(page[-1].mark, Mark(listing.horizon_ns, 0))
            is_sent = n_done <= len(sent)
            place = replace(place, sent=mark) if is_sent else replace(place, rest=mark)
            progress = Progress(n_done, len(listing.entries), "messages")
            yield self._batch(root, page, place, progress)
        place = replace(place, snapshot=snapshot)
        if place != begun:
            yield Batch((), place.as_cursor())

    def _changed(self, root: int, folders: list[str], place: Place) -> Iterator[Entry]:
        for folder in folders:
            after = place.sent if self._is_sent(f"{folder}/") else place.rest
            for entry in _scan(root, folder, self.layout.is_message):
                if entry.mark > after:
                    yield entry

    def _is_sent(self, path: str) -> bool:
        return self._folder_of(path) is Folder.SENT

    def _folder_of(self, path: str) -> Folder:
        return self.layout.folder_of(path) or self.folder

    def _batch(self, root: int, page: list[Entry], place: Place, progress: Progress) -> Batch:
        read = [item for entry in page if (item := self._read(root, entry))]
        # A message that is being moved can be listed in both places: it is reported once.
        found = {item.uid: item for item in read if isinstance(item, Message)}
        rejected = {item.uid: item for item in read if isinstance(item, Rejected)}
        recent = (message for message in found.values() if message.sent_at >= self.since)
        return Batch(tuple(recent), place.as_cursor(), tuple(rejected.values()), progress)

    def _read(self, root: int, entry: Entry) -> Message | Rejected | None:
        uid = _printable(self.layout.uid_of(entry.path))
        try:
            if not entry.is_regular:
                raise files.NotRegular("it is no regular file")
            descriptor = files.open_beneath(root, entry.path)
        except FileNotFoundError:
            # Deleted, or renamed: to be renamed is to be changed, so the next poll finds it.
            return None
        except PermissionError:
            return Rejected(uid, "this user may not read it")
        except files.NotRegular as error:
            return Rejected(uid, str(error))
        received_at = _received_at(os.fstat(descriptor))
        limit = RAW_LIMIT if self.read is Reading.TEXT else HEAD_LIMIT
        raw = files.read_at_most(descriptor, limit)
        try:
            return read_message(
                raw,
                uid=uid,
                received_at=received_at,
                reading=self.read,
                text_since=self.text_since,
                folder=self._folder_of(entry.path),
                trusts_labels=self.trusts_labels,
            )
        except Unreadable as error:
            return Rejected(uid, str(error))


def look_at(root: int, folders: Iterable[str]) -> Snapshot:
    """Return the snapshot of ``folders``: which they are, and when each last changed."""
    digest, newest_ns = blake2b(digest_size=16), 0
    for folder in folders:
        seen = os.stat(folder or ".", dir_fd=root, follow_symlinks=False)
        digest.update(f"{folder}\0{seen.st_ino}\0{seen.st_mtime_ns}\0".encode(errors="replace"))
        newest_ns = max(newest_ns, seen.st_mtime_ns)
    return Snapshot(digest.hexdigest(), newest_ns)


def folders_in(root: int, folder: str) -> list[str]:
    """Return the names of the folders in ``folder`` of ``root``, sorted; links are none."""
    with _scanned(root, folder) as found:
        return sorted(item.name for item in found if item.is_dir(follow_symlinks=False))


def join(folder: str, name: str) -> str:
    """Return the path of ``name`` in ``folder``; the root is called ""."""
    return f"{folder}/{name}" if folder else name


def _at_rest(look: Callable[[], Snapshot]) -> str:
    """Look until nothing has changed for so long that another change would show."""
    for _ in range(PATIENCE):
        snapshot = look()
        age_ns = time.time_ns() - snapshot.newest_ns
        if not 0 <= age_ns < SETTLED_NS:
            return snapshot.digest
        time.sleep((SETTLED_NS - age_ns) / 1e9)
    return ""


def _scan(root: int, folder: str, is_message: Callable[[str], bool]) -> Iterator[Entry]:
    with _scanned(root, folder) as found:
        for item in found:
            if is_message(item.name):
                # What vanishes while it is being listed is not there.
                with suppress(FileNotFoundError):
                    yield _entry(folder, item)


def _entry(folder: str, item: "os.DirEntry[str]") -> Entry:
    path = join(folder, item.name)
    changed_ns = item.stat(follow_symlinks=False).st_ctime_ns
    tie = int.from_bytes(blake2b(os.fsencode(path), digest_size=8).digest())
    return Entry(Mark(changed_ns, tie), path, item.is_file(follow_symlinks=False))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    root = files.open_root(path)
    try:
        yield root
    finally:
        os.close(root)


@contextmanager
def _steady(path: Path) -> Iterator[None]:
    """Below an open root, what is missing was there when it was listed."""
    try:
        yield
    except (FileNotFoundError, files.NotRegular) as error:
        raise Unavailable(f"{path} changed while it was read: {error}") from error


@contextmanager
def _scanned(root: int, folder: str) -> Iterator[Iterator["os.DirEntry[str]"]]:
    descriptor = files.open_folder_beneath(root, folder)
    try:
        with os.scandir(descriptor) as found:
            yield found
    finally:
        os.close(descriptor)


def _pages(entries: list[Entry], size: int) -> Iterator[list[Entry]]:
    return (entries[first : first + size] for first in range(0, len(entries), size))


def _received_at(seen: os.stat_result) -> datetime:
    """Return when a file came: its time of modification, unless an archive lost that."""
    at = seen.st_mtime if seen.st_mtime > _BELIEVABLE_S else seen.st_ctime
    return datetime.fromtimestamp(at, UTC)


def _printable(name: str) -> str:
    """Return a file name as clean text, and a long one by its digest."""
    raw = os.fsencode(name)
    if len(raw) > UID_LIMIT:
        return blake2b(raw, digest_size=20).hexdigest()
    return name if name.isprintable() else quote_from_bytes(raw, safe="/ ")
