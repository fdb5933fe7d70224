"""Calendars to events: zones, rules, exceptions, and what is salvaged when they are broken."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.formats.recurrence import expand
from connectors.formats.rfc5545 import Series, split_series, to_events
from connectors.observations import Address, Answer, Attendee, Event

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2025, 1, 1, tzinfo=UTC)


def calendar(*components: str, head: str = "") -> bytes:
    body = "\n".join(f"BEGIN:VEVENT\n{component.strip()}\nEND:VEVENT" for component in components)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}\n{body}\nEND:VCALENDAR\n".encode()


def ask(series: Series, *, zone: str = "UTC", since: datetime = SINCE) -> dict[str, Any]:
    return expand(
        {
            "key": series.key,
            "parts": series.parts,
            "calendar_zone": series.calendar_zone,
            "zones": series.zones,
            "zone": zone,
            "since": since.timestamp(),
            "until": UNTIL.timestamp(),
        }
    )


def events(document: bytes, *, zone: str = "UTC", since: datetime = SINCE) -> list[Event]:
    answers = [ask(series, zone=zone, since=since) for series in split_series([document])]
    assert [answer["problems"] for answer in answers if answer["problems"]] == []
    return [event for answer in answers for event in to_events(answer)]


def problems(document: bytes) -> list[str]:
    found = split_series([document])
    return [why for series in found for why in (*series.problems, *ask(series)["problems"])]


def test_a_meeting_has_people_a_place_and_the_instant_it_became_known() -> None:
    (event,) = events(
        calendar(
            """
UID:lunch@example.org
CREATED:20240301T080000Z
DTSTAMP:20240501T080000Z
DTSTART;TZID=Europe/Berlin:20240603T120000
DURATION:PT1H30M
SUMMARY:Lunch\\, at last
LOCATION:Corner
 café
TRANSP:TRANSPARENT
ORGANIZER;CN=Ada:MAILTO:Ada@Example.ORG
ATTENDEE;CN="Ben, B.";PARTSTAT=ACCEPTED:mailto:ben@example.com
ATTENDEE;PARTSTAT=DECLINED:mailto:cleo@example.com
ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room1@example.com
ATTENDEE;EMAIL=dan@example.net:urn:uuid:5f0d2a4e
ATTENDEE:nobody
"""
        )
    )
    assert event == Event(
        uid="lunch@example.org",
        starts_at=datetime(2024, 6, 3, 10, tzinfo=UTC),
        ends_at=datetime(2024, 6, 3, 11, 30, tzinfo=UTC),
        known_at=datetime(2024, 3, 1, 8, tzinfo=UTC),
        organizer=Address("ada@example.org", "Ada"),
        attendees=(
            Attendee(Address("ben@example.com", "Ben, B."), Answer.ACCEPTED),
            Attendee(Address("cleo@example.com"), Answer.DECLINED),
            Attendee(Address("room1@example.com", "Room 1"), is_person=False),
            Attendee(Address("dan@example.net")),
        ),
        summary="Lunch, at last",
        location="Cornercafé",
        is_free=True,
    )


def test_a_calendar_filled_afterwards_knew_nothing_before_the_start() -> None:
    late = "UID:a\nDTSTART:20240603T100000Z\nDTSTAMP:20240901T000000Z"
    never = "UID:b\nDTSTART:20240603T100000Z"
    assert {event.known_at for event in events(calendar(late, never))} == {
        datetime(2024, 6, 3, 10, tzinfo=UTC)
    }


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("DTSTART:20240603T100000Z", 10),
        ("DTSTART;TZID=Europe/Berlin:20240603T100000", 8),
        ("DTSTART;TZID=W. Europe Standard Time:20240603T100000", 8),
        ("DTSTART;TZID=/vendor.example.org/Europe/Berlin:20240603T100000", 8),
        ("DTSTART;TZID=Nowhere/Land:20240603T100000", 6),
        ("DTSTART:20240603T100000", 6),
    ],
    ids=["utc", "olson", "windows", "vendor", "unknown", "floating"],
)
def test_every_kind_of_time_comes_out_in_utc(written: str, hour: int) -> None:
    (event,) = events(calendar(f"UID:a\n{written}"), zone="Asia/Dubai")
    assert event.starts_at == datetime(2024, 6, 3, hour, tzinfo=UTC)


def test_floating_times_follow_the_calendar_s_own_zone_before_the_owner_s() -> None:
    head = "X-WR-TIMEZONE:America/New_York"
    (event,) = events(calendar("UID:a\nDTSTART:20240603T100000", head=head), zone="Asia/Dubai")
    assert event.starts_at == datetime(2024, 6, 3, 14, tzinfo=UTC)


def test_two_calendars_may_give_one_name_to_two_zones() -> None:
    def zoned(offset: str) -> bytes:
        zone = (
            "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
            f"TZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE"
        )
        return calendar("UID:a\nDTSTART;TZID=Ours:20240603T120000", head=zone)

    hours = [events(zoned(offset))[0].starts_at.hour for offset in ("+0300", "-0200", "+0300")]
    assert hours == [9, 14, 9]


def test_a_day_is_a_day_in_the_owner_s_zone_and_a_birthday_stays_an_event() -> None:
    ana = "UID:ana\nDTSTART;VALUE=DATE:19800311\nRRULE:FREQ=YEARLY\nSUMMARY:Ana's birthday"
    (event,) = events(calendar(ana), zone="Europe/Berlin")
    assert (event.uid, event.summary, event.is_all_day) == ("ana/20240311", "Ana's birthday", True)
    assert event.starts_at == datetime(2024, 3, 10, 23, tzinfo=UTC)
    assert event.ends_at - event.starts_at == timedelta(days=1)


def test_a_moved_occurrence_keeps_its_name_and_an_excepted_one_goes() -> None:
    weekly = """
