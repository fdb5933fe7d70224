"""Calendars of an Exchange Server become events, series unfolded by the server itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from connectors.errors import Misconfigured
from connectors.exchange import calendar
from connectors.exchange.elements import named_after
from connectors.observations import Address, Answer, Attendee, Event, Gone
from connectors.protocol import Batch, Reading
from tests.connectors.exchange.mailbox import ANA, AT, ME, UNTIL, Home, add_meeting, poll, seen
from tests.servers import ews_soap as soap
from tests.servers.ews import USER, Item, Occurrence

CALENDAR = {"parts": ("calendar",)}
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def events(batches: list[Batch]) -> list[Event]:
    return [one for one in seen(batches) if isinstance(one, Event)]


def gone(batches: list[Batch]) -> set[Gone]:
    return {one for one in seen(batches) if isinstance(one, Gone)}


def add_series(home: Home, n: int = 3, *, first: datetime = AT, has_end: bool = True) -> Item:
    """Put a weekly hour into the calendar, ``n`` times."""
    master = add_meeting(home.exchange, 1, first, kind="RecurringMaster")
    spans = [(first + WEEK * week, first + WEEK * week + HOUR) for week in range(n)]
    home.exchange.series[master.id] = [Occurrence(*span) for span in spans]
    master.properties["FirstOccurrence"] = soap.occurrence("FirstOccurrence", *spans[0])
    if has_end:
        master.properties["LastOccurrence"] = soap.occurrence("LastOccurrence", *spans[-1])
    return master


def test_a_meeting_is_an_event_with_all_that_is_known_of_it(home: Home) -> None:
    item = add_meeting(
        home.exchange,
        1,
        people=[(*ANA, "Accept"), ("ben@example.com", "Ben", "Decline"), ("/o=x", "Dan", "Accept")],
        OptionalAttendees=soap.attendees("OptionalAttendees", [("cem@example.net", "", "Unknown")]),
        Resources=soap.attendees("Resources", [("room7@example.org", "Room 7", "Accept")]),
    )
    [event] = events(poll(home.settings(**CALENDAR)))
    assert not home.asked("FindItem")
    assert event == Event(
        uid=named_after(item.id),
        starts_at=AT,
        ends_at=AT + HOUR,
        known_at=AT - timedelta(days=9),
        organizer=Address(USER, "Mara Stein"),
        attendees=(
            Attendee(Address(*ANA), Answer.ACCEPTED),
            Attendee(Address("ben@example.com", "Ben"), Answer.DECLINED),
            Attendee(Address("cem@example.net"), Answer.NONE),
            Attendee(Address("room7@example.org", "Room 7"), Answer.ACCEPTED, is_person=False),
        ),
        summary="Meeting 1",
        location="Room 7",
    )


@pytest.mark.parametrize("is_listed", [True, False], ids=["by name", "through a list"])
def test_what_the_owner_declined_is_declined(home: Home, is_listed: bool) -> None:
    people = [(*ANA, "Organizer")] + [(*ME, "Unknown")] * is_listed
    add_meeting(
        home.exchange,
        1,
        people=people,
        MyResponseType=soap.element("MyResponseType", "Decline"),
        Organizer=soap.one("Organizer", *ANA),
    )
    [event] = events(poll(home.settings(**CALENDAR)))
    answers = {one.address.email: one.answer for one in event.attendees}
    assert answers == {"ana@example.com": Answer.ACCEPTED, USER: Answer.DECLINED}


def test_flags_are_read(home: Home) -> None:
    add_meeting(home.exchange, 1, IsCancelled=soap.element("IsCancelled", True))
    add_meeting(home.exchange, 2, IsAllDayEvent=soap.element("IsAllDayEvent", True))
    free = soap.element("LegacyFreeBusyStatus", "Free")
    add_meeting(home.exchange, 3, LegacyFreeBusyStatus=free)
    add_meeting(home.exchange, 4, Sensitivity=soap.element("Sensitivity", "Private"))
    found = events(poll(home.settings(**CALENDAR)))
    flags = [(e.is_cancelled, e.is_all_day, e.is_free, e.is_private) for e in found]
    assert flags == [tuple(n == at for at in range(4)) for n in range(4)]
    assert (found[3].summary, found[3].location) == ("", "")


def test_whole_days_begin_at_the_instant_that_the_server_says(home: Home) -> None:
    midnight = datetime(2024, 6, 2, 22, tzinfo=UTC)  # in Berlin
    add_meeting(home.exchange, 1, midnight, IsAllDayEvent=soap.element("IsAllDayEvent", True))
    [event] = events(poll(home.settings(**CALENDAR)))
    assert event.starts_at == midnight


def test_a_calendar_filled_afterwards_knew_nothing_sooner(home: Home) -> None:
    late = soap.element("DateTimeCreated", AT + timedelta(days=9))
    add_meeting(home.exchange, 1, DateTimeCreated=late)
    [event] = events(poll(home.settings(**CALENDAR)))
    assert event.known_at == event.starts_at


def test_no_words_are_asked_for_where_none_are_read(home: Home) -> None:
    add_meeting(home.exchange, 1)
    [event] = events(poll(home.settings(**CALENDAR, read=Reading.HEADERS)))
    assert (event.summary, event.location) == ("", "")
    asked = [str(u.get("FieldURI")) for q in home.asked("GetItem") for u in q.iter("{*}FieldURI")]
    assert not {"item:Subject", "calendar:Location"} & {*asked}


def test_a_series_is_told_occurrence_by_occurrence(home: Home) -> None:
    master = add_series(home)
    found = events(poll(home.settings(**CALENDAR)))
    name = named_after(master.id)
    assert [one.uid for one in found] == [
        f"{name}/20240603T093000Z",
        f"{name}/20240610T093000Z",
        f"{name}/20240617T093000Z",
    ]
    assert {one.summary for one in found} == {"Meeting 1"}
    assert {one.attendees for one in found} == {(Attendee(Address(*ANA), Answer.ACCEPTED),)}


def test_an_exception_says_itself_when_and_with_whom(home: Home) -> None:
    master = add_series(home)
    moved = home.exchange.series[master.id][1]
    moved.set_at, moved.starts_at = moved.starts_at, moved.starts_at + timedelta(days=1)
    moved.ends_at += timedelta(days=1)
    moved.changed = {
        "Subject": soap.element("Subject", "Another thing"),
        "RequiredAttendees": soap.attendees("RequiredAttendees", [("ben@x.example", "", "Accept")]),
    }
    found = {one.uid[-16:]: one for one in events(poll(home.settings(**CALENDAR)))}
    exception = found["20240610T093000Z"]
    assert exception.starts_at == AT + timedelta(days=8)
    assert (exception.summary, exception.attendees[0].address.email) == (
        "Another thing",
        "ben@x.example",
    )
    assert len(found) == 3


def test_what_is_left_of_a_changed_series_is_gone(home: Home) -> None:
    master = add_series(home)
    before = poll(home.settings(**CALENDAR))
    del home.exchange.series[master.id][2]
    home.exchange.change("calendar", master)
    after = poll(home.settings(**CALENDAR), before[-1].cursor)
    name = named_after(master.id)
    assert gone(after) == {Gone(name), Gone(f"{name}/", is_prefix=True)}
    assert len(events(after)) == 2


def test_an_event_that_changes_is_told_again_and_is_not_gone(home: Home) -> None:
    item = add_meeting(home.exchange, 1)
    before = poll(home.settings(**CALENDAR))
    home.exchange.change("calendar", item, Subject=soap.element("Subject", "New"))
    after = poll(home.settings(**CALENDAR), before[-1].cursor)
    assert [one.summary for one in events(after)] == ["New"]
    assert gone(after) == {Gone(f"{named_after(item.id)}/", is_prefix=True)}


def test_what_is_deleted_is_gone_with_all_its_occurrences(home: Home) -> None:
    master, single = add_series(home), add_meeting(home.exchange, 2)
    before = poll(home.settings(**CALENDAR))
    for item in (master, single):
        home.exchange.delete("calendar", item)
    after = poll(home.settings(**CALENDAR), before[-1].cursor)
    names = [named_after(item.id) for item in (master, single)]
    assert gone(after) == {Gone(n) for n in names} | {Gone(f"{n}/", is_prefix=True) for n in names}
    assert not events(after)


def test_a_series_is_cut_off_by_the_window(home: Home) -> None:
    add_series(home, 200, first=UNTIL - WEEK * 10, has_end=False)
    settings = home.settings(**CALENDAR, page=50)
    found = events(poll(settings, since=UNTIL - WEEK * 8 + timedelta(minutes=30)))
    assert len(found) == 8
    assert all(one.starts_at < UNTIL for one in found)


def test_a_batch_holds_no_more_than_a_page_of_a_series(home: Home) -> None:
    add_series(home, 30)
    batches = poll(home.settings(**CALENDAR, page=8))
    assert [len(batch.observations) for batch in batches] == [8, 8, 8, 6]
    again = poll(home.settings(**CALENDAR, page=8), batches[1].cursor)
    assert {one.uid for one in events(again)} == {one.uid for one in events(batches)}


def test_a_long_window_is_looked_at_in_views_that_the_server_allows(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "VIEW_ENTRIES", 7)
    add_series(home, 260, has_end=False)
    add_meeting(home.exchange, 2, AT + WEEK * 20)
    found = events(poll(home.settings(**CALENDAR, until=AT + WEEK * 300)))
    assert len(found) == len({one.uid for one in found}) == 261
    starts = sorted(one.starts_at for one in found if "/" in one.uid)
    assert all(later - earlier == WEEK for earlier, later in pairwise(starts))


def test_of_an_endless_series_the_latest_are_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "N_OCCURRENCES_LIMIT", 4)
    monkeypatch.setattr(calendar, "VIEW_ENTRIES", 2)
    add_series(home, 9)
    found = events(poll(home.settings(**CALENDAR)))
    assert [one.starts_at for one in found] == [AT + WEEK * n for n in range(5, 9)]


def test_what_enters_the_window_is_told_once_a_day(home: Home) -> None:
    master = add_series(home, 10)
    single = add_meeting(home.exchange, 2, AT + WEEK * 4 + HOUR * 2)
    exception = home.exchange.series[master.id][5]
    exception.changed = {"Subject": soap.element("Subject", "Another thing")}
    before = poll(home.settings(**CALENDAR, until=AT + WEEK * 3))
    assert len(events(before)) == 3
    later = home.settings(**CALENDAR, until=AT + WEEK * 6)
    after = poll(later, before[-1].cursor)
    name = named_after(master.id)
    assert {one.uid: one.summary for one in events(after)} == {
        f"{name}/20240624T093000Z": "Meeting 1",
        f"{name}/20240701T093000Z": "Meeting 1",
        f"{name}/20240708T093000Z": "Another thing",
        named_after(single.id): "Meeting 2",
    }
    assert not seen(poll(later, after[-1].cursor))


def test_what_changes_as_it_enters_the_window_is_told_once(home: Home) -> None:
    master = add_series(home, 10)
    single = add_meeting(home.exchange, 2, AT + WEEK * 4)
    before = poll(home.settings(**CALENDAR, until=AT + WEEK * 3))
    for item in (master, single):
        home.exchange.change("calendar", item)
    after = poll(home.settings(**CALENDAR, until=AT + WEEK * 5), before[-1].cursor)
    assert len(events(after)) == 6


def test_nothing_is_looked_at_where_nothing_changes(home: Home) -> None:
    add_series(home)
    before = poll(home.settings(**CALENDAR))
    n_asked = len(home.exchange.asked)
    assert poll(home.settings(**CALENDAR), before[-1].cursor) == []
    asked = [name for name, _ in home.exchange.asked[n_asked:]]
    assert asked == ["GetFolder", "FindFolder", "SyncFolderItems"]


def test_all_calendars_are_read_or_those_that_are_named(home: Home) -> None:
    family = home.exchange.add_folder("Family", "IPF.Appointment")
    add_meeting(home.exchange, 1)
    add_meeting(home.exchange, 2, where=family.id)
    everything = events(poll(home.settings(**CALENDAR)))
    named = events(poll(home.settings(**CALENDAR, calendars=("family",))))
    assert [one.summary for one in everything] == ["Meeting 1", "Meeting 2"]
    assert [one.summary for one in named] == ["Meeting 2"]


def test_a_calendar_that_is_not_there_is_named(home: Home) -> None:
    with pytest.raises(Misconfigured, match="no calendar is called 'work'"):
        poll(home.settings(**CALENDAR, calendars=("Work", "Calendar")))


def test_what_does_not_say_when_it_begins_is_set_aside(home: Home) -> None:
    del add_meeting(home.exchange, 1).properties["Start"]
    [batch] = poll(home.settings(**CALENDAR))
    assert [one.reason for one in batch.rejected] == ["it does not say when it begins or ends"]


def test_a_zone_that_is_none_is_named(home: Home) -> None:
    with pytest.raises(Misconfigured, match="no time zone"):
        poll(home.settings(zone="Berlin"))
