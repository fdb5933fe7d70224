"""Calendars on real servers, polled: what is told, what is gone, and what goes wrong."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from connectors.caldav import CaldavConnector, CaldavSettings
from connectors.errors import AccessDenied, CursorExpired, Misconfigured
from connectors.ics import IcsConnector, IcsSettings
from connectors.observations import Event, Gone
from connectors.protocol import Reading
from tests.connectors.dav_account import (
    SINCE,
    TEA,
    UNTIL,
    WEEKLY,
    WEEKLY_NAMES,
    Account,
    calendar,
    names,
    observations,
)
from tests.contract.dav_bench import SERVERS, uid_of
from tests.servers.dav import Owner

numbers = count()


@pytest.fixture(scope="module", params=SERVERS)
def owner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.fixture
def path(owner: Owner) -> str:
    """A calendar of the test's own."""
    path = f"{owner.calendars}home-{next(numbers)}/"
    owner.make_calendar(path)
    return path


@pytest.fixture
def account(owner: Owner, path: str, tmp_path: Path) -> Account:
    return Account(owner, tmp_path, owner.url + path)


def test_a_deleted_event_is_told_as_gone(account: Account, path: str) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    first = account.calendars()
    assert names(first) == ["tea.ics", *WEEKLY_NAMES]
    account.owner.delete(path + "tea.ics")
    second = account.calendars(first[-1].cursor)
    tea = uid_of(path, "tea.ics")
    assert observations(second) == [Gone(tea), Gone(f"{tea}/", is_prefix=True)]
    assert account.calendars(second[-1].cursor) == []


def test_of_a_deleted_series_all_is_told_as_gone(account: Account, path: str) -> None:
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    first = account.calendars()
    account.owner.delete(path + "w.ics")
    told = observations(account.calendars(first[-1].cursor))
    (prefix,) = [one.uid for one in told if isinstance(one, Gone) and one.is_prefix]
    assert all(one.uid.startswith(prefix) for one in observations(first))


def test_a_series_that_changes_leaves_nothing_of_what_it_was(account: Account, path: str) -> None:
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    first = account.calendars()
    account.owner.put(path + "w.ics", calendar(WEEKLY.replace("0603T09", "0604T09")))
    told = observations(account.calendars(first[-1].cursor))
    assert Gone(uid_of(path, "w.ics/"), is_prefix=True) in told
    assert len([one for one in told if isinstance(one, Event)]) == 4


def test_a_series_that_becomes_one_event_takes_the_others_with_it(
    account: Account, path: str
) -> None:
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    first = account.calendars()
    once = WEEKLY.replace("RRULE:FREQ=WEEKLY", "SEQUENCE:1")
    account.owner.put(path + "w.ics", calendar(once))
    told = observations(account.calendars(first[-1].cursor))
    assert Gone(uid_of(path, "w.ics/"), is_prefix=True) in told
    assert [one.uid for one in told if isinstance(one, Event)] == [uid_of(path, "w.ics")]


def test_an_event_is_what_it_would_be_in_a_file(
    account: Account, path: str, tmp_path: Path
) -> None:
    meeting = (
        "UID:m\nDTSTART;VALUE=DATE:20240605\nSUMMARY:Off-site\nCLASS:PUBLIC\n"
        "ORGANIZER;CN=Ada:mailto:ada@example.org\n"
        "ATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:mailto:ben@example.org\nTRANSP:TRANSPARENT"
    )
    documents = {
        "m.ics": calendar(meeting),
        "tea.ics": calendar(TEA),
        "w.ics": calendar(WEEKLY + "\nEXDATE:20240610T090000Z"),
    }
    folder = tmp_path / "calendar"
    folder.mkdir()
    for name, text in documents.items():
        account.owner.put(path + name, text)
        (folder / name).write_text(text)
    settings = IcsSettings(folder, until=UNTIL, zone="Asia/Tokyo")
    with closing(IcsConnector(settings, since=SINCE)) as connector:
        from_file = observations(connector.poll(None))
    from_server = observations(account.calendars(zone="Asia/Tokyo"))
    assert {replace(one, uid="") for one in from_server} == {
        replace(one, uid="") for one in from_file
    }
    assert len(from_server) == len(from_file) == 5


