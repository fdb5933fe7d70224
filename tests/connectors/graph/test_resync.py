"""A token that Graph has forgotten costs a new reading, and nothing is stored twice by it."""

from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import RECENT
from connectors.errors import CursorExpired, Unavailable
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.store import ingest, schema
from daemon.store.database import Database
from tests.jobs.world import open_world
from tests.servers.api import Call, Reply
from tests.servers.graph_items import OWNER, contact, event, message, occurrence, sent_message
from tests.servers.graph_telling import wrong
from tests.servers.microsoft import BEGINNING, Account

FORGOTTEN = {
    "gone": (410, "SyncStateNotFound"),
    "not found": (404, "syncStateNotFound"),
    "resync": (410, "resyncRequired"),
    "apply": (410, "resyncApplyDifferences"),
    "invalid": (400, "SyncStateInvalid"),
    "unknown": (410, "UnheardOf"),
    "malformed": (400, "BadRequest"),
}


@pytest.fixture
def world() -> Database:
    return open_world()


def store(world: Database, account: Account, **changes: Any) -> int:
    """Poll as the daemon does."""
    connector = account.connector(since=BEGINNING, **({"page": 2} | changes))
    return poll(world, "s", connector, ego=Ego(frozenset({OWNER})), at=RECENT)


def stored(world: Database) -> list[tuple[str, str, str]]:
    table = schema.observations
    with world.connect() as connection:
        rows = connection.execute(sa.select(table.c.uid, table.c.kind, table.c.payload))
        return sorted((uid, kind, payload) for uid, kind, payload in rows)


def fill(account: Account, count: int = 3) -> None:
    for n in range(count):
        account.mailbox["inbox"].put(message(RECENT, subject=str(n)))
        account.mailbox["sentitems"].put(sent_message(RECENT, subject=str(n)))
        account.mailbox.calendar.put(event(RECENT, subject=str(n)))
        account.mailbox.book.put(contact(f"Ada {n}", f"ada{n}@example.com"))


@pytest.mark.parametrize("how", FORGOTTEN)
def test_an_account_that_was_forgotten_is_read_again_without_a_duplicate(
    how: str, account: Account, world: Database
) -> None:
    fill(account)
    assert store(world, account) == 12
    before = stored(world)
    account.mailbox.telling.expiry = FORGOTTEN[how]
    account.mailbox.telling.rounds.forget()
    with pytest.raises(CursorExpired):
        account.poll(ingest.cursor_of(world, "s"))
    assert store(world, account) == 12
    assert stored(world) == before
    assert store(world, account) == 0


@pytest.mark.parametrize("how", FORGOTTEN)
def test_what_was_forgotten_of_one_folder_costs_that_folder_alone(
    how: str, account: Account, world: Database
) -> None:
    fill(account)
    store(world, account)
    before = stored(world)
    account.mailbox.telling.expiry = FORGOTTEN[how]
    account.mailbox.telling.rounds.forget_shelf(account.mailbox["inbox"].key)
    told = store(world, account)
    # A place that is not found looks like a folder that is gone; the next poll finds it again.
    told += store(world, account)
    assert told == 3
    assert stored(world) == before


def test_a_round_that_is_forgotten_while_it_is_read_is_begun_again(
    account: Account, world: Database
) -> None:
    fill(account, 5)
    inbox = account.mailbox["inbox"].key
    forgotten: list[str] = []

    def forget(call: Call) -> Reply | None:
        if inbox in call.path and "$skiptoken" in call.query and not forgotten:
            forgotten.append(call.path)
            return wrong(410, "SyncStateNotFound")
        return None

    account.graph.faults.append(forget)
    store(world, account)
    assert len(stored(world)) == 20


def test_a_service_that_forgets_all_it_says_is_not_asked_for_ever(
    account: Account, world: Database
) -> None:
    fill(account, 5)
    account.graph.faults.append(
        lambda call: wrong(410, "SyncStateNotFound") if "$skiptoken" in call.query else None
    )
    with pytest.raises(Unavailable, match="forgets its own pages"):
        store(world, account)


def test_another_owners_cursor_is_none(account: Account) -> None:
    cursor = account.poll()[-1].cursor
    kept = account.tokens().replace("owner-id", "other-id")
    (account.folder / "tokens").write_text(kept)
    with pytest.raises(CursorExpired, match="another account"):
        account.poll(cursor)


def test_a_series_in_the_store_follows_its_calendar(account: Account, world: Database) -> None:
    shelf = account.mailbox.calendar
    master = event(RECENT, subject="Weekly") | {"type": "seriesMaster"}
    shelf.within[master["id"]] = [occurrence(master, RECENT) for _ in range(4)]
    shelf.put(master)
    store(world, account)
    del shelf.within[master["id"]][1:3]
    shelf.put(master)
    store(world, account)
    kinds = [kind for uid, kind, _ in stored(world) if uid.startswith(f"{master['id']}/")]
    assert sorted(kinds) == ["Event", "Event", "Gone", "Gone"]
