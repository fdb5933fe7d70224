"""The meetings and people of the made-up year, one by one, for calendars of any kind."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from daemon.demo.generate import DemoYear

_AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Guest:
    """Somebody who is invited, or a room, and their answer as iCalendar has it."""

    email: str
    name: str
    answer: str
    is_room: bool


@dataclass(frozen=True)
class Meeting:
    """One occurrence: when it was made, and what is known of it. Days are of an all-day one."""

    uid: str
    series: str
    made_at: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    place: str
    organizer: Guest | None
    guests: tuple[Guest, ...]
    is_cancelled: bool
    is_free: bool


def list_meetings(year: DemoYear) -> deque[Meeting]:
    """All meetings of the year, those of a series one by one, in the order they were made."""
    calendar = Calendar.from_ical((year.truth.parent / "calendar.ics").read_bytes())
    written: list[Any] = calendar.walk("VEVENT")
    begins = min(event["DTSTAMP"].dt for event in written)
    series = {str(event["UID"]) for event in written if "RRULE" in event}
    found: list[Any] = recurring_ical_events.of(calendar).between(begins - _AHEAD, year.at + _AHEAD)
    return deque(sorted(_read(found, series), key=lambda it: it.made_at))


def _read(found: list[Any], series: set[str]) -> Iterator[Meeting]:
    for event in found:
        uid, starts = str(event["UID"]), event["DTSTART"].dt
        name = uid.partition("@")[0]
        yield Meeting(
            uid=f"{name}_{starts:%Y%m%dT%H%M%S}" if uid in series else name,
            series=name if uid in series else "",
            made_at=event["DTSTAMP"].dt,
            starts=starts,
            ends=event["DTEND"].dt,
            summary=str(event.get("SUMMARY", "")),
            place=str(event.get("LOCATION", "")),
            organizer=_guest(event["ORGANIZER"]) if "ORGANIZER" in event else None,
            guests=tuple(_guest(one) for one in _listed(event.get("ATTENDEE", []))),
            is_cancelled=str(event.get("STATUS")) == "CANCELLED",
            is_free=str(event.get("TRANSP")) == "TRANSPARENT",
        )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _guest(value: object) -> Guest:
    params = getattr(value, "params", {})
    email = str(value).lower().removeprefix("mailto:")
    is_room = str(params.get("CUTYPE", "INDIVIDUAL")) in ("ROOM", "RESOURCE")
    answer = str(params.get("PARTSTAT", "NEEDS-ACTION"))
    return Guest(email, str(params.get("CN", "")), answer, is_room)
