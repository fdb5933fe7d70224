"""Waiting for news goes on as long as there is a chance of it, and never without a pause."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from connectors import registry
from connectors.credentials.secrets import Secret
from daemon.jobs import watch
from daemon.jobs.basis import Basis
from daemon.store.sources import Source
from tests.connectors.imap.mailbox import settings_for
from tests.servers.scripted_imap import Answer, ScriptedImap

BASIS = Basis(frozenset({"robin@example.org"}))
IDLE = "IMAP4rev1 IDLE"


class BrokenKeyring(KeyringBackend):
    """A keyring that fails as one does whose session bus is gone, and counts how often."""

    priority = 1.0

    def __init__(self, problem: Exception) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library has no types there
        self.problem, self.n_asked, self.is_asked_again = problem, 0, Event()

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002 -- library's
        self.n_asked += 1
        if self.n_asked > 1:
            self.is_asked_again.set()
        raise self.problem

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing: nobody asks it to."""


def source(port: int, home: Path, **more: Any) -> Source:
    settings = settings_for(port, home)
    given = {name: getattr(settings, name) for name in ("host", "user", "security", "secret")}
    return Source("work", "imap", "localhost", "text", given={**given, "port": port, **more})


@pytest.fixture
def watching() -> Iterator[Callable[[Source], list[str]]]:
    """Watch sources; return what is told of them, and end the watchers with the test."""
    begun: list[watch.Watcher] = []

    def begin(wanted: Source) -> list[str]:
        heard: list[str] = []
        begun.append(watch.watch(wanted, BASIS, heard.append))
        return heard

    yield begin
    for watcher in begun:
        watcher.end()
        watcher.join(5)
        assert not watcher.is_alive()


def idle_once_and_hang_up() -> dict[str, Answer]:
    tags: list[bytes] = []

    def idle(tag: bytes, _: bytes) -> bytes:
        tags.append(tag)
        return b"+ idling\r\n"

    def done(_tag: bytes, _: bytes) -> bytes:
        return tags[-1] + b" OK done\r\n"

    return {"IDLE": idle, "": done, "NOOP": b""}


@pytest.mark.parametrize(("steady_seconds", "is_backed_off"), [(300.0, True), (0.0, False)])
def test_a_server_that_hangs_up_after_one_wait_is_called_less_and_less(
    steady_seconds: float,
    is_backed_off: bool,
    watching: Callable[[Source], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(watch, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(watch, "STEADY_SECONDS", steady_seconds)
    monkeypatch.setattr(watch, "WAIT_SECONDS", 0.02)
    registry.load("imap")  # which takes a second the first time
    with ScriptedImap({"INBOX": []}, idle_once_and_hang_up(), IDLE) as server:
        heard = watching(source(server.port, tmp_path))
        time.sleep(2)
        n_calls = sum(line.startswith(b"EXAMINE") for line in server.heard)
    # At 0, 0.1, 0.3, 0.7 and 1.5 seconds; else ten a second and the time that each takes.
    assert (2 <= n_calls <= 5) is is_backed_off
    assert n_calls <= 20
    assert len(heard) >= n_calls


@pytest.mark.parametrize(
    "problem",
    [
        ConnectionRefusedError(111, "the bus is gone"),
        RuntimeError("no way to it"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    ],
    ids=["bus", "backend", "text"],
)
def test_a_keyring_that_fails_is_asked_again_later(
    problem: Exception,
    watching: Callable[[Source], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(watch, "FIRST_PAUSE", 0.1)
    ring, before = BrokenKeyring(problem), keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        watching(source(1, tmp_path, secret=Secret("keyring:kithd/mail")))
        assert ring.is_asked_again.wait(5)
    finally:
        keyring.set_keyring(before)
