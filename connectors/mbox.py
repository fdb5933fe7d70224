"""Turns an mbox file, plain or compressed, growing or replaced, into batches of messages."""

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar

from connectors import files
from connectors.errors import CursorExpired, Misconfigured
from connectors.formats import mbox
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Folder, Gone, Message, Observation
from connectors.protocol import Batch, Cursor, Progress, Reading, Rejected

HEAD = 1024
"""Bytes at the beginning that tell one mbox from another."""
SETTLED_NS = 20_000_000
"""Nanoseconds after which a change shows in a file's times: several ticks of the kernel."""
ABANDONED_S = 10
"""Seconds without a change after which what lacks its end is taken for complete."""
STALE_LOCK_S = 600
"""Seconds after which a dot-lock counts no more. Source: lockfile(1), -l; mutt_dotlock(1)."""
_CURSOR = re.compile(r"mbox1:(\d+):([0-9a-f]*):(\d+):(\d+):([0-9a-f]*):([-\w]*)")


@dataclass(frozen=True)
class MboxSettings:
    """Which file to read, how far to look into its messages, and what folder it stands for.

    Text older than ``text_since`` (aware; None for no bound) is not looked at.
    """

    path: Path
    read: Reading = Reading.TEXT
    folder: Folder = Folder.OTHER
    text_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """How far an mbox was read.

    Attributes:
        n_head: Length of the beginning that ``head`` is the digest of, in bytes.
        head: Tells whether it is still the same mbox.
        start: Where the last message reported began, in bytes of the decompressed mbox.
        end: Where it ended.
        last: Its name.
        stamp: Identity, size and time of the file, if all of it was read.
    """

    n_head: int = 0
    head: str = ""
    start: int = 0
    end: int = 0
    last: str = ""
    stamp: str = ""

    def as_cursor(self) -> Cursor:
        parts = (self.n_head, self.head, self.start, self.end, self.last, self.stamp)
        return Cursor(":".join(["mbox1", *map(str, parts)]))

    @classmethod
    def from_cursor(cls, cursor: Cursor | None) -> "_Place":
        if cursor is None:
            return cls()
        found = _CURSOR.fullmatch(cursor)
        if not found:
            raise CursorExpired("this cursor is not of an mbox")
        n_head, head, start, end, last, stamp = found.groups()
        return cls(int(n_head), head, int(start), int(end), last, stamp)


@dataclass(slots=True)
class _Growing:
    """A batch in the making. The same message twice in one batch is reported once."""

    place: _Place
    observations: dict[str, Observation] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    n_pieces: int = 0

    def take(self, item: Observation | Rejected | None) -> None:
        if isinstance(item, Rejected):
            self.rejected[item.uid] = item
        elif item:
            self.observations[item.uid] = item

    def finish(self, progress: Progress) -> Batch:
        """Return the batch, and begin the next one."""
        observations, rejected = self.observations, self.rejected
        self.observations, self.rejected, self.n_pieces = {}, {}, 0
        cursor = self.place.as_cursor()
        return Batch(tuple(observations.values()), cursor, tuple(rejected.values()), progress)


