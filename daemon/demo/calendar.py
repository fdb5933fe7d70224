"""Meetings and birthdays -> an iCalendar file as calendar programs write it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from daemon.demo.people import OWNER, Alter
from daemon.demo.story import Meeting

# Central European time since 1996, as the tz database has it.
_ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE"""


def write_calendar(
    path: Path, meetings: Iterable[Meeting], birthdays: Iterable[Alter], digest_on: date
) -> None:
    """Write the owner's calendar: meetings in order of time, then birthdays.

    Source: RFC 5545 sections 3.1 (folding, CRLF), 3.6.1, 3.6.5 and 3.8.4.1.
    """
    ordered = sorted(meetings, key=lambda it: (it.starts_at, it.title))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example.org//Demo year//EN"]
    lines += _ZONE.splitlines()
    for number, meeting in enumerate(ordered):
        lines += _event(number, meeting, digest_on)
    for alter in birthdays:
        lines += _birthday(alter)
    lines.append("END:VCALENDAR")
    path.write_bytes("".join(map(fold, lines)).encode())


def fold(line: str) -> str:
    """Return a content line of at most 75 octets a row, ended by CRLF.

    Source: RFC 5545 section 3.1; RFC 6350 section 3.2 for address books.
    """
    rows, row, width = list[str](), "", 0
    for letter in line:
        octets = len(letter.encode())
        if width + octets > 75:
            rows.append(row)
            row, width = " ", 1
        row, width = row + letter, width + octets
    return "\r\n".join((*rows, row)) + "\r\n"


def escape(text: str) -> str:
    """Return text as a TEXT value (RFC 5545 section 3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def _event(number: int, it: Meeting, digest_on: date) -> Iterator[str]:
    created = min(it.starts_at, datetime.combine(digest_on, it.starts_at.timetz()))
    created -= timedelta(days=6)
    yield "BEGIN:VEVENT"
    yield f"UID:meeting-{number}@example.org"
    yield f"DTSTAMP:{_utc(created)}"
    yield f"CREATED:{_utc(created)}"
    yield f"DTSTART;TZID=Europe/Berlin:{it.starts_at:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID=Europe/Berlin:{it.starts_at + timedelta(minutes=it.minutes):%Y%m%dT%H%M%S}"
    if it.repeats:
        yield f"RRULE:FREQ={it.repeats};UNTIL={_utc(_midnight(digest_on))}"
        yield f"EXDATE;TZID=Europe/Berlin:{it.starts_at + timedelta(days=28):%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{escape(it.title)}"
    yield f"LOCATION:{escape(it.place)}"
    yield f"STATUS:{it.status}"
    yield f'ORGANIZER;CN="{OWNER.name}":mailto:{OWNER.email}'
    ago = (digest_on - it.starts_at.date()).days
    for who in (OWNER, *(alter.at(ago) for alter in it.people)):
        answer = it.answers.get(who.email, "ACCEPTED")
        yield f'ATTENDEE;CN="{who.name}";PARTSTAT={answer}:mailto:{who.email}'
    if it.place.startswith("Lab"):
        yield 'ATTENDEE;CN="Lab room 2";CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room2@example.org'
    yield "END:VEVENT"


def _birthday(alter: Alter) -> Iterator[str]:
    if alter.birthday is None:
        return
    yield "BEGIN:VEVENT"
    yield f"UID:birthday-{alter.key}@example.org"
    yield "DTSTAMP:20250101T000000Z"
    yield f"DTSTART;VALUE=DATE:{alter.birthday:%Y%m%d}"
    yield "RRULE:FREQ=YEARLY"
    yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{escape(alter.name)}'s birthday"
    yield "END:VEVENT"


def _midnight(on: date) -> datetime:
    return datetime.combine(on, datetime.min.time(), UTC)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
