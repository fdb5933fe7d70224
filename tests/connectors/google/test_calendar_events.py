"""Every kind of event that Google Calendar tells of is understood as what it is."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.google_calendar.calendars import Calendar
from connectors.google_calendar.events import Reader, Window, event_fields
from connectors.observations import Address, Answer, Attendee, Event, Gone
from connectors.protocol import Reading
from tests.servers.google_calendar import meeting, series
from tests.servers.google_discovery import Checked

AT = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOME = Calendar("mara@example.org", ZoneInfo("America/New_York"))
WINDOW = Window(AT - 30 * DAY, AT + 30 * DAY)
CHECKED = Checked("calendar", "v3")


def look(item: Any, *, read: Reading = Reading.TEXT, is_change: bool = False) -> list[Any]:
    """Return what is told of an item that may be none of Google's."""
    outcome = Reader(HOME, WINDOW, read, is_change).look(item)
    assert not outcome.rejected, outcome.rejected
    return list(outcome.observations)


def read(item: dict[str, Any], **options: Any) -> Event:
    """Return the event that an item is, which is one of Google's."""
    CHECKED.check_value("Event", item)
    [event] = look(item, **options)
    assert isinstance(event, Event)
    return event


def invited(*people: dict[str, Any], **more: Any) -> Event:
    return read(meeting("a", AT, attendees=list(people), **more))


def test_an_hour_with_somebody_is_told_whole() -> None:
    event = read(
        meeting(
            "lunch",
            AT.astimezone(timezone(5.5 * HOUR)),
            minutes=60,
            location="Caf\u00e9\u0000 Central",
            organizer={"email": "Ana@Example.com", "displayName": "Ana Diaz"},
            attendees=[
                {"email": "mara@example.org", "self": True, "responseStatus": "accepted"},
                {"email": "ana@example.com", "organizer": True, "responseStatus": "accepted"},
            ],
        )
    )
    assert event == Event(
        uid=f"{HOME.key}/lunch",
        starts_at=AT,
        ends_at=AT + HOUR,
        known_at=AT - 7 * DAY,
        organizer=Address("ana@example.com", "Ana Diaz"),
        attendees=(
            Attendee(Address("mara@example.org"), Answer.ACCEPTED),
            Attendee(Address("ana@example.com"), Answer.ACCEPTED),
        ),
        summary="About lunch",
        location="Caf\u00e9 Central",
    )


def test_a_whole_day_is_one_of_the_calendars_own_zone() -> None:
    event = read(
        meeting("a", AT) | {"start": {"date": "2024-06-03"}, "end": {"date": "2024-06-04"}}
    )
    assert event.is_all_day
    assert event.starts_at == datetime(2024, 6, 3, 4, tzinfo=UTC)
    assert event.ends_at == datetime(2024, 6, 4, 4, tzinfo=UTC)


def test_a_time_without_an_offset_is_one_of_the_zone_it_names_or_of_the_calendars() -> None:
    tokyo = {"dateTime": "2024-06-03T09:30:00", "timeZone": "Asia/Tokyo"}
    [named] = look(meeting("a", AT) | {"start": tokyo, "end": tokyo})
    [bare] = look(meeting("a", AT) | {"start": {"dateTime": "2024-06-03T09:30:00"}})
    assert named.starts_at == datetime(2024, 6, 3, 0, 30, tzinfo=UTC)
    assert bare.starts_at == datetime(2024, 6, 3, 13, 30, tzinfo=UTC)


def test_an_end_that_is_missing_or_too_early_is_the_start() -> None:
    unended = meeting("a", AT)
    del unended["end"]
    assert read(unended).ends_at == AT
    assert read(meeting("a", AT, minutes=-5)).ends_at == AT


@pytest.mark.parametrize(
    "created",
    ["0000-12-29T00:00:00.000Z", "1900-01-01T12:00:00.000Z", "2031-01-01T00:00:00.000Z", "", None],
)
def test_an_event_is_known_from_its_start_where_the_calendar_does_not_know_better(
    created: str | None,
) -> None:
    [event] = look(meeting("a", AT, created=created))
    assert event.known_at == AT
    timeless = meeting("a", AT)
    del timeless["created"]
    assert read(timeless).known_at == AT


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("accepted", Answer.ACCEPTED),
        ("declined", Answer.DECLINED),
        ("tentative", Answer.TENTATIVE),
        ("needsAction", Answer.NONE),
        ("delegated", Answer.NONE),
    ],
)
def test_every_answer_of_an_attendee_is_understood(status: str, answer: Answer) -> None:
    event = invited({"email": "ana@example.com", "responseStatus": status})
    assert [each.answer for each in event.attendees] == [answer]


