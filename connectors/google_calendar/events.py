"""An event as Google Calendar tells it -> an event, that it has gone, or why it is neither."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from connectors.document import Outcome
from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.google_calendar.calendars import Calendar, is_calendar
from connectors.observations import Address, Answer, Attendee, Event, Gone, Observation
from connectors.protocol import Reading, Rejected

MEETINGS = ("default", "fromGmail")
"""The kinds of events that are asked for. The others are no meetings with anybody: working
places, absences, time to concentrate, and birthdays (which the connector for contacts reads).

Source: Calendar API reference, "Events", ``eventType``, which never changes of an event.
"""
N_ATTENDEES_LIMIT = 500
SUMMARY_LIMIT = 300
LOCATION_LIMIT = 200
UID_LIMIT = 200

_FIELDS = (
    "id,status,eventType,created,start,end,recurringEventId,sequence,visibility,transparency,"
    "organizer(email,displayName,self),"
    "attendees(email,displayName,resource,responseStatus),"
    "attendeesOmitted,guestsCanSeeOtherGuests"
)
_WORDS = "summary,location"
_ANSWERS = {
    "accepted": Answer.ACCEPTED,
    "declined": Answer.DECLINED,
    "tentative": Answer.TENTATIVE,
}
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)

# What the code below raises over JSON that is not as Google's documents say.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Window:
    """Which events are told: those that end at ``since`` or later and start before ``until``."""

    since: datetime
    until: datetime

    def holds(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Return whether an event lies in it."""
        return ends_at >= self.since and starts_at < self.until


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the events of one calendar.

    Attributes:
        calendar: Whose they are.
        window: Where they must lie.
        read: With HEADERS no words are reported.
        is_change: Whether they are changes to what was told before, of which something may be
            left that is no longer so.
    """

    calendar: Calendar
    window: Window
    read: Reading
    is_change: bool

    def look(self, item: Any) -> Outcome:
        """Return what becomes of one item of ``events.list``; never an exception."""
        uid = name_event(self.calendar, item)
        try:
            return Outcome(tuple(self._observe(item, uid)))
        except _UNEXPECTED:
            return Outcome(rejected=[Rejected(uid, "not an event as Google describes them")])

    def _observe(self, item: Mapping[str, Any], uid: str) -> Iterator[Observation]:
        is_instance = "recurringEventId" in item
        if item.get("status") == "cancelled":
            yield Gone(uid, is_prefix=is_instance)
            if not is_instance:
                # It may have been a series: its occurrences need not be told with it.
                yield name_occurrences(self.calendar, item)
        elif item.get("eventType", "default") in MEETINGS:
            starts, ends = _span(item, self.calendar.zone)
            if self.is_change and item.get("sequence"):
                yield self._leftover(item)
            if self.window.holds(starts, ends):
                yield self._event(item, uid, starts, ends)
            elif self.is_change:
                # It may have been moved away. Of a series that changes every occurrence comes,
                # for decades ahead: a prefix costs nothing where nothing was told.
                yield Gone(uid, is_prefix=is_instance)

    def _leftover(self, item: Mapping[str, Any]) -> Gone:
        """Say what a revised event may have been told as before it recurred, or when it did.

        Google's documents leave open whether its changes say so.
        """
        if "recurringEventId" in item:
            return Gone(name_event(self.calendar, {"id": item["recurringEventId"]}))
        return name_occurrences(self.calendar, item)

    def _event(
        self, item: Mapping[str, Any], uid: str, starts_at: datetime, ends_at: datetime
    ) -> Event:
        is_private = item.get("visibility") in ("private", "confidential")
        is_silent = is_private or self.read is Reading.HEADERS
        return Event(
            uid=uid,
            starts_at=starts_at,
            ends_at=ends_at,
            known_at=_known(item, starts_at),
            organizer=_organizer(item),
            attendees=_attendees(item),
            summary="" if is_silent else scrub(str(item.get("summary") or ""), SUMMARY_LIMIT),
            location="" if is_silent else scrub(str(item.get("location") or ""), LOCATION_LIMIT),
            is_all_day="date" in item["start"],
            is_free=item.get("transparency") == "transparent",
            is_private=is_private,
        )


def event_fields(read: Reading) -> str:
    """Return what is asked for of each event: no words where none are kept."""
    return _FIELDS if read is Reading.HEADERS else f"{_FIELDS},{_WORDS}"


def name_event(calendar: Calendar, item: Any) -> str:
    """Return the uid of an event: its calendar's key, and the id that it has in all calendars.

    Google gives the copies of an event in several calendars the same id.
    """
    name = item.get("id") if isinstance(item, dict) else None
    if not (name and isinstance(name, str) and name.isprintable() and len(name) <= UID_LIMIT):
        name = sha256(repr(name or item).encode("utf-8", "replace")).hexdigest()[:32]
    return f"{calendar.key}/{name}"


def name_occurrences(calendar: Calendar, item: Any) -> Gone:
    """Return that all occurrences of a series have gone, but for those told beside it.

    An occurrence is called after its series and the day ("_20240603T093000Z"), a series that
    was split off after that and the letter R, so that the century keeps the two apart.
    """
    return Gone(f"{name_event(calendar, item)}_2", is_prefix=True)


def list_touched_series(items: Iterable[Any]) -> tuple[str, ...]:
    """Return the ids of the series of which some of ``items`` are cancelled occurrences."""
    cancelled = (i for i in items if isinstance(i, dict) and i.get("status") == "cancelled")
    names = (item.get("recurringEventId") for item in cancelled)
    return tuple(dict.fromkeys(name for name in names if name and isinstance(name, str)))


def _span(item: Mapping[str, Any], zone: tzinfo) -> tuple[datetime, datetime]:
    starts = _instant(item["start"], zone)
    return starts, max(starts, _instant(item.get("end") or item["start"], zone))


def _instant(when: Mapping[str, str], zone: tzinfo) -> datetime:
    """Return an instant in UTC; ``zone`` is that of whole days, and of times that name none.

    Source: Calendar API reference, "Events", ``start``: ``date`` or ``dateTime``.
    """
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time(), zone).astimezone(UTC)
    at = datetime.fromisoformat(when["dateTime"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(when["timeZone"]) if "timeZone" in when else zone)
    return at.astimezone(UTC)


def _known(item: Mapping[str, Any], starts_at: datetime) -> datetime:
    """Return when the event was made, its start where that is later, missing or no date.

    Source: Google tells "0000-12-29T00:00:00.000Z" and 1900 of events that came from elsewhere.
    """
    try:
        created = datetime.fromisoformat(item["created"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return starts_at
    return created if _EARLIEST <= created <= starts_at else starts_at


def _organizer(item: Mapping[str, Any]) -> Address | None:
    """Return who organizes it; None for a calendar, which organizes what is made in it."""
    address = _address(item.get("organizer", {}))
    return None if address is None or is_calendar(address.email) else address


def _attendees(item: Mapping[str, Any]) -> tuple[Attendee, ...]:
    """Return who was invited; nobody where not all are told.

    A part of them would pass a meeting of hundreds off as one of two.

    Source: Calendar API reference, "Events", ``attendeesOmitted``, ``guestsCanSeeOtherGuests``.
    """
    is_own = item.get("organizer", {}).get("self")
    is_hidden = item.get("guestsCanSeeOtherGuests") is False and not is_own
    if is_hidden or item.get("attendeesOmitted"):
        return ()
    found: dict[str, Attendee] = {}
    for each in item.get("attendees", ())[:N_ATTENDEES_LIMIT]:
        if address := _address(each):
            answer = _ANSWERS.get(each.get("responseStatus"), Answer.NONE)
            is_person = not (each.get("resource") or is_calendar(address.email))
            found.setdefault(address.email, Attendee(address, answer, is_person))
    return tuple(found.values())


def _address(person: Mapping[str, Any]) -> Address | None:
    email = normalise(str(person.get("email", "")))
    name = scrub(str(person.get("displayName") or ""), NAME_LIMIT)
    return Address(email, "" if name.lower() == email else name) if email else None
