"""A message -> a file in a Maildir, there once however often it is delivered."""

import errno
import os
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path

from daemon.delivery.errors import NotNow, Refused

_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT})
"""What a full or a distant disk says: it may be otherwise in an hour."""


@dataclass(frozen=True, slots=True)
class MaildirTransport:
    """A Maildir on this machine. It knows what it was given, so it is never in doubt."""

    path: Path

    def send(self, message: bytes, message_id: str, *, sender: str = "", to: str = "") -> bool:  # noqa: ARG002 -- the protocol's; a folder has one owner
        """Put ``message`` there; return False if it was there already.

        Raises:
            NotNow, Refused: As ``Transport.send`` says.
        """
        try:
            return deliver(message, message_id, self.path)
        except OSError as problem:
            raise _judge(problem) from None

    def check(self) -> None:
        """Look whether mail could be put there, making the folder if it is absent.

        Raises:
            NotNow, Refused: As ``Transport.send`` says.
        """
        try:
            _make(self.path)
            if not all(os.access(self.path / part, os.W_OK | os.X_OK) for part in ("tmp", "new")):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as problem:
            raise _judge(problem) from None

    def holds(self, message_id: str) -> bool:
        """Return whether the mail lies there, read or not."""
        try:
            return _is_there(self.path, _name(message_id))
        except OSError:
            return False


def deliver(message: bytes, message_id: str, maildir: Path) -> bool:
    """Put ``message`` into ``maildir``; return False if it was there already.

    The file is named after the Message-ID, so that a delivery that was interrupted can be
    repeated. Source: Bernstein, "Using maildir format": write in tmp, then move to new.

    Raises:
        OSError: The folder cannot be written to.
    """
    name = _name(message_id)
    _make(maildir)
    if _is_there(maildir, name):
        return False
    passing = maildir / "tmp" / f"{name}.{os.getpid()}"  # two may deliver it at once
    _write(passing, message)
    passing.replace(maildir / "new" / name)
    return True


def _judge(problem: OSError) -> NotNow | Refused:
    reason = f"the Maildir cannot be written to ({problem.strerror})"
    return NotNow(reason) if problem.errno in _PASSING else Refused(reason)


def _make(maildir: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True, exist_ok=True, mode=0o700)


def _name(message_id: str) -> str:
    return f"kithd-{blake2s(message_id.encode(), digest_size=12).hexdigest()}"


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
