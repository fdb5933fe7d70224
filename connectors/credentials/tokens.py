"""Tokens that a service gave out, kept behind a reference by threads and processes in turn."""

import fcntl
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from connectors.credentials.secrets import NotKept, Secret, keep
from connectors.errors import AccessDenied, Misconfigured, Unavailable

TURN_SECONDS = 90.0
"""How long to wait for somebody who has his turn: a refresh takes a second, a slow one 60."""
_LOOK_SECONDS = 0.05

_turns: dict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in: what is kept is JSON, in one line."""

    secret: Secret

    def read(self) -> dict[str, Any]:
        """Return what was kept last.

        Raises:
            AccessDenied: Nobody has signed in yet, or the keeper does not give it out.
            Misconfigured: What is kept there is something else.
        """
        try:
            kept = self.secret.reveal()
        except NotKept:
            raise AccessDenied("nobody has signed in yet") from None
        try:
            found = json.loads(kept)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Misconfigured(f"what is kept at {self._shown} is no sign-in of kithd's")
        return found

    def write(self, tokens: Mapping[str, Any]) -> None:
        """Keep ``tokens`` in place of what is there: whole or not at all.

        Raises:
            AccessDenied: The keeper does not take them.
            Misconfigured: Nothing can be kept there.
        """
        keep(self.secret.reference, json.dumps(tokens))

    @property
    def can_be_written(self) -> bool:
        """Whether what is kept there can be replaced at all."""
        return self._scheme in ("file", "keyring")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let one at a time, of all threads and processes, renew these tokens.

        Whoever gets a turn reads the tokens again first: another may have renewed them.

        Raises:
            Unavailable: Somebody else does not end his.
        """
        lock = _turns[self.secret.reference]
        if not lock.acquire(timeout=TURN_SECONDS):
            raise Unavailable("another sign-in to this account does not come to its end")
        try:
            with self._alone_on_this_machine():
                yield
        finally:
            lock.release()

    @contextmanager
    def _alone_on_this_machine(self) -> Iterator[None]:
        if self._scheme != "file":
            yield
            return
        place = Path(self.secret.reference.partition(":")[2])
        try:
            descriptor = os.open(
                place.with_name(f".{place.name}.lock"),
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
                0o600,
            )
        except OSError:
            # A folder that nothing can be written to: then nothing is renewed in it either.
            yield
            return
        try:
            _wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)

    @property
    def _scheme(self) -> str:
        return self.secret.reference.partition(":")[0]

    @property
    def _shown(self) -> str:
        return f"{self._scheme}:..." if self._scheme == "command" else self.secret.reference


def _wait_for(descriptor: int) -> None:
    """Take the lock; it ends with the descriptor, and with the process at the latest."""
    until = monotonic() + TURN_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > until:
                raise Unavailable("another sign-in to this account does not end") from None
            sleep(_LOOK_SECONDS)
        else:
            return
