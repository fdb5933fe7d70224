"""A mail is sent once though the machine stops beside the sending, or many deliver at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from daemon.delivery.maildir import MaildirTransport
from daemon.delivery.smtp import SmtpTransport
from daemon.delivery.transport import Transport
from daemon.jobs.deliver import GRACE, Delivered
from daemon.store import outbox, schema
from daemon.store.database import Database, open_file, writing
from daemon.store.outbox import UNKNOWN
from tests.jobs.posting import ASKED, PREPARED, PowerCut, go, looker, prepare, today
from tests.jobs.world import AT, know
from tests.servers.smtp import Server, serve


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path) as running:
        yield running


@pytest.fixture
def way(server: Server) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, "none", read_seconds=0.4)


# What a machine does that stops.


@dataclass(frozen=True)
class Stopping:
    """A way on which the machine stops before the mail is handed over, or after."""

    way: Transport
    is_after: bool

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:
        if self.is_after:
            self.way.send(message, message_id, sender=sender, to=to)
        raise PowerCut

    def check(self) -> None:
        self.way.check()


@pytest.mark.parametrize("is_after", [False, True])
def test_a_machine_that_stops_beside_the_sending_sends_one_in_the_end(
    engine: Database, way: SmtpTransport, server: Server, is_after: bool
) -> None:
    prepare(engine)
    with pytest.raises(PowerCut):
        go(engine, Stopping(way, is_after))
    assert today(engine).state == "claimed"
    go(engine, way, at=AT + timedelta(minutes=1), find=looker(server))
    assert len(server.taken) == is_after
    go(engine, way, at=AT + GRACE, find=looker(server))
    assert len(server.taken) == 1
    assert today(engine).state == "sent"


@pytest.mark.parametrize("can_ask", [True, False])
def test_stopped_at_any_statement_at_most_one_is_seen_and_none_is_lost(
    tmp_path: Path, server: Server, way: SmtpTransport, can_ask: bool
) -> None:
    find = looker(server) if can_ask else None
    n, is_through = 0, False
    while not is_through:
        server.taken.clear()
        engine = open_file(tmp_path / f"{n}.db")
        schema.metadata.create_all(engine)
        with writing(engine) as tx:
            outbox.put(tx, PREPARED, at=AT)
        with Stopped(engine, after=n):
            is_through = goes_through(engine, way, find)
        for minutes in (0, 1, 16, 40):
            go(engine, way, at=AT + timedelta(minutes=minutes), find=find)
        state = today(engine)
        assert len(server.taken) <= 1
        if can_ask:
            assert (len(server.taken), state.state) == (1, "sent"), n
        else:
            assert state.state == "sent" or (state.state, state.problem) == ("failed", UNKNOWN)
        engine.dispose()
        n += 1
    assert n > 4


def goes_through(engine: Database, way: Transport, find: Callable[[str], bool] | None) -> bool:
    try:
        go(engine, way, find=find)
    except PowerCut:
        return False
    return True


class Stopped:
    """Cut the power before the nth statement, or commit, that the database is told."""

    def __init__(self, engine: Database, *, after: int) -> None:
        self._engine, self._left = engine, after

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._count)
        event.listen(self._engine, "commit", self._count)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)
        event.remove(self._engine, "commit", self._count)

    def _count(self, *_: object) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1


def test_of_many_that_deliver_at_once_one_sends(
    tmp_path: Path, server: Server, way: SmtpTransport
) -> None:
    engine = open_file(tmp_path / "kithd.db")
    schema.metadata.create_all(engine)
    with writing(engine) as tx:
        outbox.put(tx, PREPARED, at=AT)
    assert sum(done.n_sent for done in race(engine, way, AT)) == 1
    assert len(server.taken) == 1


def test_of_many_that_settle_a_doubt_at_once_one_sends(
    tmp_path: Path, server: Server, way: SmtpTransport
) -> None:
    engine = open_file(tmp_path / "kithd.db")
    schema.metadata.create_all(engine)
    with writing(engine) as tx:
        outbox.put(tx, PREPARED, at=AT)
    outbox.move(engine, PREPARED.message_id, before="ready", after="claimed", at=AT)
    all_have_read = threading.Barrier(4)

    def find(_name: str) -> bool:
        all_have_read.wait(20)
        return False

    done = race(engine, way, AT + GRACE, find=find)
    assert sum(one.n_sent for one in done) == 1
    assert len(server.taken) == 1


def race(engine: Database, way: Transport, at: datetime, **more: Any) -> list[Delivered]:
    """Deliver in four threads that begin together, each on connections of its own."""
    found: list[Delivered] = []
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait()
        found.append(go(engine, way, at=at, **more))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    engine.dispose()
    assert len(found) == 4
    return found


# A Maildir, which knows what it was given.


def test_a_digest_the_owner_deleted_is_not_put_there_again(
    engine: Database, tmp_path: Path
) -> None:
    prepare(engine)
    maildir = MaildirTransport(tmp_path / "Mail")
    assert go(engine, maildir) == Delivered(1)
    [new] = (tmp_path / "Mail" / "new").iterdir()
    new.unlink()
    assert go(engine, maildir) == Delivered()
    assert not list((tmp_path / "Mail" / "new").iterdir())


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("is_read", [False, True])
def test_a_maildir_is_never_in_doubt(
    engine: Database, tmp_path: Path, is_after: bool, is_read: bool
) -> None:
    prepare(engine)
    folder = tmp_path / "Mail"
    maildir = MaildirTransport(folder)
    maildir.check()
    with pytest.raises(PowerCut):
        go(engine, Stopping(maildir, is_after))
    for new in (folder / "new").iterdir():
        if is_read:
            new.rename(folder / "cur" / f"{new.name}:2,S")
    assert go(engine, maildir).n_sent == (not is_after)
    assert len([*(folder / "new").iterdir(), *(folder / "cur").iterdir()]) == 1
    assert today(engine).state == "sent"
