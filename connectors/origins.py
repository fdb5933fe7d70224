"""Where a document lies, on a disk or on the web, to its present edition, if that is a new one."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol

from connectors.credentials.secrets import Secret
from connectors.document import origin_of
from connectors.errors import Misconfigured
from connectors.files import NotRegular, naming_errors, open_regular, open_root, read_at_most
from connectors.formats.text import scrub

_NAME_LIMIT = 200


class Unreadable(ValueError):
    """A file of a document that is set aside; the message says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a document is told by.

    Attributes:
        noun: What to call it.
        limit: Bytes that one file, or one answer after unpacking, may have.
        opening: Found in every one of it; what is sent without is something else.
        closing: Found at the end of every whole one.
        suffixes: Of the files in a folder that count, in lower case and with their dots; none
            where a document is always one file.
    """

    noun: str
    limit: int
    opening: re.Pattern[bytes]
    closing: re.Pattern[bytes]
    suffixes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of a document.

    Attributes:
        uid: What to call it where it is set aside.
        changed_at: Since when it is as it is.
        seen_at: Nothing in it can be younger.
        read: Returns its bytes. Raises Unreadable if it is set aside, Misconfigured,
            AccessDenied or Unavailable if the document cannot be had at all.
    """

    uid: str
    changed_at: datetime
    seen_at: datetime
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Edition:
    """A document as it is now. ``stamp`` names it, empty where it should be looked at again."""

    stamp: str
    sheets: tuple[Sheet, ...]


class Origin(Protocol):
    """Where a document comes from."""

    @property
    def name(self) -> str:
        """What tells it from all others."""
        ...

    def look(self, stamp: str) -> Edition | None:
        """Return the present edition, or None if it is still the one called ``stamp``.

        Raises:
            Misconfigured, AccessDenied, Unavailable: There is none to be had.
        """
        ...

    def close(self) -> None:
        """Release connections, ending what waits for them. Idempotent."""
        ...


class Located(Protocol):
    """Settings that say where a document is: at a path or at a url, never at both."""

    path: Path | None
    url: str
    allow_private: bool
    ca_file: Path | None
    user: str
    secret: Secret | None


def origin_at(settings: Located, kind: Kind) -> Origin:
    """Return the origin that ``settings`` name; what is wrong with them, it says when asked."""
    path = None if settings.path == Path() else settings.path
    if (path is None) == (not settings.url):
        return Nowhere("name either the path or the url, and not both")
    if path is not None:
        return Files(path, kind)
    if bool(settings.user) != (settings.secret is not None):
        return Nowhere("a user needs a secret, and a secret a user")
    # Imported here: what speaks to the web takes a tenth of a second, and files need none of it.
    page: Origin = import_module("connectors.pages").open_page(settings, kind)
    return page


@dataclass(frozen=True, slots=True)
class Nowhere:
    """What settings name that contradict themselves."""

    reason: str
    name: str = ""

    def look(self, stamp: str) -> Edition | None:  # noqa: ARG002 -- as every origin
        """Raise Misconfigured."""
        raise Misconfigured(self.reason)

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Files:
    """One file; or a folder, whose regular files with a suffix of ``kind`` count as one."""

    path: Path
    kind: Kind

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def look(self, stamp: str) -> Edition | None:
        """Return the files in the order of their names, having read none of them."""
        found = self._survey()
        present = origin_of(*(part for name, stats in found for part in (name, _identity(stats))))
        if present == stamp:
            return None
        return Edition(present, tuple(self._sheet(name, stats) for name, stats in found))

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _survey(self) -> list[tuple[str, os.stat_result]]:
        """Return names in the folder, "" for the file itself, and what is known of each."""
        with naming_errors(self.path):
            root = open_root(self.path)
            try:
                if not stat.S_ISDIR(os.fstat(root).st_mode):
                    return [("", os.fstat(root))]
                if not self.kind.suffixes:
                    raise Misconfigured(f"{self.path} is a folder; a {self.kind.noun} is one file")
                return list(_survey_folder(root, self.kind.suffixes))
            finally:
                os.close(root)

    def _sheet(self, name: str, found: os.stat_result) -> Sheet:
        written_at = datetime.fromtimestamp(found.st_mtime, UTC)
        read = partial(_read_file, self.path, name, self.kind.limit)
        return Sheet(_uid(name), written_at, written_at, read)


def _survey_folder(root: int, suffixes: frozenset[str]) -> Iterator[tuple[str, os.stat_result]]:
    for name in sorted(os.listdir(root)):
        if Path(name).suffix.lower() in suffixes and not name.startswith("."):
            with suppress(FileNotFoundError):
                yield name, os.stat(name, dir_fd=root, follow_symlinks=False)


def _identity(found: os.stat_result) -> str:
    """Return what tells a file from its former self; its ctime cannot be set back."""
    stamps = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return " ".join(map(str, stamps))


def _uid(name: str) -> str:
    if name.isprintable() and name == scrub(name, _NAME_LIMIT):
        return name or "the file"
    return origin_of(name)


def _read_file(path: Path, name: str, limit: int) -> bytes:
    """Return the bytes of ``name`` in the folder ``path``, or of ``path`` where that is empty.

    Raises:
        Unreadable: It is larger than ``limit`` bytes; or it lies in a folder, and has vanished,
            is refused or no regular file.
        Misconfigured, AccessDenied, Unavailable: As ``files.naming_errors`` says.
    """
    with naming_errors(path):
        root = open_root(path)
        content = _read_beneath(root, name, limit + 1) if name else read_at_most(root, limit + 1)
    if len(content) > limit:
        raise Unreadable(f"larger than {limit // 2**20} MB")
    return content


def _read_beneath(root: int, name: str, limit: int) -> bytes:
    try:
        return read_at_most(open_regular(name, root), limit)
    except NotRegular as error:
        raise Unreadable("not a regular file") from error
    except OSError as error:
        raise Unreadable(os.strerror(error.errno or 0).lower()) from error
    finally:
        os.close(root)
