"""One service at a time: a lease in the database, and a lock in the folder it lies in.

The lease keeps a second machine away and ends by itself. The lock ends with its process,
however that ends, so that on the same machine a service that was killed can be started again
at once.
"""

import fcntl
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s
from pathlib import Path

from daemon.errors import ExitCode, UserError
from daemon.store import leases
from daemon.store.database import Database
from daemon.store.leases import Lease

NAME = "service"
LOCK_NAME = "kithd.lock"

LENGTH = timedelta(minutes=5)
"""How long a lease lasts: a few of the loop's minutes, so that one slow round loses nothing."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One process. ``place`` stands for the machine and the folder, ``pid`` for the process."""

    host: str
    place: str
    pid: int

    def __str__(self) -> str:
        return f"{self.host} {self.place} {self.pid}"


def read_holder(text: str) -> Holder | None:
    """Return the holder that was written down as ``text``, or None if it says something else."""
    parts = text.split(" ")
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    return Holder(parts[0], parts[1], int(parts[2]))


def this_process(state: Path) -> Holder:
    """Return what stands for this process, keeping its house in the folder ``state``."""
    machine = ""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text()
    # machine-id(5): the identifier itself is not to be shown around.
    place = blake2s(f"{machine}\n{state.resolve()}".encode(), digest_size=8).hexdigest()
    return Holder(platform.node().replace(" ", "-") or "?", place, os.getpid())


class Tenure:
    """The right to be the service of one owner."""

    def __init__(self, engine: Database, state: Path) -> None:
        """Take the database and the folder it lies in; ask for nothing yet."""
        self._engine, self._state = engine, state
        self._me = this_process(state)
        self._lock = -1

    def begin(self, *, at: datetime) -> None:
        """Take the lock and the lease.

        Raises:
            UserError: Another kithd is the service.
        """
        lease = leases.read_lease(self._engine, NAME)
        if not self._take_lock():
            raise _explain(lease, at)
        # Whoever held the lease from this folder would hold the lock too, were it alive.
        before = read_holder(lease.holder) if lease else None
        is_dead = before is not None and before.place == self._me.place
        if not self._take_lease(at, instead_of=lease.holder if lease and is_dead else None):
            self.end()
            raise _explain(lease, at)

    def go_on(self, at: datetime) -> bool:
        """Renew the lease; return False if another machine has taken it meanwhile."""
        return self._take_lease(at)

    def explain(self, *, at: datetime) -> UserError:
        """Return what to tell the owner when it cannot go on."""
        return _explain(leases.read_lease(self._engine, NAME), at)

    def end(self) -> None:
        """Give all back. Idempotent."""
        leases.release(self._engine, NAME, str(self._me))
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _take_lease(self, at: datetime, instead_of: str | None = None) -> bool:
        return leases.take(
            self._engine, NAME, str(self._me), at=at, until=at + LENGTH, instead_of=instead_of
        )

    def _take_lock(self) -> bool:
        # A lock of POSIX, not of BSD: one that children do not inherit, since a reader's
        # worker process may live a moment longer than its parent.
        self._lock = os.open(self._state / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = -1
        return self._lock >= 0


def _explain(lease: Lease | None, at: datetime) -> UserError:
    holder = lease and read_holder(lease.holder)
    where = f"process {holder.pid} on {holder.host}" if holder else "this machine"
    ends = f" at {lease.until:%H:%M} UTC" if lease and lease.until > at else ""
    return UserError(
        "Another kithd is running for this owner.",
        where,
        f"Stop that one first; if its machine is gone, its turn ends by itself{ends}",
        exit_code=ExitCode.TEMPORARY,
    )