def test_rooms_and_calendars_are_no_people() -> None:
    event = invited(
        {"email": "ana@example.com"},
        {"email": "room-2@example.org", "resource": True},
        {"email": "c_18@resource.calendar.google.com"},
        {"email": "c_19@group.calendar.google.com"},
        {"email": "ben@mycalendar.google.com"},
        organizer={"email": "c_19@group.calendar.google.com", "self": True},
    )
    assert [each.is_person for each in event.attendees] == [True, False, False, False, True]
    assert event.organizer is None


def test_what_is_no_address_is_nobody_and_nobody_is_there_twice() -> None:
    event = invited(
        {"displayName": "Ana"},
        {"email": "not an address"},
        {"email": "ben@example.com", "displayName": "Ben\n\u202eOkafor"},
        {"email": "BEN@example.com", "responseStatus": "declined"},
        {"email": "cem@example.net", "displayName": "cem@example.net"},
    )
    addresses = [each.address for each in event.attendees]
    assert addresses == [Address("ben@example.com", "Ben Okafor"), Address("cem@example.net")]


def test_a_part_of_the_guests_is_told_as_none() -> None:
    me = {"email": "mara@example.org", "self": True}
    them = {"email": "all@example.com"}
    assert invited(me, organizer=them, attendeesOmitted=True).attendees == ()
    assert invited(me, organizer=them, guestsCanSeeOtherGuests=False).attendees == ()
    own = invited(me, organizer=me, guestsCanSeeOtherGuests=False)
    assert [each.address.email for each in own.attendees] == ["mara@example.org"]


@pytest.mark.parametrize("visibility", ["private", "confidential"])
def test_of_a_private_event_neither_words_nor_place_are_kept(visibility: str) -> None:
    event = read(meeting("a", AT, visibility=visibility, location="Clinic"))
    assert event.is_private
    assert (event.summary, event.location) == ("", "")


@pytest.mark.parametrize("visibility", ["default", "public"])
def test_of_a_public_event_they_are(visibility: str) -> None:
    event = read(meeting("a", AT, visibility=visibility, location="Hall"))
    assert not event.is_private
    assert (event.summary, event.location) == ("About a", "Hall")


def test_words_are_neither_asked_for_nor_told_where_only_headers_are_read() -> None:
    event = read(meeting("a", AT, location="Hall"), read=Reading.HEADERS)
    assert (event.summary, event.location) == ("", "")
    assert "summary" not in event_fields(Reading.HEADERS)
    assert "location" not in event_fields(Reading.HEADERS)


def test_free_time_is_told_as_such() -> None:
    assert read(meeting("a", AT, transparency="transparent")).is_free
    assert not read(meeting("a", AT, transparency="opaque")).is_free
    assert not read(meeting("a", AT)).is_free


@pytest.mark.parametrize("kind", ["workingLocation", "outOfOffice", "focusTime", "birthday", "new"])
def test_what_is_no_meeting_is_passed_over(kind: str) -> None:
    assert look(meeting("a", AT, eventType=kind)) == []


def test_what_gmail_found_in_a_mail_is_told() -> None:
    assert read(meeting("a", AT, eventType="fromGmail")).uid == f"{HOME.key}/a"


def test_what_is_deleted_has_gone_however_little_is_said_of_it() -> None:
    assert look({"id": "a", "status": "cancelled"}) == [
        Gone(f"{HOME.key}/a"),
        Gone(f"{HOME.key}/a_2", is_prefix=True),
    ]
    [occurrence] = series("weekly", AT, 1)
    left = {k: occurrence[k] for k in ("id", "recurringEventId", "originalStartTime")}
    name = f"{HOME.key}/weekly_20240603T093000Z"
    assert look(left | {"status": "cancelled"}) == [Gone(name, is_prefix=True)]