class MboxConnector:
    """Reads one mbox file.

    A message is named after its content (see :func:`connectors.formats.mbox.name`), so after the
    file was compacted, sorted or replaced its messages keep their names; copies of one message
    share one. A last message that turns out to have been a part is taken back and reported whole.
    """

    settings_type: ClassVar[type[MboxSettings]] = MboxSettings

    def __init__(self, settings: MboxSettings, *, since: datetime, batch_size: int = 250) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since, self._batch_size = settings, since, batch_size

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the messages after ``cursor``, in the order of the file.

        Raises:
            CursorExpired: The file was replaced, shortened or rewritten.
            Misconfigured: There is no such file, it is no mbox, or it swells beyond reason.
            AccessDenied: This user may not read the file.
            Unavailable: The disk fails.
        """
        path = self._settings.path
        with files.naming_errors(path), closing(_OpenMbox(path)) as file:
            place = _Place.from_cursor(cursor)
            if place.stamp != file.stamp:
                yield from self._batches(file, place)

    def close(self) -> None:
        """Do nothing: the file is open only while it is being read."""

    def _batches(self, file: "_OpenMbox", place: _Place) -> Iterator[Batch]:
        growing = _Growing(place)
        try:
            growing.place, gone = file.resume(place)
            growing.take(gone)
            for piece in file.complete_pieces(growing.place):
                self._add(growing, piece)
                if growing.n_pieces == self._batch_size:
                    yield growing.finish(file.progress())
        except files.Damaged as error:
            growing.take(Rejected(f"from byte {growing.place.end}", str(error)))
        growing.place = replace(growing.place, stamp=file.final_stamp())
        yield growing.finish(file.progress())

    def _add(self, growing: _Growing, piece: mbox.Piece) -> None:
        message = mbox.content(piece.raw)
        name = mbox.name(message)
        growing.take(self._read(name, message, mbox.posted_at(piece.raw)))
        growing.place = replace(growing.place, start=piece.start, end=piece.end, last=name)
        growing.n_pieces += 1

    def _read(
        self, name: str, raw: bytes, received_at: datetime | None
    ) -> Message | Rejected | None:
        try:
            message = read_message(
                raw,
                uid=name,
                received_at=received_at,
                reading=self._settings.read,
                text_since=self._settings.text_since,
                folder=self._settings.folder,
                trusts_labels=True,
            )
        except Unreadable as error:
            return Rejected(name, str(error))
        return message if message.sent_at >= self._since else None


class _OpenMbox:
    """One look at the file, and at what it was when it was opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = files.open_file(path)
        self._stream = files.Stream(self._descriptor)
        self._seen = os.fstat(self._descriptor)
        self._is_held_back = False
        self.stamp = f"{self._seen.st_ino}-{self._seen.st_size}-{self._seen.st_ctime_ns}"

    def close(self) -> None:
        self._stream.close()

    def progress(self) -> Progress:
        size = self._seen.st_size
        return Progress(min(self._stream.n_consumed, size), size, "bytes")

    def final_stamp(self) -> str:
        """Return the stamp if all that the file holds was read, and it had come to rest."""
        age_ns = time.time_ns() - self._seen.st_ctime_ns
        is_read = self._is_unchanged() and not self._is_held_back and age_ns > SETTLED_NS
        return self.stamp if is_read else ""

    def resume(self, place: _Place) -> tuple[_Place, Gone | None]:
        """Position the stream after ``place``, if the file is still the same up to there.

        Returns:
            The place, and what was reported as a message but has proved to be a part of one.
        """
        head = self._stream.peek(HEAD)
        if place.n_head and _digest(head[: place.n_head]) != place.head:
            raise CursorExpired(f"{self._path} was replaced")
        place = replace(place, n_head=len(head), head=_digest(head), stamp="")
        if not place.last:
            self._stream.skip_to(place.end)
        elif not self._is_last_still_there(place):
            raise CursorExpired(f"{self._path} was rewritten")
        elif self._is_continued():
            self._stream.rewind()
            self._stream.skip_to(place.start)
            return replace(place, end=place.start, last=""), Gone(place.last)
        return place, None

    def complete_pieces(self, place: _Place) -> Iterator[mbox.Piece]:
        """Yield the messages from here on, without a last one that is still being written."""
        if not self._is_at_postmark():
            raise Misconfigured(f"{self._path} is not an mbox: it does not begin with 'From '")
        start = place.end + self._n_blank()
        self._stream.skip_to(start)
        for piece in mbox.split(self._stream, start):
            self._is_held_back = piece.is_last and not self._is_complete(piece)
            if not self._is_held_back:
                yield piece

    def _is_last_still_there(self, place: _Place) -> bool:
        last = mbox.Piece(place.start, place.start)
        try:
            self._stream.skip_to(place.start)
            while last.end < place.end:
                part = self._stream.read(min(mbox.CHUNK, place.end - last.end))
                if not part:
                    return False
                last.add(part)
        except files.Damaged:
            return False
        return mbox.name(mbox.content(last.raw)) == place.last

    def _is_at_postmark(self) -> bool:
        return mbox.is_postmark(self._stream.peek(mbox.OVERLAP).lstrip(b"\r\n"))

    def _is_continued(self) -> bool:
        """Whether more of the last message follows, as far as can be told yet."""
        ahead = self._stream.peek(mbox.OVERLAP).lstrip(b"\r\n")
        if not mbox.is_postmark(ahead):
            return True
        is_told = ahead.count(b"\n") > 1 or self._is_abandoned()
        return bool(ahead) and is_told and not mbox.is_separator(ahead)

    def _n_blank(self) -> int:
        ahead = self._stream.peek(mbox.OVERLAP)
        return len(ahead) - len(ahead.lstrip(b"\r\n"))

    def _is_complete(self, piece: mbox.Piece) -> bool:
        """Whether the last message is all there.

        It is if the file did not change meanwhile, nobody holds a lock on it, and it ends with a
        line break after its headers, or was left without for so long that none will come.
        """
        if not self._is_unchanged() or _is_locked(self._path, self._descriptor):
            return False
        is_cut = len(piece.raw) >= mbox.RAW_LIMIT
        is_ended = piece.raw.endswith(b"\n") or self._stream.is_compressed
        return is_cut or self._is_abandoned() or (is_ended and mbox.has_headers(piece.raw))

    def _is_abandoned(self) -> bool:
        return time.time() - self._seen.st_mtime > ABANDONED_S

    def _is_unchanged(self) -> bool:
        now = os.fstat(self._descriptor)
        return (now.st_size, now.st_mtime_ns) == (self._seen.st_size, self._seen.st_mtime_ns)


def _digest(head: bytes) -> str:
    return blake2b(head, digest_size=12).hexdigest()


def _is_locked(path: Path, descriptor: int) -> bool:
    """Whether a mail program is writing: by dot-lock or by fcntl (RFC 4155 appendix A)."""
    with suppress(FileNotFoundError):
        lock = os.lstat(f"{path}.lock")
        if time.time() - lock.st_mtime < STALE_LOCK_S:
            return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EAGAIN)
    fcntl.lockf(descriptor, fcntl.LOCK_UN)
    return False
