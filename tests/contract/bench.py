"""What the benches of all file connectors share: read meters, refusals, fingerprints, mail."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

NOBODY = 65534
ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
"""A zone far from UTC, for the instants that benches write."""


def n_bytes_read() -> int:
    """Return the bytes this process has read so far, from files and pipes, as the kernel counts.

    Source: proc(5), /proc/pid/io, rchar.
    """
    counters = Path("/proc/self/io").read_text()
    found = re.search(r"rchar: (\d+)", counters)
    assert found, counters
    total = int(found[1]) - sum(_READ_BY_THE_METER)
    _READ_BY_THE_METER.append(len(counters))
    return total


_READ_BY_THE_METER: list[int] = []


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Make every open below or of ``path`` fail with EACCES, really, for root as well.

    Root ignores file modes, so root becomes nobody as long as the context lasts.
    """
    mode = path.stat().st_mode
    user = os.geteuid()
    path.chmod(0)
    try:
        if user == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        if user == 0:
            os.seteuid(0)
        path.chmod(mode)


def fingerprint(root: Path) -> str:
    """Return names, kinds, modes, times (of access too) and contents of all below ``root``.

    The time of access counts: mail readers tell new mail from old by it.
    """
    lines = []
    for path in sorted([root, *root.rglob("*")]):
        seen = path.lstat()
        times = (seen.st_atime_ns, seen.st_mtime_ns, seen.st_ctime_ns)
        lines.append(f"{path} {seen.st_mode:o} {seen.st_ino} {seen.st_size} {times}")
        if path.is_file():
            lines.append(sha256(_contents(path)).hexdigest())
    return "\n".join(lines)


def _contents(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOATIME)
    with open(descriptor, "rb") as file:
        return file.read()


def mail(number: int, at: datetime, *, n_padding: int = 0) -> bytes:
    """Return a plain message of one Ada to one Ben, dated ``at`` in a zone far from UTC."""
    return (
        f"From: Ada <ada@example.org>\n"
        f"To: Ben <ben@example.com>\n"
        f"Date: {format_datetime(at.astimezone(ELSEWHERE))}\n"
        f"Subject: Note {number}\n"
        f"Message-ID: <note-{number}@example.org>\n"
        f"\n"
        f"Shall we meet on day {number}?\n" + "padding\n" * (n_padding // 8)
    ).encode()
