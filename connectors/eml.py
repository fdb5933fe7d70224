"""Turns a folder of .eml files, or a single one, into batches of messages."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from connectors import arrivals, files
from connectors.formats.folder_names import folder_named
from connectors.observations import Folder
from connectors.protocol import Batch, Cursor, Reading


@dataclass(frozen=True)
class EmlSettings:
    """Which folder or file to read, how far to look into messages, and what kind it is.

    Text older than ``text_since`` (aware; None for no bound) is not looked at.
    """

    path: Path
    read: Reading = Reading.TEXT
    folder: Folder = Folder.OTHER
    text_since: datetime | None = None


class EmlConnector:
    """Reads the .eml files in and below a folder, sent ones first; a message is named by path."""

    settings_type: ClassVar[type[EmlSettings]] = EmlSettings

    def __init__(self, settings: EmlSettings, *, since: datetime, batch_size: int = 250) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since, self._batch_size = settings, since, batch_size

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has arrived or changed since ``cursor``, oldest change first.

        Raises:
            CursorExpired: Another folder lies at the path, or the clock was put back.
            Misconfigured: There is no such folder or file.
            AccessDenied: This user may not read a folder.
            Unavailable: The disk fails.
        """
        path = self._settings.path.absolute()
        with files.naming_errors(path):
            layout = _SingleFile(path.name) if _is_file(path) else _Tree()
        yield from arrivals.Reader(
            layout,
            path.parent if isinstance(layout, _SingleFile) else path,
            self._settings.read,
            self._settings.folder,
            self._settings.text_since,
            self._since,
            self._batch_size,
            trusts_labels=True,
        ).poll(cursor)

    def close(self) -> None:
        """Do nothing: nothing is open between batches that outlives the poll."""


class _Tree:
    """The layout of folders within folders, of which files may also be rewritten in place."""

    def folders(self, root: int) -> list[str]:
        """Return the folder and those below it, without hidden ones."""
        return list(_walk(root, "", arrivals.DEPTH_LIMIT))

    def snapshot(self, root: int, folders: list[str]) -> arrivals.Snapshot:
        """Say when a folder last changed; that no file did cannot be told without looking."""
        return arrivals.look_at(root, folders)._replace(digest="")

    def is_message(self, name: str) -> bool:
        """Whether the name ends as it should."""
        return name.lower().endswith(".eml") and not name.startswith(".")

    def uid_of(self, path: str) -> str:
        """Return the path itself."""
        return path

    def folder_of(self, path: str) -> Folder | None:
        """Tell by the folder's name, as mail programs export it."""
        return folder_named(path.rpartition("/")[0])


class _SingleFile(_Tree):
    """The layout of one file in a folder of which nothing else is looked at."""

    def __init__(self, name: str) -> None:
        self._name = name

    def folders(self, root: int) -> list[str]:  # noqa: ARG002 - the same wherever it is
        """Return the folder alone."""
        return [""]

    def is_message(self, name: str) -> bool:
        """Whether it is the one."""
        return name == self._name


def _is_file(path: Path) -> bool:
    descriptor = files.open_root(path)
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def _walk(root: int, folder: str, depth: int) -> Iterator[str]:
    yield folder
    if depth:
        for name in arrivals.folders_in(root, folder):
            if not name.startswith("."):
                yield from _walk(root, arrivals.join(folder, name), depth - 1)
