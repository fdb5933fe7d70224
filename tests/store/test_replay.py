"""A copy of the past holds what was known then and nothing else."""

from datetime import date

import pytest

from connectors.observations import Address, Article, Card, Gone, Observation
from daemon.people.model import Identity
from daemon.store import decisions, ingest, offerings, replay, schema
from daemon.store.database import Database
from daemon.store.ingest import Found
from daemon.suggestions.model import Never
from tests.jobs.world import ANA, ME, days_ago, letter, meeting, open_world, rows, tell

THEN = days_ago(20)
NEW = Address("new@example.com", "New Comer")


@pytest.fixture
def engine() -> Database:
    engine = open_world()
    told: list[Observation] = [
        letter("old", ME, (ANA,), at=days_ago(30), text="I will send you the map by Friday."),
        letter("new", NEW, at=days_ago(10), text="Could you send me the map, please?"),
        meeting("known", ANA, at=days_ago(5), known_at=days_ago(40)),
        meeting("unknown", ANA, at=days_ago(5), known_at=days_ago(6)),
        Card("card", "Ana Diaz", (ANA.email,)),
        Article("read", "https://example.org/a", "The old map", days_ago(30)),
        Article("unread", "https://example.org/b", "The new map", days_ago(3)),
        Gone("gone"),
    ]
    tell(engine, told)
    for n in (25, 15):
        offerings.shelve(
            engine, Found(f"https://example.org/{n}", f"Shelved {n}", {}, "", days_ago(n))
        )
        never = Never(Identity(ANA.email), days_ago(n))
        decisions.append(engine, str(n), [never], at=days_ago(n))
    return engine


def held(engine: Database) -> set[str]:
    return {row[1] for row in rows(engine, schema.observations)}


def test_the_past_holds_what_was_known_then(engine: Database) -> None:
    past = replay.open_past(engine, at=THEN, on=THEN.date())
    assert held(past) == {"old", "known", "card", "read", "gone"}
    assert {row[1] for row in rows(past, schema.said)} == {"old"}
    assert {row[1] for row in rows(past, schema.cues)} == {"old"}
    assert {row[2][-2:] for row in rows(past, schema.offerings)} == {"/a", "25"}
    assert len(rows(past, schema.decisions)) == 1


def test_a_past_to_be_read_anew_holds_what_the_owner_did_by_hand(engine: Database) -> None:
    past = replay.open_unread(engine, at=THEN, on=THEN.date())
    assert held(past) == set()
    assert ingest.cursor_of(past, "s") is None
    assert {row[2][-2:] for row in rows(past, schema.offerings)} == {"25"}
    assert len(rows(past, schema.decisions)) == 1


def test_the_present_is_only_read(engine: Database) -> None:
    before = {table.name: rows(engine, table) for table in schema.metadata.sorted_tables}
    replay.open_past(engine, at=THEN, on=date(2026, 2, 10))
    assert before == {table.name: rows(engine, table) for table in schema.metadata.sorted_tables}