UID:w
DTSTART;TZID=Europe/Berlin:20240318T090000
DTEND;TZID=Europe/Berlin:20240318T093000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Europe/Berlin:20240325T090000
SUMMARY:Round
"""
    moved = """
UID:w
RECURRENCE-ID;TZID=Europe/Berlin:20240401T090000
DTSTART;TZID=Europe/Berlin:20240402T140000
SUMMARY:Round\\, moved
"""
    cancelled = """
UID:w
RECURRENCE-ID;TZID=Europe/Berlin:20240408T090000
DTSTART;TZID=Europe/Berlin:20240408T090000
STATUS:CANCELLED
"""
    (series,) = split_series([calendar(weekly, moved, cancelled)])
    answer = ask(series)
    found = {event.uid: event for event in to_events(answer)}
    # Summer time begins on 31 March: 9 o'clock is 8 UTC before, 7 UTC after.
    assert list(found) == ["w/20240318T080000Z", "w/20240401T070000Z", "w/20240408T070000Z"]
    assert found["w/20240401T070000Z"].starts_at == datetime(2024, 4, 2, 12, tzinfo=UTC)
    assert found["w/20240401T070000Z"].summary == "Round, moved"
    assert [event.is_cancelled for event in found.values()] == [False, False, True]
    assert answer["gone"] == ["w/20240325T080000Z"]


def test_an_exception_in_another_file_belongs_to_its_series() -> None:
    weekly = calendar("UID:w\nDTSTART:20240318T090000Z\nRRULE:FREQ=WEEKLY;COUNT=2")
    cancel = calendar(
        "UID:w\nRECURRENCE-ID:20240325T090000Z\nDTSTART:20240325T090000Z", head="METHOD:CANCEL"
    )
    (series,) = split_series([weekly, cancel])
    found = to_events(ask(series))
    assert [event.is_cancelled for event in found] == [False, True]


def test_a_cancelling_document_cancels_whatever_status_its_events_claim() -> None:
    document = calendar("UID:a\nDTSTART:20240603T100000Z\nSTATUS:CONFIRMED", head="METHOD:CANCEL")
    assert [event.is_cancelled for event in events(document)] == [True]


@pytest.mark.parametrize("level", ["PRIVATE", "CONFIDENTIAL", "X-SECRET"])
def test_private_events_keep_neither_summary_nor_place(level: str) -> None:
    private = f"UID:a\nDTSTART:20240603T100000Z\nCLASS:{level}\nSUMMARY:Doctor\nLOCATION:Clinic"
    (event,) = events(calendar(private))
    assert (event.is_private, event.summary, event.location) == (True, "", "")


def test_an_event_without_uid_is_named_by_what_it_says() -> None:
    once, again = (calendar("DTSTART:20240603T100000Z\nSUMMARY:Tea") for _ in range(2))
    other = calendar("DTSTART:20240603T100000Z\nSUMMARY:Coffee")
    uids = [events(document)[0].uid for document in (once, again, other)]
    assert uids[0] == uids[1] != uids[2]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1"],
)
def test_bombs_are_refused_and_their_neighbours_live(rule: str) -> None:
    bomb = f"UID:bomb\nDTSTART:20240101T000000Z\nRRULE:{rule}"
    document = calendar(bomb, "UID:tea\nDTSTART:20240603T100000Z")
    series = {each.key: ask(each) for each in split_series([document])}
    assert (series["bomb"]["events"], len(series["bomb"]["problems"])) == ([], 1)
    assert [row[0] for row in series["tea"]["events"]] == ["tea"]


def test_of_many_occurrences_the_latest_two_thousand_are_kept() -> None:
    daily = "UID:d\nDTSTART:20100101T090000Z\nRRULE:FREQ=DAILY"
    hourly = "UID:h\nDTSTART:20230101T000000Z\nRRULE:FREQ=HOURLY"
    first_days = {
        daily: datetime(2019, 7, 12, 9, tzinfo=UTC),
        hourly: datetime(2024, 10, 9, 16, tzinfo=UTC),
    }
    for written, first in first_days.items():
        found = events(calendar(written), since=datetime(2010, 1, 1, tzinfo=UTC))
        assert len(found) == 2_000
        assert found[0].starts_at == first
        assert found[-1].starts_at < UNTIL


def test_one_bad_line_costs_the_line_one_bad_component_itself() -> None:
    document = calendar(
        "UID:a\nDTSTART:20240603T100000Z\nno colon here\nCREATED:yesterday\nSUMMARY:Tea",
        "UID:b\nDTSTART:20240230T100000Z",
        "UID:c\nSUMMARY:Never",
        "UID:d\nDTSTART:20240604T100000Z\nDTEND:20240604T090000Z",
    )
    found = [event for each in split_series([document]) for event in to_events(ask(each))]
    assert [(event.uid, event.summary) for event in found] == [("a", "Tea"), ("d", "")]
    assert found[1].ends_at == found[1].starts_at
    assert problems(document) == ["an unreadable DTSTART", "no DTSTART"]


def test_a_component_without_end_is_set_aside_and_the_next_one_read() -> None:
    document = calendar("UID:a\nDTSTART:20240603T100000Z\nBEGIN:VEVENT\nUID:b\nDTSTART:20240604")
    assert problems(document) == ["a VEVENT without its end"]
    whole = document.replace(b"END:VEVENT", b"")
    assert problems(whole) == ["a VEVENT without its end"] * 2


def test_an_alarm_s_lines_are_not_the_event_s() -> None:
    alarm = "BEGIN:VALARM\nSUMMARY:Wake up\nATTENDEE:mailto:eve@example.net\nEND:VALARM"
    (event,) = events(calendar(f"UID:a\nDTSTART:20240603T100000Z\n{alarm}\nSUMMARY:Tea"))
    assert (event.summary, event.attendees) == ("Tea", ())


def test_an_export_that_only_renews_its_stamps_changes_nothing() -> None:
    def fingerprint(stamp: str, summary: str) -> bytes:
        text = f"UID:a\nDTSTART:20240603T100000Z\nDTSTAMP:{stamp}\nSUMMARY:{summary}"
        return split_series([calendar(text)])[0].fingerprint()

    first = fingerprint("20240101T000000Z", "Tea")
    assert fingerprint("20240202T000000Z", "Tea") == first
    assert fingerprint("20240101T000000Z", "Coffee") != first
