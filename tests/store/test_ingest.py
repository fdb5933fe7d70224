"""However the daemon crashes, each observation is stored exactly once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import event

from connectors.errors import CursorExpired
from connectors.memory import Account, MemoryConnector, MemorySettings
from connectors.observations import Address, Gone, Message, Recipient, Role
from connectors.protocol import Batch, Cursor, Rejected
from daemon.store import ingest, schema, sources
from daemon.store.database import Database, open_scratch, writing
from daemon.store.sources import Source

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
ANA = Address("ana@example.org", "Ana Diaz")
SOURCE = Source("s", "memory", "", "text")

Commit = Callable[[Database, Batch, Cursor | None], None]


class Crash(Exception):
    """The power went out."""


def commit_at_once(engine: Database, batch: Batch, expected: Cursor | None) -> None:
    ingest.commit(engine, "s", batch, expected=expected, at=EPOCH)


def commit_cursor_first(engine: Database, batch: Batch, expected: Cursor | None) -> None:
    """The same two steps, each in a transaction of its own: what must not be done."""
    with writing(engine) as tx:
        ingest._advance(tx, "s", expected, batch.cursor, EPOCH)
    with writing(engine) as tx:
        ingest._put_all(tx, "s", batch.observations)


class Ingestion(RuleBasedStateMachine):
    """An account that grows and forgets, and a poller that is cut off at any statement."""

    commit: Commit = staticmethod(commit_at_once)

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()
        self.engine = open_scratch()
        self.fuse: int | None = None
        event.listen(self.engine, "before_cursor_execute", self.burn)
        sources.register(self.engine, SOURCE)

    def teardown(self) -> None:
        self.engine.dispose()

    def burn(self, *_: Any) -> None:
        """Crash once as many statements were begun as the fuse is long."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.fuse = None
                raise Crash

    @rule(count=st.integers(1, 5))
    def deliver(self, count: int) -> None:
        n = len(self.account.log)
        self.account.log += [Message(f"m{n + i}", EPOCH, ANA) for i in range(count)]

    @rule()
    def forget_cursors(self) -> None:
        self.account.epoch += 1

    @rule(n=st.integers(0, 30))
    def poll_and_crash_at_statement(self, n: int) -> None:
        self.fuse = n
        with suppress(Crash):
            self.poll()
        self.fuse = None

    @rule()
    def poll_to_the_end(self) -> None:
        self.poll()
        assert self.stored() == len(self.account.log)

    @invariant()
    def the_cursor_never_outruns_the_observations(self) -> None:
        cursor = ingest.cursor_of(self.engine, "s")
        if cursor is not None and int(cursor.split(":")[0]) == self.account.epoch:
            assert int(cursor.split(":")[1]) <= self.stored()

    def poll(self) -> None:
        stored = ingest.cursor_of(self.engine, "s")
        connector = MemoryConnector(MemorySettings(self.account), since=EPOCH)
        try:
            batches = list(connector.poll(stored))
        except CursorExpired:
            batches = list(connector.poll(None))
        for batch in batches:
            self.commit(self.engine, batch, stored)
            stored = batch.cursor

    def stored(self) -> int:
        with self.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(schema.observations)
            return connection.scalar(query) or 0


PATIENT = settings(max_examples=30, stateful_step_count=15, deadline=None)

TestIngestion = Ingestion.TestCase
TestIngestion.settings = PATIENT


@pytest.mark.parametrize(("commit", "ever"), [(commit_at_once, False), (commit_cursor_first, True)])
def test_only_a_split_transaction_lets_the_cursor_outrun_the_observations(
    commit: Commit, ever: bool
) -> None:
    assert any(outruns_when_cut_at(n, commit) for n in range(60)) is ever


def outruns_when_cut_at(n: int, commit: Commit) -> bool:
    """Poll five messages, the power going out at the n-th statement, and look at what is left."""
    machine = Ingestion()
    machine.commit = commit
    machine.deliver(count=5)
    machine.poll_and_crash_at_statement(n=n)
    try:
        machine.the_cursor_never_outruns_the_observations()
    except AssertionError:
        return True
    finally:
        machine.teardown()
    return False


@pytest.fixture
def engine() -> Database:
    engine = open_scratch()
    sources.register(engine, SOURCE)
    return engine