def test_an_occurrence_keeps_its_name_when_it_is_moved() -> None:
    [occurrence] = series("weekly", AT, 1)
    moved = occurrence | {
        "start": {"dateTime": (AT + DAY).isoformat()},
        "end": {"dateTime": (AT + DAY).isoformat()},
    }
    assert read(moved).uid == read(occurrence).uid
    assert read(moved).starts_at == AT + DAY


def test_what_is_moved_out_of_the_window_has_gone_and_what_never_was_in_it_is_silent() -> None:
    later = meeting("a", AT + 60 * DAY)
    assert look(later) == []
    assert look(later, is_change=True) == [Gone(f"{HOME.key}/a")]
    [occurrence] = series("weekly", AT + 60 * DAY, 1)
    [left] = look(occurrence, is_change=True)
    assert left == Gone(f"{HOME.key}/weekly_20240802T093000Z", is_prefix=True)


def test_the_window_takes_what_ends_at_its_beginning_and_not_what_starts_at_its_end() -> None:
    assert look(meeting("a", WINDOW.since - HOUR, minutes=60))
    assert not look(meeting("a", WINDOW.since - HOUR, minutes=59))
    assert look(meeting("a", WINDOW.until - HOUR / 60))
    assert not look(meeting("a", WINDOW.until))


def test_a_revision_takes_back_what_it_was_before_it_recurred_or_when_it_did() -> None:
    [occurrence] = series("weekly", AT, 1, sequence=1)
    assert Gone(f"{HOME.key}/weekly") in look(occurrence, is_change=True)
    former = Gone(f"{HOME.key}/weekly_2", is_prefix=True)
    assert former in look(meeting("weekly", AT, sequence=2), is_change=True)
    assert len(look(meeting("weekly", AT, sequence=0), is_change=True)) == 1
    assert len(look(meeting("weekly", AT, sequence=2))) == 1


def test_a_series_that_was_split_off_is_not_taken_for_the_occurrence_of_the_other() -> None:
    [gone, _] = look(meeting("weekly", AT, sequence=2), is_change=True)
    [split_off] = series("weekly_R20240610T093000", AT, 1)
    assert not read(split_off).uid.startswith(gone.uid)


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param(None, id="nothing"),
        pytest.param("an event", id="text"),
        pytest.param({}, id="empty"),
        pytest.param({"id": "a"}, id="no start"),
        pytest.param(meeting("a", AT) | {"start": {}}, id="empty start"),
        pytest.param(meeting("a", AT) | {"start": "soon"}, id="start as text"),
        pytest.param(meeting("a", AT) | {"start": {"dateTime": "soon"}}, id="no instant"),
        pytest.param(meeting("a", AT) | {"start": {"dateTime": 17174}}, id="number"),
        pytest.param(meeting("a", AT) | {"start": {"date": "2024-02-30"}}, id="no day"),
        pytest.param(
            meeting("a", AT) | {"start": {"dateTime": "0001-01-01T00:00:00+05:30"}}, id="too early"
        ),
        pytest.param(
            meeting("a", AT) | {"start": {"dateTime": "2024-06-03T09:30:00", "timeZone": "Moon"}},
            id="no zone",
        ),
        pytest.param(meeting("a", AT, attendees=["ana@example.com"]), id="attendees as text"),
        pytest.param(meeting("a", AT, attendees={"ana": 1}), id="attendees as object"),
        pytest.param(meeting("a", AT, organizer="ana@example.com"), id="organizer as text"),
    ],
)
def test_what_is_no_event_is_set_aside(strange: Any) -> None:
    outcome = Reader(HOME, WINDOW, Reading.TEXT, is_change=True).look(strange)
    [rejected] = outcome.rejected
    assert not outcome.observations
    assert rejected.uid.startswith(f"{HOME.key}/")
    assert rejected.reason


@pytest.mark.parametrize("name", ["a" * 1024, "two\nlines", "", "\u202e", "\u0378", ["a"], None])
def test_a_name_that_is_none_becomes_a_short_one(name: Any) -> None:
    [event] = look(meeting("a", AT) | {"id": name})
    assert event.uid.isprintable()
    assert len(event.uid) == len(HOME.key) + 1 + 32


def test_long_words_are_cut() -> None:
    event = read(meeting("a", AT, summary="word " * 1000, location="place " * 1000))
    assert len(event.summary) <= 300
    assert len(event.location) <= 200
