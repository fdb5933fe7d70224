"""Calendars nobody meant to write: no exception escapes, and what comes out is wholesome."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats.recurrence import expand
from connectors.formats.rfc5545 import split_series, to_events
from tests.invariants import assert_line, assert_wholesome

WINDOW = (
    datetime(2023, 1, 1, tzinfo=UTC).timestamp(),
    datetime(2026, 1, 1, tzinfo=UTC).timestamp(),
)

SAMPLE = b"""BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:weekly@example.org
DTSTART;TZID=Ours:20240318T090000
DURATION:PT30M
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20240701T000000Z
RDATE:20240501T100000Z
EXDATE;TZID=Ours:20240325T090000
ORGANIZER;CN=Ada:mailto:ada@example.org
ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room@example.org
SUMMARY:Round
END:VEVENT
BEGIN:VEVENT
UID:weekly@example.org
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Ours:20240415T090000
DTSTART;TZID=Ours:20240416T100000
DTEND;TZID=Ours:20240416T110000
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20240603
CLASS:PRIVATE
SUMMARY:Off
END:VEVENT
END:VCALENDAR
"""


def read(document: bytes) -> int:
    """Read a document as the connector does, in this process, and count its events."""
    count = 0
    for series in split_series([document]):
        assert_line(series.key, 200)
        series.fingerprint()
        answer = expand(
            {
                "key": series.key,
                "parts": series.parts,
                "calendar_zone": series.calendar_zone,
                "zones": series.zones,
                "zone": "Europe/Berlin",
                "since": WINDOW[0],
                "until": WINDOW[1],
            }
        )
        for event in to_events(answer):
            assert_wholesome(event)
            count += 1
        for reason in answer["problems"]:
            assert_line(reason, 100)
    return count


def test_the_sample_is_read() -> None:
    assert read(SAMPLE) > 5


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_escape_as_an_exception(document: bytes) -> None:
    read(document)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.binary(max_size=60) | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")),
        max_size=8,
    )
)
def test_arbitrary_lines_in_an_event_never_escape_as_an_exception(lines: list[bytes]) -> None:
    read(b"\n".join([b"BEGIN:VEVENT", b"DTSTART:20240603T100000Z", *lines, b"END:VEVENT"]))


@settings(max_examples=150, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 12)), max_size=4),
    insert=st.sampled_from(
        [
            b"",
            b"\0",
            b"\n",
            b";",
            b":",
            b"=",
            b",",
            b"9",
            b"-",
            b"Z",
            b"\xff",
            b"\xe2\x80\xae",
            b"END:VEVENT\n",
        ]
    ),
)
def test_mutated_calendars_never_escape_as_an_exception(
    cuts: list[tuple[int, int]], insert: bytes
) -> None:
    document = SAMPLE
    for position, length in cuts:
        document = document[:position] + insert + document[position + length :]
    read(document)
