"""A message -> a file in a Maildir, there once however often it is delivered."""

import os
from hashlib import blake2s
from pathlib import Path

from daemon.errors import UserError


def deliver(message: bytes, message_id: str, maildir: Path) -> bool:
    """Put ``message`` into ``maildir``; return False if it was there already.

    The file is named after the Message-ID, so that a delivery that was interrupted can be
    repeated. Source: Bernstein, "Using maildir format": write in tmp, then move to new.

    Raises:
        UserError: The folder cannot be written to.
    """
    name = f"kithd-{blake2s(message_id.encode(), digest_size=12).hexdigest()}"
    try:
        for part in ("tmp", "new", "cur"):
            (maildir / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        if _is_there(maildir, name):
            return False
        _write(maildir / "tmp" / name, message)
        (maildir / "tmp" / name).rename(maildir / "new" / name)
    except OSError as problem:
        raise UserError(
            "The digest could not be put into the Maildir.",
            f"{maildir}: {problem.strerror}",
            "Name a folder you may write to: --send-to ~/Maildir",
        ) from problem
    return True


def _is_there(maildir: Path, name: str) -> bool:
    if (maildir / "new" / name).exists():
        return True
    with os.scandir(maildir / "cur") as entries:
        return any(entry.name.partition(":")[0] == name for entry in entries)


def _write(path: Path, message: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())
