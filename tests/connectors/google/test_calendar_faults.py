"""Whatever goes wrong at Google Calendar: what is stored in the end is the same."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.google_calendar import reader
from connectors.google_calendar.connector import PERMISSIONS
from connectors.observations import Event
from connectors.protocol import Account, Connector, Mailbox, SignsIn
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.store import schema
from daemon.store.database import Database
from tests.connectors.google.calendar_account import (
    AT,
    CalendarAccount,
    events,
    open_calendar_account,
    uid,
)
from tests.jobs.world import open_world, rows
from tests.servers.api import Reply
from tests.servers.google_accounts import CANARY, LASTS
from tests.servers.google_api import error, fault
from tests.servers.google_calendar import OWNER, meeting, series

FAMILY = "family123@group.calendar.google.com"
RATE = error(403, "rateLimitExceeded", "PERMISSION_DENIED", "Rate Limit Exceeded")
TOO_MANY = error(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Rate Limit Exceeded")
BROKEN = Reply(503, b"<html>The server encountered a temporary error</html>")
EGO = Ego(frozenset({OWNER}))


@pytest.fixture
def mara(tmp_path: Path) -> Iterator[CalendarAccount]:
    with open_calendar_account(tmp_path) as account:
        yield account


def fill(mara: CalendarAccount) -> None:
    """Put a year into two calendars, in some twenty pages."""
    family = mara.calendar.add(FAMILY, summary="Family", selected=True)
    mara.own.put(*(meeting(f"e{n}", AT + timedelta(hours=n)) for n in range(30)))
    family.put(*series("weekly", AT - timedelta(days=180), 26))


def change(mara: CalendarAccount) -> None:
    """Change, add and delete some of it."""
    mara.own.put(*(meeting(f"e{n}", AT + timedelta(days=n)) for n in range(5, 35)))
    mara.own.delete("e0", "e1")
    mara.calendar.diaries[FAMILY].delete("weekly_20231213T093000Z")


def keep(engine: Database, connector: Connector) -> None:
    poll(engine, "s", connector, ego=EGO, at=AT)


def stored(engine: Database) -> list[tuple[object, ...]]:
    """Return what is stored, but for the order in which it was told."""
    columns = [column.name for column in schema.observations.columns]
    seq = columns.index("seq")
    return [row[:seq] + row[seq + 1 :] for row in rows(engine, schema.observations)]


def undisturbed(folder: Path) -> list[tuple[object, ...]]:
    engine = open_world()
    folder.mkdir()
    with open_calendar_account(folder) as mara:
        fill(mara)
        keep(engine, mara.connect())
        change(mara)
        keep(engine, mara.connect())
    return stored(engine)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rate", [TOO_MANY, RATE], ids=["429", "403"])
def test_the_end_is_the_same_though_a_third_is_too_much_and_a_tenth_breaks(
    rate: Reply, seed: int, mara: CalendarAccount, tmp_path: Path
) -> None:
    mara.served.fail_share({0.3: rate, 0.1: BROKEN}, seed=seed)
    engine = open_world()
    fill(mara)
    keep(engine, mara.connect())
    change(mara)
    keep(engine, mara.connect())
    assert len(mara.served.calls) > 40
    assert stored(engine) == undisturbed(tmp_path / "quiet")


def test_a_poll_that_is_given_up_goes_on_where_it_was(
    mara: CalendarAccount, tmp_path: Path
) -> None:
    fill(mara)
    engine = open_world()
    mara.served.faults.append(lambda _: BROKEN if 6 <= len(mara.served.calls) < 20 else None)
    with pytest.raises(Unavailable):
        keep(engine, mara.connect())
    n_stored = len(stored(engine))
    assert n_stored > 0
    mara.served.faults.clear()
    n_calls = len(mara.served.calls)
    keep(engine, mara.connect())
    assert len(mara.served.calls) - n_calls < 20
    change(mara)
    keep(engine, mara.connect())
    assert stored(engine) == undisturbed(tmp_path / "quiet")


@pytest.mark.parametrize("which", ["all", "one"])
def test_forgotten_tokens_bring_no_event_twice_into_the_store(
    which: str, mara: CalendarAccount
) -> None:
    fill(mara)
    engine = open_world()
    keep(engine, mara.connect())
    before = rows(engine, schema.observations)
    assert len(before) == 56
    if which == "all":
        mara.calendar.expire()
    else:
        mara.own.expire()
    keep(engine, mara.connect())
    assert rows(engine, schema.observations) == before


def test_an_empty_calendar_after_a_forgotten_token_deletes_nothing(mara: CalendarAccount) -> None:
    """Absence proves nothing. Source: reliability notes, fault 33."""
    fill(mara)
    engine = open_world()
    keep(engine, mara.connect())
    before = rows(engine, schema.observations)
    for diary in mara.calendar.diaries.values():
        diary.events.clear()
        diary.expire()
    keep(engine, mara.connect())
    assert rows(engine, schema.observations) == before


def test_a_token_that_expires_in_mid_page_is_renewed_once_and_the_page_asked_for_again(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(9)))
    with closing(mara.connect()) as connector:
        batches = connector.poll(None)
        found = [next(batches)]
        mara.clock.sleep(LASTS + 1)
        found += batches
    assert len(events(found)) == 9
    assert mara.accounts.n_refreshes == 1
    pages = [call.one("pageToken") for call in mara.calls("/events")[1:]]
    assert [pages.count(page) for page in dict.fromkeys(pages)] == [2, 1]


def test_no_more_is_asked_in_a_minute_than_google_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "REQUESTS_A_MINUTE", 20)
    with open_calendar_account(tmp_path, quota=20) as mara:
        mara.own.put(*(meeting(f"e{n}", AT) for n in range(64)))
        began_at = mara.clock.now()
        cursor = mara.poll(page=1)[-1].cursor
        for _ in range(10):  # polls come one after another, and Google counts on
            cursor = mara.poll(cursor, page=1)[-1].cursor
        assert mara.calendar.door.n_refused == 0
        assert len(mara.served.calls) == 85
        assert 4 * 60 <= mara.clock.now() - began_at < 5 * 60


def test_the_quota_is_the_one_that_google_documents() -> None:
    assert reader.REQUESTS_A_MINUTE == 600


def test_a_day_that_is_used_up_is_left_alone_until_it_is_over(mara: CalendarAccount) -> None:
    mara.served.fail_at(1, error(403, "dailyLimitExceeded", "PERMISSION_DENIED", "Daily Limit"))
    with pytest.raises(Unavailable, match="day's quota") as trouble:
        mara.poll()
    assert trouble.value.retry_after == timedelta(hours=1)
    assert len(mara.served.calls) == 1


@pytest.mark.parametrize(
    "cut",
    [
        Reply(200, b'{"items": [{"id": "a"', {"Content-Type": "application/json"}),
        Reply(200, b"<html>Sign in to the airport</html>", {"Content-Type": "text/html"}),
        Reply.of(["no", "object"]),
        Reply(200, b'{"items": []}' * 1000, is_cut=True),
        Reply(500, b""),
    ],
    ids=["truncated", "portal", "list", "cut", "empty"],
)
def test_an_answer_that_is_none_is_asked_for_again(cut: Reply, mara: CalendarAccount) -> None:
    mara.own.put(meeting("lunch", AT))
    mara.served.fail_at(2, cut)
    assert set(events(mara.poll())) == {uid("lunch")}


@pytest.mark.parametrize(
    "granted",
    [
        PERMISSIONS[:1],
        (*PERMISSIONS, "https://www.googleapis.com/auth/calendar"),
        ("https://www.googleapis.com/auth/calendar.readonly",),
    ],
    ids=["less", "more", "broader"],
)
def test_a_sign_in_that_permits_more_or_less_is_refused_before_anything_is_asked(
    granted: tuple[str, ...], mara: CalendarAccount
) -> None:
    mara.granted = granted
    mara.sign_in()
    with pytest.raises(AccessDenied, match="type: kithd sign-in"):
        mara.poll()
    assert not mara.served.calls


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_each_permission_is_needed(permission: str, mara: CalendarAccount) -> None:
    """A token of less than was kept: the calendar itself refuses what it does not permit."""
    less = mara.accounts.token(set(PERMISSIONS) - {permission})
    kept = mara.folder / "google.tokens"
    good = kept.read_text()
    start = good.index("ya29.")
    kept.write_text(good.replace(good[start : good.index('"', start)], less))
    with pytest.raises(AccessDenied, match="permission"):
        mara.poll()


def test_no_permission_is_for_changing_anything() -> None:
    assert all(permission.endswith(".readonly") for permission in PERMISSIONS)
    assert list(PERMISSIONS) == sorted(PERMISSIONS)


@pytest.mark.parametrize(
    "refusal",
    [
        error(403, "accessNotConfigured", "PERMISSION_DENIED", "Calendar API has not been used"),
        fault(403, "SERVICE_DISABLED", "PERMISSION_DENIED", "Calendar API has not been used"),
        error(403, "domainPolicy", "PERMISSION_DENIED", "The domain administrators"),
        error(403, "notACalendarUser", "PERMISSION_DENIED", "must be signed up"),
    ],
    ids=["off", "off, newer", "domain", "no calendar"],
)
def test_what_only_the_owner_can_mend_is_said(refusal: Reply, mara: CalendarAccount) -> None:
    mara.served.faults.append(lambda _: refusal)
    with pytest.raises(AccessDenied) as error:
        mara.poll()
    assert OWNER not in str(error.value)
    assert len(mara.served.calls) == 1


def test_an_ended_sign_in_is_said_and_no_secret_with_it(mara: CalendarAccount) -> None:
    mara.accounts.revoke_all()
    with pytest.raises(AccessDenied, match="kithd sign-in") as error:
        mara.poll()
    assert CANARY not in repr(error.getrepr(style="long"))


def test_a_calendar_in_the_clear_on_the_web_is_not_asked(mara: CalendarAccount) -> None:
    with pytest.raises(Misconfigured):
        mara.poll(url="http://calendar.example.org/calendar/v3/", allow_private=False)


@pytest.mark.parametrize("url", ["https://www.googleapis.com/", "https://localhost/calendar/v3"])
def test_an_url_without_the_path_of_the_service_is_said(url: str, mara: CalendarAccount) -> None:
    with pytest.raises(Misconfigured, match="/calendar/v3/"):
        mara.poll(url=url)


def test_a_close_from_elsewhere_ends_a_poll_and_another_may_begin(mara: CalendarAccount) -> None:
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(9)))
    connector = mara.connect()
    batches = connector.poll(None)
    next(batches)
    connector.close()
    with pytest.raises(Unavailable, match="closed"):
        next(batches)
    assert len(events(list(connector.poll(None)))) == 9
    connector.close()


def test_it_can_do_what_a_connector_with_a_sign_in_can_and_no_more(mara: CalendarAccount) -> None:
    connector = mara.connect()
    assert isinstance(connector, SignsIn)
    assert not isinstance(connector, Mailbox | Account)
    assert connector.list_permissions() == PERMISSIONS


def test_nothing_heavy_is_loaded_before_the_first_poll() -> None:
    program = (
        "import sys; import connectors.google_calendar.connector, connectors.google_contacts"
        ".connector; heavy = {'googleapiclient', 'google', 'httplib2', 'oauthlib', 'httpcore', "
        "'google_auth_httplib2'} & {name.partition('.')[0] for name in sys.modules}; "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 0


def test_an_event_is_told_as_it_was_put_through_the_whole_library(mara: CalendarAccount) -> None:
    mara.own.put(meeting("soup", AT, summary="Caf\u00e9 \U0001f372", attendees=[]))
    [event] = [one for batch in mara.poll() for one in batch.observations]
    assert isinstance(event, Event)
    assert event.summary == "Caf\u00e9 \U0001f372"
