"""Opening files safely: nothing followed, nothing waited for, each error named by its remedy."""

import errno
import gzip
import os
import socket
from pathlib import Path

import pytest

from connectors import files
from connectors.errors import (
    AccessDenied,
    ConnectorError,
    CursorExpired,
    Misconfigured,
    Unavailable,
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOENT, Misconfigured),
        (errno.ENOTDIR, Misconfigured),
        (errno.ELOOP, Misconfigured),
        (errno.EACCES, AccessDenied),
        (errno.EPERM, AccessDenied),
        (errno.EIO, Unavailable),
        (errno.ESTALE, Unavailable),
        (errno.EMFILE, Unavailable),
    ],
)
def test_what_the_system_says_becomes_what_to_do(
    number: int, expected: type[ConnectorError]
) -> None:
    with pytest.raises(expected, match="inbox"), files.naming_errors("inbox"):
        raise OSError(number, os.strerror(number))


def test_nothing_but_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("fifo", "link", "folder", "socket"):
            with pytest.raises(files.NotRegular):
                files.open_regular(str(tmp_path / name))


def test_nothing_is_reached_through_a_link_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    root = files.open_root(tmp_path / "root")
    with pytest.raises(files.NotRegular):
        files.open_beneath(root, "link/secret")
    os.close(root)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"text")
    (tmp_path / "a" / "link").symlink_to("b")
    before = os.listdir("/proc/self/fd")
    root = files.open_root(tmp_path)
    assert files.read_at_most(files.open_beneath(root, "a/b/c"), 3) == b"tex"
    for path in ("a/b/none", "a/none/c", "a/link/c", "a/b"):
        with pytest.raises(OSError, match=r"."):
            files.open_beneath(root, path)
    os.close(root)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_stream_reads_peeks_skips_and_rewinds_alike(tmp_path: Path, is_compressed: bool) -> None:
    text = bytes(range(256)) * 500
    parts = [text[:1000], b"", text[1000:]]
    path = tmp_path / "stream"
    path.write_bytes(b"".join(map(gzip.compress, parts)) if is_compressed else text)
    stream = files.Stream(files.open_file(path))
    assert stream.peek(1500) == text[:1500]
    assert stream.read(7) == text[:7]
    stream.skip_to(70_000)
    assert stream.peek(9) == text[70_000:70_009]
    stream.skip_to(70_004)
    rest = b"".join(iter(lambda: stream.read(999), b""))
    assert rest == text[70_004:]
    assert stream.n_consumed == path.stat().st_size
    stream.rewind()
    assert stream.read(5) == text[:5]
    with pytest.raises(CursorExpired):
        stream.skip_to(len(text) + 1)
    stream.close()