@pytest.mark.parametrize("expected", [None, Cursor("0:0")])
def test_the_slower_of_two_pollers_stores_nothing(
    engine: Database, expected: Cursor | None
) -> None:
    if expected is not None:
        commit_at_once(engine, Batch((), expected), None)
    commit_at_once(engine, Batch((), Cursor("0:2")), expected)
    with pytest.raises(ingest.CursorMoved):
        commit_at_once(engine, Batch((Message("m", EPOCH, ANA),), Cursor("0:4")), expected)
    assert ingest.cursor_of(engine, "s") == "0:2"
    assert kinds(engine) == []


def test_what_is_told_again_unchanged_keeps_its_place(engine: Database) -> None:
    message = Message("m", EPOCH, ANA)
    commit_at_once(engine, Batch((message,), Cursor("1")), None)
    before = places(engine)
    commit_at_once(engine, Batch((message,), Cursor("2")), Cursor("1"))
    assert places(engine) == before


def test_what_changed_takes_a_new_place(engine: Database) -> None:
    commit_at_once(engine, Batch((Message("m", EPOCH, ANA),), Cursor("1")), None)
    before = places(engine)
    changed = Message("m", EPOCH, ANA, (Recipient(ANA, Role.TO),))
    commit_at_once(engine, Batch((changed,), Cursor("2")), Cursor("1"))
    assert places(engine)["m"] > before["m"]


def test_what_is_gone_leaves_a_tombstone(engine: Database) -> None:
    commit_at_once(engine, Batch((Message("m", EPOCH, ANA),), Cursor("1")), None)
    commit_at_once(engine, Batch((Gone("m"),), Cursor("2")), Cursor("1"))
    assert kinds(engine) == ["Gone"]


def test_what_could_not_be_read_is_kept_counted_and_forgotten_once_it_could(
    engine: Database,
) -> None:
    odd = Batch((), Cursor("1"), rejected=(Rejected("m", "no author"),))
    commit_at_once(engine, odd, None)
    commit_at_once(engine, Batch((), Cursor("2"), odd.rejected), Cursor("1"))
    assert set_aside(engine) == [("m", "no author", 2)]
    commit_at_once(engine, Batch((Message("m", EPOCH, ANA),), Cursor("3")), Cursor("2"))
    assert set_aside(engine) == []


def places(engine: Database) -> dict[str, int]:
    with engine.connect() as connection:
        query = sa.select(schema.observations.c.uid, schema.observations.c.seq)
        return {uid: seq for uid, seq in connection.execute(query)}


def kinds(engine: Database) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(schema.observations.c.kind)))


def set_aside(engine: Database) -> list[tuple[str, str, int]]:
    table = schema.quarantine
    with engine.connect() as connection:
        query = sa.select(table.c.uid, table.c.reason, table.c.attempts)
        return [(uid, reason, n) for uid, reason, n in connection.execute(query)]


def stored(engine: Database) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(schema.observations.c.uid, schema.observations.c.kind))
        return {row.uid: row.kind for row in rows}


def keep_one_by_one(engine: Database, *found: Any) -> None:
    before = ingest.cursor_of(engine, "s")
    for n, one in enumerate(found):
        batch = Batch((one,), Cursor(f"{before} {n}"))
        ingest.commit(engine, "s", batch, expected=ingest.cursor_of(engine, "s"), at=EPOCH)


def test_what_has_gone_by_its_prefix_is_gone_item_by_item_and_nothing_beside_it() -> None:
    engine = open_scratch()
    sources.register(engine, SOURCE)
    uids = ("a/1", "a/2", "a%/1", "a", "ab/1", "b/1")
    keep_one_by_one(engine, *(Message(uid, EPOCH, ANA) for uid in uids))
    keep_one_by_one(engine, Gone("a/", is_prefix=True))
    kinds = stored(engine)
    assert {uid for uid, kind in kinds.items() if kind == ingest.GONE} == {"a/1", "a/2"}
    assert set(kinds) == set(uids)


def test_of_a_series_that_changed_what_is_told_stays() -> None:
    engine = open_scratch()
    sources.register(engine, SOURCE)
    keep_one_by_one(engine, *(Message(uid, EPOCH, ANA) for uid in ("a/1", "a/2")))
    batch = Batch((Gone("a/", is_prefix=True), Message("a/2", EPOCH, ANA)), Cursor("next"))
    ingest.commit(engine, "s", batch, expected=ingest.cursor_of(engine, "s"), at=EPOCH)
    assert stored(engine) == {"a/1": ingest.GONE, "a/2": "Message"}
