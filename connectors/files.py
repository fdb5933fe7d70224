"""Turns paths into open files: regular ones only, nothing followed, no trace left, errors named.

The path that the owner configured may be a symbolic link; nothing below it is followed.
"""

import errno
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.errors import AccessDenied, CursorExpired, Misconfigured, Unavailable

# Opening a FIFO must not wait for a writer, and reading must not look like the owner's: mail
# programs take a file accessed after it was changed for read. Source: open(2), mutt(1).
_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_UNNOTICED: int = getattr(os, "O_NOATIME", 0)
_MISSING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR}
_REFUSED = {errno.EACCES, errno.EPERM}
CHUNK = 1024 * 1024

RATIO_LIMIT = 200
"""Bytes out of one byte in: text seldom exceeds 20, a bomb reaches 1,000 (RFC 1951)."""
RATIO_GRACE = 16 * 1024 * 1024
"""Bytes that may come out before the ratio is looked at."""


class NotRegular(OSError):
    """Something that is neither a file nor a folder, or a link, where a file was expected."""


@contextmanager
def naming_errors(path: Path | str) -> Iterator[None]:
    """Turn what the system says about ``path`` into what the daemon should do about it.

    Raises:
        Misconfigured: There is no such file or folder.
        AccessDenied: This user may not read it.
        Unavailable: Anything else, such as a disk that fails.
    """
    try:
        yield
    except NotRegular as error:
        raise Misconfigured(f"{path} is not a regular file") from error
    except OSError as error:
        raise _named(error, path) from error


def _named(error: OSError, path: Path | str) -> AccessDenied | Misconfigured | Unavailable:
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    if error.errno in _MISSING:
        return Misconfigured(f"{path} cannot be opened: {reason}")
    if error.errno in _REFUSED:
        return AccessDenied(f"{path} may not be read by this user: {reason}")
    return Unavailable(f"{path} cannot be read now: {reason}")


def open_file(path: Path) -> int:
    """Return a descriptor of the regular file the owner configured.

    Raises:
        NotRegular: It is something else.
        OSError: As open(2).
    """
    descriptor = open_root(path)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise NotRegular(f"{path} is a folder")


def open_root(path: Path) -> int:
    """Return a descriptor of the file or folder the owner configured.

    Raises:
        NotRegular: It is a device, a socket or a FIFO.
        OSError: As open(2).
    """
    descriptor = _open_unnoticed(os.fspath(path), _READING, None)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return descriptor
    os.close(descriptor)
    raise NotRegular(f"{path} is neither a file nor a folder")