def test_all_calendars_are_read_or_those_that_are_named(owner: Owner, tmp_path: Path) -> None:
    for name in ("Work", "Choir"):
        number = next(numbers)
        owner.make_calendar(f"{owner.calendars}many-{number}/", f"{name}")
        owner.put(f"{owner.calendars}many-{number}/{name}.ics", calendar(TEA))
    account = Account(owner, tmp_path)
    assert {"Work.ics", "Choir.ics"} <= set(names(account.calendars()))
    assert names(account.calendars(calendars=("work",))) == ["Work.ics"]
    assert names(account.calendars(calendars=(f"many-{number}",))) == ["Choir.ics"]
    with pytest.raises(Misconfigured, match=r"no calendar is called 'quire'.*Choir"):
        account.calendars(calendars=("Work", "Quire"))


def test_another_selection_keeps_the_cursor(owner: Owner, tmp_path: Path) -> None:
    for number in (1, 2):
        owner.make_calendar(f"{owner.calendars}choice-{number}/")
        owner.put(f"{owner.calendars}choice-{number}/tea-{number}.ics", calendar(TEA))
    account = Account(owner, tmp_path)
    one = account.calendars(calendars=("choice-1",))
    both = account.calendars(one[-1].cursor, calendars=("choice-1", "choice-2"))
    assert names(both) == ["tea-2.ics"]
    assert account.calendars(both[-1].cursor, calendars=("choice-2",)) != []


def test_a_wrong_password_is_told(account: Account) -> None:
    (account.folder / "secret").write_text("wrong")
    connector = CaldavConnector(
        CaldavSettings(account.url, "nobody", ca_file=account.owner.ca_file, allow_private=True),
        since=SINCE,
    )
    with pytest.raises(AccessDenied, match="password"), closing(connector):
        list(connector.poll(None))


def test_occurrences_that_enter_the_window_are_told_without_any_change(
    account: Account, path: str
) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    astride = "UID:astride\nDTSTART:20240630T233000Z\nDURATION:PT1H"
    account.owner.put(path + "astride.ics", calendar(astride))
    first = account.calendars()
    later = UNTIL + timedelta(days=14)
    grown = account.calendars(first[-1].cursor, until=later)
    assert names(grown) == ["w.ics/20240701T090000Z", "w.ics/20240708T090000Z"]
    assert account.calendars(grown[-1].cursor, until=later) == []


def test_what_changed_and_entered_is_told_once(account: Account, path: str) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    first = account.calendars()
    account.owner.put(path + "w.ics", calendar(WEEKLY))
    grown = account.calendars(first[-1].cursor, until=UNTIL + timedelta(days=7))
    told = [one.uid for one in observations(grown) if isinstance(one, Event)]
    assert len(told) == len(set(told)) == 5


def test_the_window_reaches_a_year_ahead_of_the_poll(account: Account, path: str) -> None:
    account.owner.put(
        path + "d.ics", calendar("UID:d\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY")
    )
    told = observations(account.calendars(until=None))
    last = max(one.starts_at for one in told if isinstance(one, Event))
    assert timedelta(days=362) < last - datetime.now(UTC) < timedelta(days=366)


def test_headers_alone_tell_neither_summary_nor_place(account: Account, path: str) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    (tea,) = observations(account.calendars(read=Reading.HEADERS))
    assert isinstance(tea, Event)
    assert (tea.summary, tea.location) == ("", "")


def test_a_cursor_serves_only_the_settings_it_was_issued_for(account: Account, path: str) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    cursor = account.calendars()[-1].cursor
    with pytest.raises(CursorExpired):
        account.calendars(cursor, zone="Asia/Tokyo")
    with pytest.raises(Misconfigured, match="time zone"):
        account.calendars(zone="Europe/Atlantis")


def test_an_idle_poll_asks_little_and_starts_no_reader(account: Account, path: str) -> None:
    account.owner.put(path + "tea.ics", calendar(TEA))
    cursor = account.calendars()[-1].cursor
    settings = CaldavSettings(**account.given() | {"until": UNTIL})
    with closing(CaldavConnector(settings, since=SINCE)) as connector:
        assert list(connector.poll(cursor)) == []
        assert connector._expander._worker.n_started == 0
