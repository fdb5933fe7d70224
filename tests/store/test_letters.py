"""Threads are kept as they are joined and taken apart, and remember where the owner wrote."""

from typing import Any

import pytest
from sqlalchemy import Row

from daemon.interactions.threads import join_threads
from daemon.store import letters, schema
from daemon.store.database import Database, open_scratch, writing
from daemon.store.letters import Letter
from tests.jobs.world import rows


@pytest.fixture
def engine() -> Database:
    return open_scratch()


def letter(uid: str, thread: str, *, by_ego: bool = False) -> Letter:
    return Letter("s", uid, 100, thread, f"<{uid}>", None, "ana@example.com", by_ego, 1, True)


def join(engine: Database, *ids: tuple[str, ...]) -> None:
    with writing(engine) as tx:
        known = letters.threads_of(tx, {i for some in ids for i in some})
        letters.save_threads(tx, join_threads(ids, known), known)


def test_a_thread_that_ceases_hands_over_all_it_held(engine: Database) -> None:
    join(engine, ("<b>",), ("<c>",))
    with writing(engine) as tx:
        letters.save_letters(tx, [letter("c", "<c>", by_ego=True)])
    join(engine, ("<a>", "<b>", "<c>"))
    assert rows(engine, schema.thread_ids) == [("<a>", "<a>"), ("<b>", "<a>"), ("<c>", "<a>")]
    assert rows(engine, schema.threads) == [("<a>",)]
    assert [row.thread for row in all_letters(engine)] == ["<a>"]


def test_a_letter_told_again_is_replaced(engine: Database) -> None:
    with writing(engine) as tx:
        letters.save_letters(tx, [letter("a", "<a>")])
        letters.save_letters(tx, [letter("a", "<b>", by_ego=True)])
    assert [(row.thread, row.by_ego) for row in all_letters(engine)] == [("<b>", True)]
    assert rows(engine, schema.threads) == [("<b>",)]


def test_taking_a_thread_apart_names_its_letters_and_leaves_the_others(engine: Database) -> None:
    join(engine, ("<a>", "<b>"), ("<c>",))
    with writing(engine) as tx:
        found = [letter("a", "<a>", by_ego=True), letter("b", "<a>"), letter("c", "<c>")]
        letters.save_letters(tx, found)
        assert letters.take_apart(tx, "s", ["b", "unknown"]) == {("s", "a"), ("s", "b")}
        assert letters.take_apart(tx, "t", ["c"]) == set()
    assert rows(engine, schema.thread_ids) == [("<c>", "<c>")]
    assert rows(engine, schema.threads) == []
    assert [row.uid for row in all_letters(engine)] == ["c"]


def test_more_ids_than_a_statement_holds_are_looked_up(engine: Database) -> None:
    many = [(f"<{n}>",) for n in range(12_000)]
    join(engine, *many)
    with engine.connect() as connection:
        found = letters.threads_of(connection, [ids[0] for ids in many])
    assert found == {ids[0]: ids[0] for ids in many}


def all_letters(engine: Database) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(schema.letters.select()))
