"""Read the heads of all messages and do nothing with them: what no reader can go below."""

import gzip
import os
import sys
from pathlib import Path


def read_heads(path: Path) -> int:
    """Return how many heads were read at ``path``, a Maildir or an mbox."""
    return _read_maildir(path) if path.is_dir() else _read_mbox(path)


def _read_maildir(folder: Path) -> int:
    count = 0
    for part in (".Sent/cur", "cur"):
        for entry in os.scandir(folder / part):
            with open(entry.path, "rb") as file:
                file.read(8192).partition(b"\r\n\r\n")
            count += 1
    return count


def _read_mbox(path: Path) -> int:
    count, is_after_blank = 0, True
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            count += is_after_blank and line.startswith(b"From ")
            is_after_blank = line in (b"\n", b"\r\n")
    return count


if __name__ == "__main__":
    print(read_heads(Path(sys.argv[1])))
