"""Calendars at Google are followed by their tokens: what changes is told, and no more."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import AccessDenied, CursorExpired, Misconfigured, Unavailable
from connectors.google_calendar.place import resume
from connectors.observations import Gone
from connectors.occurrences import end_of_window
from connectors.protocol import Cursor, Reading
from tests.connectors.google.calendar_account import (
    AT,
    UNTIL,
    CalendarAccount,
    events,
    gone,
    open_calendar_account,
    uid,
)
from tests.servers.api import Reply
from tests.servers.google_api import error
from tests.servers.google_calendar import OWNER, meeting, series

DAY = timedelta(days=1)
FAMILY = "family123@group.calendar.google.com"


@pytest.fixture
def mara(tmp_path: Path) -> Iterator[CalendarAccount]:
    with open_calendar_account(tmp_path) as account:
        yield account


def test_a_deleted_event_has_gone_and_a_changed_one_is_told_anew(mara: CalendarAccount) -> None:
    mara.own.put(meeting("a", AT), meeting("b", AT))
    cursor = mara.poll()[-1].cursor
    mara.own.delete("a")
    mara.own.put(meeting("b", AT + DAY))
    batches = mara.poll(cursor)
    assert gone(batches) == [Gone(uid("a")), Gone(uid("a_2"), is_prefix=True)]
    assert events(batches)[uid("b")].starts_at == AT + DAY
    assert not gone(mara.poll(batches[-1].cursor))


def test_occurrences_are_told_one_by_one_and_an_exception_keeps_its_name(
    mara: CalendarAccount,
) -> None:
    weekly = series("weekly", AT, 4)
    mara.own.put(*weekly)
    found = mara.poll()
    assert [each.starts_at for each in events(found).values()] == [
        AT + 7 * DAY * week for week in range(4)
    ]
    moved = weekly[1] | {name: {"dateTime": AT.isoformat()} for name in ("start", "end")}
    mara.own.put(moved)
    mara.own.delete(weekly[2]["id"])
    batches = mara.poll(found[-1].cursor)
    assert events(batches)[uid("weekly_20240610T093000Z")].starts_at == AT
    assert gone(batches) == [
        Gone(uid("weekly_20240617T093000Z"), is_prefix=True),
        Gone(uid("weekly_2"), is_prefix=True),
    ]


def test_a_series_that_is_touched_is_told_no_further_than_the_window(mara: CalendarAccount) -> None:
    cursor = mara.poll()[-1].cursor
    mara.own.put(*series("weekly", AT, 30))
    batches = mara.poll(cursor)
    assert [each.starts_at for each in events(batches).values()] == [
        AT + 7 * DAY * week for week in range(5)
    ]
    assert all(each.is_prefix for each in gone(batches))
    assert len(gone(batches)) == 25


def test_an_event_that_begins_to_recur_has_gone_once_as_the_one_it_was(
    mara: CalendarAccount,
) -> None:
    mara.own.put(meeting("lunch", AT))
    cursor = mara.poll()[-1].cursor
    mara.own.put(*series("lunch", AT, 3, sequence=1))
    batches = mara.poll(cursor)
    assert len(events(batches)) == 3
    assert gone(batches) == [Gone(uid("lunch"))]


def test_a_token_goes_with_nothing_that_bounds_time(mara: CalendarAccount) -> None:
    """Source: Calendar API reference, "Events: list", syncToken; the calendar here checks it."""
    cursor = mara.poll()[-1].cursor
    mara.poll(cursor)
    first, then = (call.query for call in mara.calls("/events"))
    assert {"timeMin", "timeMax"} <= first.keys()
    assert "syncToken" not in first
    assert "syncToken" in then
    assert not {"timeMin", "timeMax", "orderBy", "updatedMin", "showDeleted"} & then.keys()


def test_a_poll_ends_and_resumes_in_the_middle_of_a_page_of_changes(mara: CalendarAccount) -> None:
    cursor = mara.poll()[-1].cursor
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(8)))
    with closing(mara.connect()) as connector:
        first = next(connector.poll(cursor))
    mara.own.put(meeting("late", AT))
    rest = mara.poll(first.cursor)
    assert set(events([first])) | set(events(rest)) == {uid(f"e{n}") for n in range(8)}
    assert len(events(rest)) == 5
    assert set(events(mara.poll(rest[-1].cursor))) == {uid("late")}


def test_all_calendars_that_are_ticked_are_read_each_by_a_token_of_its_own(
    mara: CalendarAccount,
) -> None:
    family = mara.calendar.add(FAMILY, summary="Family", selected=True)
    mara.calendar.add("hidden1@group.calendar.google.com", selected=False)
    mara.own.put(meeting("shared", AT))
    family.put(meeting("shared", AT), meeting("swim", AT))
    found = mara.poll()
    expected = {uid("shared"), uid("shared", FAMILY), uid("swim", FAMILY)}
    assert set(events(found)) == expected
    assert len(resume(found[-1].cursor, origin(found[-1].cursor)).tokens) == 2
    family.put(meeting("skate", AT))
    assert set(events(mara.poll(found[-1].cursor))) == {uid("skate", FAMILY)}


def test_what_was_begun_is_finished_before_anything_else_is_begun(mara: CalendarAccount) -> None:
    family = mara.calendar.add(FAMILY, selected=True)
    family.put(*(meeting(f"f{n}", AT) for n in range(7)))
    with closing(mara.connect()) as connector:
        first = next(connector.poll(None))
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(7)))
    rest = mara.poll(first.cursor)
    assert set(events([first])) < {uid(f"f{n}", FAMILY) for n in range(7)}
    assert len(events([first, *rest])) == 14


def test_only_the_calendars_named_are_read(mara: CalendarAccount) -> None:
    mara.calendar.add(FAMILY, summary="Family", selected=False).put(meeting("swim", AT))
    mara.own.put(meeting("lunch", AT))
    assert set(events(mara.poll(calendars=("family",)))) == {uid("swim", FAMILY)}
    assert len(events(mara.poll(calendars=("Family", "primary")))) == 2
    with pytest.raises(Misconfigured, match="no calendar is called 'work'"):
        mara.poll(calendars=("Work",))


def test_a_calendar_of_which_only_times_are_shown_is_not_read(mara: CalendarAccount) -> None:
    mara.calendar.add(FAMILY, selected=True, accessRole="freeBusyReader")
    mara.poll()
    assert [call.path for call in mara.calls("/events")] == [
        f"/calendar/v3/calendars/{OWNER}/events"
    ]


def test_a_long_list_of_calendars_is_read_to_its_end(mara: CalendarAccount) -> None:
    names = [f"c{n}@group.calendar.google.com" for n in range(251)]
    for name in names:
        mara.calendar.add(name, summary=name.partition("@")[0])
    mara.calendar.diaries[names[250]].put(meeting("far", AT))
    assert set(events(mara.poll(calendars=("c250",)))) == {uid("far", names[250])}
    assert len(mara.calls("/calendarList")) == 2


def test_a_calendar_that_is_no_longer_ticked_deletes_nothing(mara: CalendarAccount) -> None:
    family = mara.calendar.add(FAMILY, selected=True)
    family.put(meeting("swim", AT))
    cursor = mara.poll()[-1].cursor
    family.entry["selected"] = False
    batches = mara.poll(cursor)
    assert not batches[-1].observations
    family.entry["selected"] = True
    assert set(events(mara.poll(batches[-1].cursor))) == {uid("swim", FAMILY)}


def test_a_ticked_calendar_that_may_not_be_seen_is_passed_over_and_keeps_its_token(
    mara: CalendarAccount,
) -> None:
    family = mara.calendar.add(FAMILY, selected=True)
    family.put(meeting("swim", AT))
    cursor = mara.poll()[-1].cursor
    family.is_closed = True
    family.put(meeting("skate", AT))
    mara.own.put(meeting("lunch", AT))
    batches = mara.poll(cursor)
    assert set(events(batches)) == {uid("lunch")}
    family.is_closed = False
    assert set(events(mara.poll(batches[-1].cursor))) == {uid("skate", FAMILY)}


def test_a_ticked_calendar_that_vanishes_during_the_poll_is_passed_over(
    mara: CalendarAccount,
) -> None:
    mara.calendar.add(FAMILY, selected=True)
    mara.served.fail_at(3, error(404, "notFound", "NOT_FOUND", "Not Found"))
    mara.own.put(meeting("lunch", AT))
    assert set(events(mara.poll())) == {uid("lunch")}


def test_the_owners_own_calendar_or_a_named_one_that_may_not_be_seen_is_said(
    mara: CalendarAccount,
) -> None:
    mara.calendar.add(FAMILY, summary="Family").is_closed = True
    with pytest.raises(AccessDenied):
        mara.poll(calendars=("family",))
    mara.own.is_closed = True
    with pytest.raises(AccessDenied):
        mara.poll()
    mara.own.is_closed = False
    mara.served.fail_at(2, error(404, "notFound", "NOT_FOUND", "Not Found"))
    with pytest.raises(Unavailable, match="404"):
        mara.poll()


def test_what_enters_the_window_is_told_once_when_it_does(mara: CalendarAccount) -> None:
    family = mara.calendar.add(FAMILY, selected=True)
    mara.own.put(*series("weekly", UNTIL - 7 * DAY, 3))
    family.put(meeting("swim", UNTIL + DAY), meeting("long", UNTIL - DAY, minutes=3 * 24 * 60))
    found = mara.poll()
    assert set(events(found)) == {uid("weekly_20240626T093000Z"), uid("long", FAMILY)}
    later = mara.poll(found[-1].cursor, until=UNTIL + 2 * DAY)
    assert set(events(later)) == {uid("weekly_20240703T093000Z"), uid("swim", FAMILY)}
    assert not gone(later)
    n_calls = len(mara.served.calls)
    again = mara.poll(later[-1].cursor, until=UNTIL + 2 * DAY)
    assert not again[-1].observations
    assert len(mara.served.calls) == n_calls + 3


def test_what_changes_as_it_enters_the_window_is_told_once(mara: CalendarAccount) -> None:
    cursor = mara.poll()[-1].cursor
    mara.own.put(meeting("new", UNTIL + DAY), meeting("newer", UNTIL + 5 * DAY))
    later = mara.poll(cursor, until=UNTIL + 2 * DAY)
    assert set(events(later)) == {uid("new")}


def test_a_first_reading_that_takes_days_ends_with_the_window_that_it_began_with(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(7)), meeting("far", UNTIL + DAY))
    with closing(mara.connect()) as connector:
        first = next(connector.poll(None))
    rest = mara.poll(first.cursor, until=UNTIL + 2 * DAY)
    assert set(events([first, *rest])) == {uid("far"), *(uid(f"e{n}") for n in range(7))}


def test_the_window_ends_a_year_ahead_where_nothing_else_is_said(mara: CalendarAccount) -> None:
    mara.own.put(meeting("soon", datetime.now(UTC) + 300 * DAY))
    mara.own.put(meeting("far", datetime.now(UTC) + 400 * DAY))
    found = mara.poll(until=None)
    assert set(events(found)) == {uid("soon")}
    at = end_of_window(datetime.now(UTC))
    assert resume(found[-1].cursor, origin(found[-1].cursor)).horizon == int(at.timestamp())


def test_a_calendar_whose_token_is_forgotten_is_read_anew_alone(mara: CalendarAccount) -> None:
    family = mara.calendar.add(FAMILY, selected=True)
    mara.own.put(meeting("lunch", AT))
    family.put(meeting("swim", AT))
    cursor = mara.poll()[-1].cursor
    mara.own.expire()
    batches = mara.poll(cursor)
    assert set(events(batches)) == {uid("lunch")}
    assert not mara.poll(batches[-1].cursor)[-1].observations


def test_where_every_token_is_forgotten_the_cursor_has_expired(mara: CalendarAccount) -> None:
    mara.calendar.add(FAMILY, selected=True)
    cursor = mara.poll()[-1].cursor
    mara.calendar.expire()
    mara.calendar.add("new123@group.calendar.google.com", selected=True).put(meeting("a", AT))
    with closing(mara.connect()) as connector, pytest.raises(CursorExpired, match="forgotten"):
        next(connector.poll(cursor))


@pytest.mark.parametrize(
    "refusal",
    [
        error(410, "updatedMinTooLongAgo", "FAILED_PRECONDITION", "The requested minimum..."),
        error(400, "invalid", "INVALID_ARGUMENT", "Invalid sync token value."),
    ],
    ids=["410", "400"],
)
def test_every_way_to_refuse_a_token_means_that_it_is_forgotten(
    refusal: Reply, mara: CalendarAccount
) -> None:
    cursor = mara.poll()[-1].cursor
    mara.served.fail_at(2, refusal)
    with pytest.raises(CursorExpired):
        mara.poll(cursor)


def test_a_page_that_is_forgotten_in_a_first_reading_expires_the_cursor(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*(meeting(f"e{n}", AT) for n in range(7)))
    mara.served.fail_at(3, error(410, "fullSyncRequired", "GONE", "Sync token is no longer..."))
    with closing(mara.connect()) as connector:
        poll = connector.poll(None)
        assert len(next(poll).observations) == 3
        with pytest.raises(CursorExpired):
            next(poll)


def test_a_page_that_is_forgotten_as_the_window_moves_is_asked_for_another_time(
    mara: CalendarAccount,
) -> None:
    mara.own.put(*(meeting(f"e{n}", UNTIL + DAY) for n in range(7)))
    cursor = mara.poll()[-1].cursor
    mara.served.fail_at(4, error(400, "invalid", "INVALID_ARGUMENT", "Invalid Value"))
    with pytest.raises(Unavailable, match="forgot"):
        mara.poll(cursor, until=UNTIL + 2 * DAY)
    assert len(events(mara.poll(cursor, until=UNTIL + 2 * DAY))) == 7


@pytest.mark.parametrize("n", [1, 2])
def test_a_refusal_without_a_token_is_no_reason_to_begin_anew(
    n: int, mara: CalendarAccount
) -> None:
    mara.served.fail_at(n, error(400, "badRequest", "INVALID_ARGUMENT", "Bad Request"))
    with pytest.raises(Unavailable, match="400"):
        mara.poll()


@pytest.mark.parametrize("pages", [["p", "p"], ["p", "q", "p"]], ids=["one", "two"])
def test_pages_that_lead_in_a_circle_end_the_poll(pages: list[str], mara: CalendarAccount) -> None:
    for n, page in enumerate(pages, start=2):
        mara.served.fail_at(n, Reply.of({"items": [], "nextPageToken": page}))
    with pytest.raises(Unavailable, match="again and again"):
        mara.poll()


def test_without_a_token_in_the_end_the_calendar_is_read_anew(mara: CalendarAccount) -> None:
    mara.own.put(meeting("lunch", AT))
    mara.served.fail_at(2, Reply.of({"items": [meeting("lunch", AT)]}))
    cursor = mara.poll()[-1].cursor
    assert set(events(mara.poll(cursor))) == {uid("lunch")}


@pytest.mark.parametrize(
    "strange", [{}, {"items": None}, {"items": "none"}, {"items": {}, "nextSyncToken": ["t"]}]
)
def test_an_answer_without_events_is_an_empty_calendar(
    strange: dict[str, object], mara: CalendarAccount
) -> None:
    mara.served.fail_at(2, Reply.of(strange))
    assert not mara.poll()[-1].observations


def test_words_are_not_even_asked_for_where_only_headers_are_read(mara: CalendarAccount) -> None:
    mara.own.put(meeting("lunch", AT, location="Caf\u00e9"))
    [event] = events(mara.poll(read=Reading.HEADERS)).values()
    assert (event.summary, event.location) == ("", "")
    [call] = mara.calls("/events")
    assert "summary" not in call.one("fields")


def test_nothing_that_is_not_read_is_asked_for(mara: CalendarAccount) -> None:
    mara.poll()
    assert mara.calls("/events")[0].query["eventTypes"] == ["default", "fromGmail"]
    for call in mara.served.calls:
        unread = ("description", "conferenceData", "hangoutLink", "attachments", "htmlLink")
        assert not [name for name in unread if name in call.one("fields")]


@pytest.mark.parametrize("given", [{"user": "else@example.org"}, {"read": Reading.HEADERS}])
def test_a_cursor_of_other_settings_has_expired(
    given: dict[str, str], mara: CalendarAccount
) -> None:
    cursor = mara.poll()[-1].cursor
    with pytest.raises(CursorExpired):
        mara.poll(cursor, **given)


def test_a_cursor_holds_neither_names_nor_addresses(mara: CalendarAccount) -> None:
    mara.calendar.add(FAMILY, summary="Family", selected=True).put(meeting("swim", AT))
    for batch in mara.poll():
        assert not [word for word in ("mara", "example", "amily", "swim") if word in batch.cursor]


def origin(cursor: Cursor) -> str:
    """Return what a cursor was issued for."""
    return cursor.split('"')[1]
