"""Turns a Maildir with its folders, Maildir++ or nested ones, into batches of messages.

Source: maildir(5), https://cr.yp.to/proto/maildir.html; Maildir++ in Courier's documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from connectors import arrivals
from connectors.errors import Misconfigured
from connectors.formats.folder_names import folder_named
from connectors.observations import Folder
from connectors.protocol import Batch, Cursor, Reading

_SUBFOLDERS = ("cur", "new")
# A colon cannot be in a file name everywhere, so some write "2," after another character.
_FLAGS = re.compile(r"[:;!-]2,([A-Za-z]*)$")


@dataclass(frozen=True)
class MaildirSettings:
    """Which Maildir to read, how far to look into its messages, and what kind its root is.

    Text older than ``text_since`` (aware; None for no bound) is not looked at.
    """

    path: Path
    read: Reading = Reading.TEXT
    folder: Folder = Folder.OTHER
    text_since: datetime | None = None


class MaildirConnector:
    """Reads a Maildir and all Maildirs below it, the sent ones first.

    A message is named after its file, without folder and flags, so it stays itself when it is
    read, flagged or moved; each such change reports it again, as one that replaces the first.
    """

    settings_type: ClassVar[type[MaildirSettings]] = MaildirSettings

    def __init__(
        self, settings: MaildirSettings, *, since: datetime, batch_size: int = 250
    ) -> None:
        """Remember what to read; touch nothing yet."""
        self._reader = arrivals.Reader(
            _Maildir(settings.path),
            settings.path,
            settings.read,
            settings.folder,
            settings.text_since,
            since,
            batch_size,
        )

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has arrived or changed since ``cursor``, oldest change first.

        Raises:
            CursorExpired: Another Maildir lies at the path, or the clock was put back.
            Misconfigured: There is no such folder, or no Maildir in it.
            AccessDenied: This user may not read a folder.
            Unavailable: The disk fails.
        """
        return self._reader.poll(cursor)

    def close(self) -> None:
        """Do nothing: nothing is open between batches that outlives the poll."""


class _Maildir:
    """The layout of a Maildir: ``cur`` and ``new`` in each folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def folders(self, root: int) -> list[str]:
        """Return all ``cur`` and ``new`` folders, ``new`` after ``cur``."""
        found = list(_walk(root, "", arrivals.DEPTH_LIMIT))
        if not found:
            raise Misconfigured(f"{self._path} is not a Maildir: no 'cur' or 'new' in or below it")
        return found

    def snapshot(self, root: int, folders: list[str]) -> arrivals.Snapshot:
        """Say when entries were last made, removed or renamed in each folder."""
        return arrivals.look_at(root, folders)

    def is_message(self, name: str) -> bool:
        """Whether it is no hidden file: those are the programs' own."""
        return not name.startswith(".")

    def uid_of(self, path: str) -> str:
        """Return the file's name without its flags, which never changes: maildir(5)."""
        return _FLAGS.sub("", path.rpartition("/")[2])

    def folder_of(self, path: str) -> Folder | None:
        """Tell by the folder's name: ``.Sent/cur/...`` or ``Sent/cur/...``."""
        return folder_named(path.rpartition("/")[0].rpartition("/")[0])


def _walk(root: int, folder: str, depth: int) -> Iterator[str]:
    names = arrivals.folders_in(root, folder)
    yield from (arrivals.join(folder, name) for name in _SUBFOLDERS if name in names)
    if depth:
        for name in names:
            if name not in (*_SUBFOLDERS, "tmp"):
                yield from _walk(root, arrivals.join(folder, name), depth - 1)
