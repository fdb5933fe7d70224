"""``kithd run`` as a process, and the service manager and the servers around it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

PATIENCE = 30.0
"""Seconds after which something that was to happen is taken not to happen."""

SETTINGS = """
[owner]
addresses = ["mara@example.org"]
digest_hour = "00:00"
workdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""

SENDING = """
[delivery]
kind = "maildir"
path = "Maildir"
"""


@dataclass
class Manager:
    """A service manager that listens."""

    place: str
    sock: socket.socket
    heard: list[str] = field(default_factory=list)

    def listen(self, until: Callable[[list[str]], bool]) -> list[str]:
        """Return all that was heard, once ``until`` holds of it."""
        ends = time.monotonic() + PATIENCE
        while not until(self.heard):
            assert time.monotonic() < ends, self.heard
            self.sock.settimeout(PATIENCE)
            self.heard += self.sock.recv(4096).decode().splitlines()
        return self.heard


@contextmanager
def manager(place: str) -> Iterator[Manager]:
    """Listen at ``place``: a path, or a name in the abstract namespace after "@"."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + place[1:] if place.startswith("@") else place)
        yield Manager(place, sock)


@dataclass
class Running:
    """The process, and what it logged."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]

    def wait_for(self, event: str, *, times: int = 1) -> None:
        """Wait until it has logged ``event``."""
        ends = time.monotonic() + PATIENCE
        while sum(line["event"] == event for line in self.lines) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < ends, self.log.read_text()
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> tuple[int, float]:
        """Ask it to end; return its exit code and the seconds that took."""
        began = time.monotonic()
        self.send(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - began


@contextmanager
def service(folder: Path, settings: str = SETTINGS, **environ: str) -> Iterator[Running]:
    """Run ``kithd run`` with its settings and state in ``folder``."""
    config = folder / "config.toml"
    if not config.exists():
        config.write_text(settings)
    log = folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "daemon", "run", "--config", str(config)],
            env={**os.environ, "STATE_DIRECTORY": str(folder / "state"), **environ},
            stdout=stderr,
            stderr=stderr,
        )
    try:
        yield Running(process, log)
    finally:
        process.kill()
        process.wait()


@dataclass
class Silent:
    """A server that takes every connection and never says a word."""

    port: int
    held: list[socket.socket] = field(default_factory=list)

    def wait_for_callers(self, n: int) -> None:
        ends = time.monotonic() + PATIENCE
        while len(self.held) < n:
            assert time.monotonic() < ends
            time.sleep(0.05)


@contextmanager
def silent_server() -> Iterator[Silent]:
    """Run a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Silent(server.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    silent.held.append(server.accept()[0])

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        yield silent
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()
    for one in silent.held:
        one.close()


def imap_at(port: int, folder: Path, *, name: str = "hung", says: str = "hush") -> str:
    """The settings of a mailbox at ``port``; what its secret ``says`` lies in a file."""
    place = folder / f"{name}.secret"
    place.write_text(says)
    place.chmod(0o600)
    return f"""
[sources.{name}]
kind = "imap"
host = "127.0.0.1"
port = {port}
security = "none"
user = "mara@example.org"
secret = "file:{place}"
"""
