"""An address book at Google is followed by its token; whatever goes wrong, the end is the same."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import AccessDenied, CursorExpired, Unavailable
from connectors.google_contacts import reader
from connectors.google_contacts.connector import PERMISSIONS
from connectors.google_contacts.place import Place, resume
from connectors.observations import Gone
from connectors.protocol import Account, Connector, Cursor, Mailbox, SignsIn
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.store import schema
from daemon.store.database import Database
from tests.connectors.google.contacts_account import (
    ContactsAccount,
    cards,
    gone,
    open_contacts_account,
)
from tests.jobs.world import AT, open_world, rows
from tests.servers.api import Reply
from tests.servers.google_accounts import LASTS
from tests.servers.google_api import error, fault
from tests.servers.google_people import WEEK, person

EXPIRED = fault(400, "EXPIRED_SYNC_TOKEN", "FAILED_PRECONDITION", "Sync token is expired.")
TOO_MANY = error(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Quota exceeded")
NEW_TOO_MANY = fault(429, "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "Quota exceeded")
BROKEN = Reply(500, b"")


@pytest.fixture
def mara(tmp_path: Path) -> Iterator[ContactsAccount]:
    with open_contacts_account(tmp_path) as account:
        yield account


def fill(mara: ContactsAccount, n: int = 20) -> None:
    mara.people.put(*(person(f"c{k}", f"p{k}@example.com", called=f"P {k}") for k in range(n)))


def change(mara: ContactsAccount) -> None:
    mara.people.put(person("c1", "new@example.com"), person("c99", "p99@example.com"))
    mara.people.delete("people/c2", "people/c3")


def keep(engine: Database, connector: Connector) -> None:
    poll(engine, "s", connector, ego=Ego(frozenset({"mara@example.org"})), at=AT)


def stored(engine: Database) -> list[tuple[object, ...]]:
    """Return what is stored, but for the order in which it was told."""
    columns = [column.name for column in schema.observations.columns]
    seq = columns.index("seq")
    return [row[:seq] + row[seq + 1 :] for row in rows(engine, schema.observations)]


def undisturbed(folder: Path) -> list[tuple[object, ...]]:
    engine = open_world()
    folder.mkdir()
    with open_contacts_account(folder) as mara:
        fill(mara)
        keep(engine, mara.connect())
        change(mara)
        keep(engine, mara.connect())
    return stored(engine)


def test_what_changed_is_told_and_who_was_deleted_has_gone(mara: ContactsAccount) -> None:
    fill(mara)
    cursor = mara.poll()[-1].cursor
    change(mara)
    batches = mara.poll(cursor)
    assert set(cards(batches)) == {"people/c1", "people/c99"}
    assert cards(batches)["people/c1"].emails == ("new@example.com",)
    assert gone(batches) == [Gone("people/c2"), Gone("people/c3")]


def test_progress_counts_up_to_all_there_are_over_a_break_as_well(mara: ContactsAccount) -> None:
    fill(mara, 8)
    with closing(mara.connect()) as connector:
        first = next(connector.poll(None))
    batches = [first, *mara.poll(first.cursor)]
    told = [batch.progress for batch in batches if batch.progress]
    assert [(each.done, each.expected, each.unit) for each in told] == [
        (3, 8, "cards"),
        (6, 8, "cards"),
        (8, 8, "cards"),
    ]
    [later] = mara.poll(batches[-1].cursor)
    assert later.progress
    assert (later.progress.done, later.progress.expected) == (0, None)


def test_a_token_that_is_a_week_old_has_expired_and_brings_nobody_twice(
    mara: ContactsAccount,
) -> None:
    fill(mara)
    engine = open_world()
    keep(engine, mara.connect())
    before = rows(engine, schema.observations)
    cursor = mara.poll()[-1].cursor
    mara.clock.sleep(WEEK)
    with pytest.raises(CursorExpired):
        mara.poll(cursor)
    keep(engine, mara.connect())
    assert rows(engine, schema.observations) == before


def test_changes_do_not_make_a_token_live_longer(mara: ContactsAccount) -> None:
    """Source: people.connections.list: 7 days after the full sync, not after the last one."""
    cursor = mara.poll()[-1].cursor
    for _ in range(6):
        mara.clock.sleep(WEEK / 7)
        cursor = mara.poll(cursor)[-1].cursor
    mara.clock.sleep(WEEK / 7)
    with pytest.raises(CursorExpired):
        mara.poll(cursor)


@pytest.mark.parametrize(
    "refusal",
    [
        EXPIRED,
        error(410, "gone", "GONE", "Sync token is expired."),
        error(400, "badRequest", "INVALID_ARGUMENT", "Invalid page token."),
    ],
    ids=["400", "410", "invalid"],
)
def test_every_way_to_refuse_a_token_means_that_it_is_forgotten(
    refusal: Reply, mara: ContactsAccount
) -> None:
    fill(mara)
    with closing(mara.connect()) as connector:
        first = next(connector.poll(None))
    for cursor in (first.cursor, mara.poll()[-1].cursor):
        mara.served.fail_at(1, refusal)
        with pytest.raises(CursorExpired):
            mara.poll(cursor)


def test_a_refusal_without_a_token_is_no_reason_to_begin_anew(mara: ContactsAccount) -> None:
    mara.served.fail_at(1, error(400, "badRequest", "INVALID_ARGUMENT", "Bad Request"))
    with pytest.raises(Unavailable, match="400"):
        mara.poll()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rate", [TOO_MANY, NEW_TOO_MANY], ids=["429", "429, newer"])
def test_the_end_is_the_same_though_a_third_is_too_much_and_a_tenth_breaks(
    rate: Reply, seed: int, mara: ContactsAccount, tmp_path: Path
) -> None:
    mara.served.fail_share({0.3: rate, 0.1: BROKEN}, seed=seed)
    engine = open_world()
    fill(mara)
    keep(engine, mara.connect())
    change(mara)
    keep(engine, mara.connect())
    assert len(mara.served.calls) > 8
    assert stored(engine) == undisturbed(tmp_path / "quiet")


def test_an_empty_address_book_after_a_forgotten_token_deletes_nothing(
    mara: ContactsAccount,
) -> None:
    """Absence proves nothing. Source: reliability notes, fault 33."""
    fill(mara)
    engine = open_world()
    keep(engine, mara.connect())
    before = rows(engine, schema.observations)
    mara.people.people.clear()
    mara.people.expire()
    keep(engine, mara.connect())
    assert rows(engine, schema.observations) == before


def test_a_token_that_expires_in_mid_page_is_renewed_once_and_the_page_asked_for_again(
    mara: ContactsAccount,
) -> None:
    fill(mara, 9)
    with closing(mara.connect()) as connector:
        batches = connector.poll(None)
        found = [next(batches)]
        mara.clock.sleep(LASTS + 1)
        found += batches
    assert len(cards(found)) == 9
    assert mara.accounts.n_refreshes == 1
    pages = [call.one("pageToken") for call in mara.served.calls[1:]]
    assert [pages.count(page) for page in dict.fromkeys(pages)] == [2, 1]


def test_no_more_is_asked_in_a_minute_than_google_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "REQUESTS_A_MINUTE", 15)
    with open_contacts_account(tmp_path, quota=15) as mara:
        fill(mara, 50)
        began_at = mara.clock.now()
        assert len(cards(mara.poll(page=1))) == 50
        assert mara.people.door.n_refused == 0
        assert 3 * 60 <= mara.clock.now() - began_at < 4 * 60


def test_the_quota_is_the_one_that_google_gives() -> None:
    assert reader.REQUESTS_A_MINUTE == 90


@pytest.mark.parametrize("pages", [["p", "p"], ["p", "q", "p"]], ids=["one", "two"])
def test_pages_that_lead_in_a_circle_end_the_poll(pages: list[str], mara: ContactsAccount) -> None:
    for n, page in enumerate(pages, start=1):
        mara.served.fail_at(n, Reply.of({"nextPageToken": page}))
    with pytest.raises(Unavailable, match="again and again"):
        mara.poll()


@pytest.mark.parametrize("strange", [{}, {"connections": None}, {"connections": "none"}])
def test_an_answer_without_people_is_an_empty_book(
    strange: dict[str, Any], mara: ContactsAccount
) -> None:
    mara.served.fail_at(1, Reply.of(strange))
    [batch] = mara.poll()
    assert not batch.observations


def test_only_what_is_kept_is_asked_for(mara: ContactsAccount) -> None:
    mara.poll()
    [call] = mara.served.calls
    unread = ("phoneNumbers", "addresses", "biographies", "photos", "relations", "nicknames")
    asked = call.one("personFields") + call.one("fields")
    assert not [name for name in unread if name in asked]


@pytest.mark.parametrize(
    "granted",
    [
        (*PERMISSIONS, "https://www.googleapis.com/auth/contacts.other.readonly"),
        ("https://www.googleapis.com/auth/contacts",),
    ],
    ids=["more", "broader"],
)
def test_a_sign_in_that_permits_anything_else_is_refused_before_anything_is_asked(
    granted: tuple[str, ...], mara: ContactsAccount
) -> None:
    mara.granted = granted
    mara.sign_in()
    with pytest.raises(AccessDenied, match="type: kithd sign-in"):
        mara.poll()
    assert not mara.served.calls


def test_a_token_of_too_little_is_refused_by_the_service(mara: ContactsAccount) -> None:
    less = mara.accounts.token(["https://www.googleapis.com/auth/contacts.other.readonly"])
    kept = mara.folder / "google.tokens"
    good = kept.read_text()
    start = good.index("ya29.")
    kept.write_text(good.replace(good[start : good.index('"', start)], less))
    with pytest.raises(AccessDenied, match="permission"):
        mara.poll()


def test_it_can_do_what_a_connector_with_a_sign_in_can_and_no_more(mara: ContactsAccount) -> None:
    connector = mara.connect()
    assert isinstance(connector, SignsIn)
    assert not isinstance(connector, Mailbox | Account)
    assert connector.list_permissions() == PERMISSIONS
    assert all(permission.endswith(".readonly") for permission in PERMISSIONS)


def test_a_close_from_elsewhere_ends_a_poll_and_another_may_begin(mara: ContactsAccount) -> None:
    fill(mara, 9)
    connector = mara.connect()
    batches = connector.poll(None)
    next(batches)
    connector.close()
    with pytest.raises(Unavailable, match="closed"):
        next(batches)
    assert len(cards(list(connector.poll(None)))) == 9
    connector.close()


def test_a_place_comes_back_out_of_its_cursor() -> None:
    place = Place("here", "CPDAlvWDx70CEPDA=", "page", 7)
    assert resume(place.to_cursor(), "here") == place
    assert resume(None, "here") == Place("here")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        "[1]",
        '[1,"here","t","p","many"]',
        '[2,"here","t","p",7]',
        '[1,"elsewhere","t","p",7]',
        "[" * 100_000,
    ],
    ids=[str(n) for n in range(8)],
)
def test_what_is_no_cursor_has_expired(text: str) -> None:
    with pytest.raises(CursorExpired):
        resume(Cursor(text), "here")


def test_a_cursor_for_pages_of_another_size_has_expired(mara: ContactsAccount) -> None:
    """All but the token must be asked for as it was at first."""
    cursor = mara.poll()[-1].cursor
    with pytest.raises(CursorExpired):
        mara.poll(cursor, page=7)
