"""What Graph says of an event -> an event, in UTC, with no more words than are wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.graph.client import Item
from connectors.graph.values import instant_in, is_true, items_in, text_in
from connectors.observations import Address, Answer, Attendee, Event
from connectors.protocol import Reading

SUMMARY_LIMIT, LOCATION_LIMIT = 300, 200
"""Characters, as in calendars of other kinds."""
N_ATTENDEES_LIMIT = 500
"""Source: Graph, "event resource type": Exchange Online takes no more."""

_ANSWERS = {
    "accepted": Answer.ACCEPTED,
    "organizer": Answer.ACCEPTED,
    "declined": Answer.DECLINED,
    "tentativelyaccepted": Answer.TENTATIVE,
}
"""Source: Graph, "responseStatus resource type"."""
_PRIVATE = frozenset({"private", "personal", "confidential"})
"""Source: Graph, "event resource type", sensitivity."""
_UTC_NAMES = frozenset({"", "utc", "etc/utc", "etc/gmt", "z"})


class Unreadable(ValueError):
    """An event that cannot be understood; the message says why, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads the events of one calendar.

    Attributes:
        owners: The addresses that are known to be the owner's.
        zone: In which whole days are meant.
        reading: With HEADERS no words are reported.
    """

    owners: frozenset[str]
    zone: ZoneInfo
    reading: Reading

    def read(self, item: Item, uid: str) -> Event:
        """Read one event, or one occurrence of a series.

        Raises:
            Unreadable: It has no times, or none in UTC.
        """
        is_all_day = is_true(item, "isAllDay")
        starts_at = self._instant(item, "start", is_all_day=is_all_day)
        ends_at = self._instant(item, "end", is_all_day=is_all_day)
        is_private = text_in(item, "sensitivity").lower() in _PRIVATE
        is_silent = is_private or self.reading is Reading.HEADERS
        return Event(
            uid=uid,
            starts_at=starts_at,
            ends_at=max(starts_at, ends_at),
            # A calendar that was filled afterwards knew nothing sooner.
            known_at=min(instant_in(item, "createdDateTime") or starts_at, starts_at),
            organizer=_address(item.get("organizer")),
            attendees=tuple(self._attendees(item)),
            summary="" if is_silent else scrub(text_in(item, "subject"), SUMMARY_LIMIT),
            location="" if is_silent else _place(item),
            is_cancelled=is_true(item, "isCancelled"),
            is_all_day=is_all_day,
            is_free=text_in(item, "showAs").lower() == "free",
            is_private=is_private,
        )

    def _instant(self, item: Item, name: str, *, is_all_day: bool) -> datetime:
        """Return an instant; a whole day begins at midnight where the owner is.

        Source: Graph, "event resource type", isAllDay; "dateTimeTimeZone resource type".
        """
        at = instant_in(item, name, "dateTime")
        if at is None:
            raise Unreadable("no start or no end")
        if text_in(item, name, "timeZone").lower() not in _UTC_NAMES:
            raise Unreadable("its times are not in UTC, as was asked")
        if is_all_day and (at.hour, at.minute) == (0, 0):
            return at.replace(tzinfo=self.zone).astimezone(UTC)
        return at

    def _attendees(self, item: Item) -> Iterator[Attendee]:
        """Yield who is invited, each once.

        In the owner's calendar their own answer stands at the event, not beside their name.
        Somebody invited through a list is not named at all: that they declined is still told.
        """
        own = _ANSWERS.get(text_in(item, "responseStatus", "response").lower(), Answer.NONE)
        told: set[str] = set()
        for one in items_in(item, "attendees")[:N_ATTENDEES_LIMIT]:
            address = _address(one)
            if address is None or address.email in told:
                continue
            told.add(address.email)
            answer = _ANSWERS.get(text_in(one, "status", "response").lower(), Answer.NONE)
            is_own = address.email in self.owners and own is not Answer.NONE
            is_person = text_in(one, "type").lower() != "resource"
            yield Attendee(address, own if is_own else answer, is_person)
        if own is Answer.DECLINED and told.isdisjoint(self.owners):
            yield from (Attendee(Address(email), own) for email in sorted(self.owners)[:1])


def _address(recipient: object) -> Address | None:
    email = normalise(text_in(recipient, "emailAddress", "address").strip())
    if not email:
        return None
    name = scrub(text_in(recipient, "emailAddress", "name"), NAME_LIMIT)
    return Address(email, "" if name.lower() == email else name)


def _place(item: Item) -> str:
    return scrub(text_in(item, "location", "displayName"), LOCATION_LIMIT)