def open_folder(name: str, folder: int | None = None) -> int:
    """Return a descriptor of the folder ``name`` in ``folder``; a link is not followed.

    Raises:
        NotRegular: It is a link, or no folder.
        OSError: As open(2).
    """
    try:
        return _open_unnoticed(name, _READING | os.O_NOFOLLOW | os.O_DIRECTORY, folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotRegular(f"{name} is not a folder") from error
        raise


def open_regular(name: str, folder: int | None = None) -> int:
    """Return a descriptor of the regular file ``name`` in ``folder``; a link is not followed.

    Raises:
        NotRegular: It is a link, a folder, a device, a socket or a FIFO.
        OSError: As open(2).
    """
    try:
        descriptor = _open_unnoticed(name, _READING | os.O_NOFOLLOW, folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotRegular(f"{name} is a link or a socket") from error
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise NotRegular(f"{name} is not a regular file")


def open_beneath(root: int, path: str) -> int:
    """Return a descriptor of the regular file ``path`` below ``root``.

    No component of ``path`` is followed where it is a link, so nothing outside is reached.

    Raises:
        NotRegular: The file, or a folder on the way to it, is something else.
        OSError: As open(2).
    """
    folder, _, name = path.rpartition("/")
    descriptor = open_folder_beneath(root, folder)
    try:
        return open_regular(name, descriptor)
    finally:
        os.close(descriptor)


def open_folder_beneath(root: int, path: str) -> int:
    """Return a descriptor of the folder ``path`` below ``root``; the root itself is called "".

    Raises:
        NotRegular: A component of ``path`` is a link, or no folder.
        OSError: As open(2).
    """
    descriptor = open_folder(".", root)
    for name in path.split("/") if path else ():
        parent = descriptor
        try:
            descriptor = open_folder(name, parent)
        finally:
            os.close(parent)
    return descriptor


def read_at_most(descriptor: int, limit: int) -> bytes:
    """Return the first ``limit`` bytes of an open file, and close it."""
    try:
        parts, left = [], limit
        while left and (part := os.read(descriptor, min(left, CHUNK))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _open_unnoticed(name: str, flags: int, folder: int | None) -> int:
    try:
        return os.open(name, flags | _UNNOTICED, dir_fd=folder)
    except PermissionError:
        # Only a file's owner may read it unnoticed. Source: open(2), O_NOATIME.
        return os.open(name, flags, dir_fd=folder)


class Damaged(ValueError):
    """A compressed file that is cut off or broken: what came before was good."""


class Stream:
    """The bytes of an open file, decompressed if its first bytes say gzip (RFC 1952).

    Memory is bounded whatever the file holds, and a file that swells beyond reason is refused.
    """

    def __init__(self, descriptor: int) -> None:
        """Take over ``descriptor``, positioned at the beginning of a regular file."""
        self._descriptor = descriptor
        self.is_compressed = os.pread(descriptor, 2, 0) == b"\x1f\x8b"
        self.rewind()

    def rewind(self) -> None:
        """Go back to the beginning."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._inflate = zlib.decompressobj(wbits=31)
        self._input = self._ahead = b""
        self._n_in = self._n_out = 0

    @property
    def n_consumed(self) -> int:
        """The position in the file itself, in bytes."""
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)

    def skip_to(self, position: int) -> None:
        """Move forward to ``position`` of the decompressed bytes.

        Raises:
            CursorExpired: The file ends before.
        """
        if not self.is_compressed and os.fstat(self._descriptor).st_size >= position:
            self._n_out, self._ahead = position, b""
            os.lseek(self._descriptor, position, os.SEEK_SET)
        while self._n_out < position:
            if not self.read(min(CHUNK, position - self._n_out)):
                raise CursorExpired("the file is shorter than it was")

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, or as many as can be had, and stay before them."""
        with suppress(Damaged):
            while len(self._ahead) < size and (part := self._fetch(size - len(self._ahead))):
                self._ahead += part
        return self._ahead[:size]

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes; none at the end.

        Raises:
            Damaged: The file is compressed, and cut off or broken here.
            Misconfigured: It swells more than RATIO_LIMIT-fold.
        """
        part = self._ahead[:size] or self._fetch(size)
        self._ahead = self._ahead[len(part) :]
        self._n_out += len(part)
        return part

    def _fetch(self, size: int) -> bytes:
        return self._inflated(size) if self.is_compressed else os.read(self._descriptor, size)

    def close(self) -> None:
        """Close the file. Once only."""
        os.close(self._descriptor)

    def _inflated(self, size: int) -> bytes:
        part = b""
        while not part:
            if self._inflate.eof and not self._begin_next_member():
                return b""
            part = self._some(size)
        if self._n_out > max(RATIO_GRACE, RATIO_LIMIT * self._n_in):
            raise Misconfigured(
                f"the compressed file swells more than {RATIO_LIMIT}-fold: it is not mail"
            )
        return part

    def _some(self, size: int) -> bytes:
        self._input = self._input or self._fresh()
        if not self._input and not self._inflate.eof:
            raise Damaged("the compressed file is cut off")
        try:
            part = self._inflate.decompress(self._input, size)
        except zlib.error as error:
            raise Damaged(f"the compressed file is broken: {error}") from error
        self._input = self._inflate.unconsumed_tail
        return part

    def _begin_next_member(self) -> bool:
        """Begin the next gzip member; zeros after the last one are padding (gzip(1))."""
        rest = self._inflate.unused_data.lstrip(b"\0")
        while not rest and (fresh := self._fresh()):
            rest = fresh.lstrip(b"\0")
        if rest:
            self._inflate, self._input = zlib.decompressobj(wbits=31), rest
        return bool(rest)

    def _fresh(self) -> bytes:
        # Small, because what comes out of the part that is broken is lost.
        part = os.read(self._descriptor, 16 * 1024)
        self._n_in += len(part)
        return part
