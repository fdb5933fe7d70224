"""Calendars whose server forgets, fails, stumbles, throttles or lies: what it costs.

A proxy before Radicale does what Radicale does not do by itself.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from connectors.errors import CursorExpired, Misconfigured, Unavailable
from connectors.observations import Event
from connectors.protocol import Cursor
from tests.connectors.dav_account import (
    TEA,
    UNTIL,
    WEEKLY,
    WEEKLY_NAMES,
    Account,
    calendar,
    names,
    observations,
    rejected,
)
from tests.contract.dav_bench import uid_of
from tests.servers.dav import Owner
from tests.servers.dav_proxy import Answered, Asked, Proxy, proxy, without_sync
from tests.servers.radicale import radicale

numbers = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with radicale(tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.fixture
def front(server: Owner) -> Iterator[Proxy]:
    with proxy(server.url) as front:
        yield front


@pytest.fixture
def pair(server: Owner, front: Proxy, tmp_path: Path) -> tuple[Account, str, str]:
    """An account of two calendars, one event in each, behind the proxy."""
    number = next(numbers)
    paths = [f"{server.calendars}{name}-{number}/" for name in ("one", "two")]
    for path in paths:
        server.make_calendar(path)
        server.put(path + "tea.ics", calendar(TEA))
    chosen = (f"one-{number}", f"two-{number}")
    account = Account(server, tmp_path, front.url, {"calendars": chosen})
    return account, paths[0], paths[1]


VALID = '<error xmlns="DAV:"><valid-sync-token/></error>'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((status, VALID) for status in (403, 409, 412, 415, 418)),
        *((status, "") for status in (400, 403, 410, 412, 418)),
        (403, "No."),
    ],
    ids=lambda value: {VALID: "named", "": "bare", "No.": "prose"}.get(value, str(value)),
)
def test_a_forgotten_token_costs_its_own_calendar_a_new_reading(
    pair: tuple[Account, str, str], front: Proxy, status: int, body: str
) -> None:
    account, one, two = pair
    cursor = account.calendars()[-1].cursor
    account.owner.put(one + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    account.owner.put(two + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    front.instead = lambda asked: (
        Answered(status, body) if asked.is_sync and asked.token and asked.path == one else None
    )
    told = account.calendars(cursor)
    assert {each.uid for each in observations(told)} == {
        uid_of(one, "tea.ics"),
        uid_of(one, "new.ics"),
        uid_of(two, "new.ics"),
    }
    assert account.calendars(told[-1].cursor) == []


def test_when_all_tokens_are_forgotten_the_cursor_has_expired(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, two = pair
    cursor = account.calendars()[-1].cursor
    for path in (one, two):
        account.owner.put(path + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    front.instead = lambda asked: Answered(412, VALID) if asked.is_sync and asked.token else None
    with pytest.raises(CursorExpired):
        account.calendars(cursor)


def test_a_server_that_fails_has_not_forgotten(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    cursor = account.calendars()[-1].cursor
    account.owner.put(one + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    front.instead = lambda asked: Answered(500) if asked.is_sync and asked.token else None
    with pytest.raises(Unavailable):
        account.calendars(cursor)


def test_without_sync_collection_etags_tell_what_changed(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    front.afterwards = without_sync
    first = account.calendars()
    assert names(first) == ["tea.ics", "tea.ics"]
    assert not any(each.is_sync for each in front.asked)
    assert account.calendars(first[-1].cursor) == []
    account.owner.put(one + "w.ics", calendar(WEEKLY))
    second = account.calendars(first[-1].cursor)
    told = [each for each in observations(second) if isinstance(each, Event)]
    assert sorted(each.uid for each in told) == [uid_of(one, each) for each in WEEKLY_NAMES]
    assert account.calendars(second[-1].cursor) == []


def test_a_listing_that_is_suddenly_empty_deletes_nothing(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, two = pair
    front.afterwards = without_sync
    first = account.calendars()
    for path in (one, two):
        account.owner.delete(path + "tea.ics")
    emptied = account.calendars(first[-1].cursor)
    assert observations(emptied) == []
    for path in (one, two):
        account.owner.put(path + "tea.ics", calendar(TEA))
    assert names(account.calendars(emptied[-1].cursor)) == ["tea.ics", "tea.ics"]


def test_a_calendar_that_offers_sync_collection_and_refuses_it_is_listed(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    front.instead = lambda asked: Answered(403) if asked.is_sync and asked.path == one else None
    first = account.calendars()
    assert names(first) == ["tea.ics", "tea.ics"]
    assert account.calendars(first[-1].cursor) == []
    account.owner.put(one + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    assert names(account.calendars(first[-1].cursor)) == ["new.ics"]


def test_without_etags_the_content_itself_tells_what_changed(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    front.afterwards = lambda asked, body: without_sync(asked, body).replace("getetag", "nothing")
    first = account.calendars()
    assert names(first) == ["tea.ics", "tea.ics"]
    assert account.calendars(first[-1].cursor) == []
    account.owner.put(one + "tea.ics", calendar(TEA.replace("T10", "T11")))
    (tea,) = observations(account.calendars(first[-1].cursor))
    assert isinstance(tea, Event)
    assert (tea.uid, tea.starts_at.hour) == (uid_of(one, "tea.ics"), 11)


def test_an_event_that_the_server_stumbles_over_costs_only_itself(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    for number in range(5):
        text = TEA.replace("UID:tea", f"UID:{number}")
        account.owner.put(f"{one}{number}.ics", calendar(text))

    def stumble(asked: Asked) -> Answered | None:
        is_poisoned = "multiget" in asked.body and f"{one}3.ics" in asked.body
        return Answered(500, "Traceback") if is_poisoned else None

    front.instead = stumble
    told = account.calendars()
    assert names(told) == ["0.ics", "1.ics", "2.ics", "4.ics", "tea.ics", "tea.ics"]
    assert rejected(told) == {"3.ics": "the server stumbles over it"}


def test_a_server_that_gives_no_event_at_all_is_to_be_asked_again(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    account.owner.put(one + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    front.instead = lambda asked: Answered(500) if "multiget" in asked.body else None
    with pytest.raises(Unavailable):
        account.calendars()


@pytest.mark.parametrize("after", ["120", "Sun, 22 Nov 2026 08:02:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_says_when_to_come_back(
    pair: tuple[Account, str, str], front: Proxy, status: int, after: str
) -> None:
    account, *_ = pair
    headers = {"Retry-After": after, "Date": "Sun, 22 Nov 2026 08:00:00 GMT"}
    front.instead = lambda _: Answered(status, "", headers)
    with pytest.raises(Unavailable) as caught:
        account.calendars()
    assert caught.value.retry_after is not None


def test_a_reading_in_the_middle_of_many_changes_goes_on_where_it_was(
    pair: tuple[Account, str, str],
) -> None:
    account, one, _ = pair
    start = account.calendars()[-1].cursor
    for number in range(6):
        text = TEA.replace("UID:tea", f"UID:{number}")
        account.owner.put(f"{one}{number}.ics", calendar(text))
    batches = account.calendars(start, page=2)
    for n_stored in range(1, len(batches) + 1):
        rest = account.calendars(batches[n_stored - 1].cursor, page=2)
        told = names([*batches[:n_stored], *rest])
        assert told == [f"{number}.ics" for number in range(6)]


def test_a_series_that_hangs_its_reader_costs_only_itself(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    account.owner.put(one + "w.ics", calendar(WEEKLY.replace("UID:w", "UID:bomb")))
    # Every hour since the year 1, of which none is ever asked for: 17 million to skip.
    front.afterwards = lambda _, body: body.replace("FREQ=WEEKLY", "FREQ=HOURLY").replace(
        "20240603T090000Z", "00010101T000000Z"
    )
    started = time.monotonic()
    told = account.calendars()
    assert names(told) == ["tea.ics", "tea.ics"]
    assert list(rejected(told)) == ["w.ics"]
    assert time.monotonic() - started < 10


def test_a_resource_that_is_no_calendar_is_set_aside(
    pair: tuple[Account, str, str], front: Proxy
) -> None:
    account, one, _ = pair
    front.afterwards = lambda asked, body: (
        body.replace("VCALENDAR", "VNOTHING") if asked.path == one else body
    )
    assert rejected(account.calendars()) == {"tea.ics": "no calendar in it"}


def test_a_calendar_for_tasks_alone_is_none(pair: tuple[Account, str, str], front: Proxy) -> None:
    account, one, _ = pair
    front.afterwards = lambda asked, body: (
        body.replace('name="VEVENT"', 'name="VTODO"') if asked.path == one else body
    )
    with pytest.raises(Misconfigured, match="there is no calendar"):
        account.calendars(url=front.url + one, calendars=())


def test_only_questions_are_asked(pair: tuple[Account, str, str], front: Proxy) -> None:
    account, one, _ = pair
    cursor = account.calendars()[-1].cursor
    account.owner.put(one + "new.ics", calendar(TEA.replace("UID:tea", "UID:new")))
    account.calendars(cursor, until=UNTIL + timedelta(days=7))
    assert {each.method for each in front.asked} == {"PROPFIND", "REPORT"}


def test_an_unknown_cursor_is_none(pair: tuple[Account, str, str]) -> None:
    account, *_ = pair
    cursor = account.calendars()[-1].cursor
    for damaged in (cursor[:-5], cursor[:-5] + "\0\0\0\0\0", "", "1", cursor.swapcase()):
        with pytest.raises(CursorExpired):
            account.calendars(Cursor(damaged))
