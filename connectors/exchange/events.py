"""A calendar item as EWS gives it out -> an event, whichever of its occurrences is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from connectors.exchange.elements import TYPES, instant_of, is_set, mailboxes_of, text_of
from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub
from connectors.observations import Address, Answer, Attendee, Event
from connectors.protocol import Reading

N_ATTENDEES_LIMIT = 2_000
"""Of one event. Source: reliability notes, limits on input (addresses)."""
TEXT_LIMIT = 500
"""Characters of a summary, and of a place."""

FIELDS = (
    "uid",
    "type",
    "start",
    "end",
    "is_all_day",
    "legacy_free_busy_status",
    "is_cancelled",
    "my_response_type",
    "organizer",
    "required_attendees",
    "optional_attendees",
    "resources",
    "sensitivity",
    "datetime_created",
    "first_occurrence",
    "last_occurrence",
)
"""What is asked of every event, by exchangelib's names."""
WORDS = ("subject", "location")
"""What is asked besides where words are read."""

_ANSWERS = {
    "Accept": Answer.ACCEPTED,
    "Organizer": Answer.ACCEPTED,
    "Decline": Answer.DECLINED,
    "Tentative": Answer.TENTATIVE,
}
"""Source: Microsoft, "ResponseType" in the EWS reference."""


@dataclass(frozen=True, slots=True)
class Face:
    """What all occurrences of an event have in common."""

    organizer: Address | None
    attendees: tuple[Attendee, ...]
    summary: str
    location: str
    is_cancelled: bool
    is_all_day: bool
    is_free: bool
    is_private: bool
    created_at: datetime | None

    def at(self, uid: str, starts_at: datetime, ends_at: datetime) -> Event:
        """Return the occurrence at an instant.

        It was known from its creation on, but never later than its start: a calendar that was
        filled afterwards knew nothing sooner.
        """
        return Event(
            uid=uid,
            starts_at=starts_at,
            ends_at=max(starts_at, ends_at),
            known_at=min(self.created_at or starts_at, starts_at),
            organizer=self.organizer,
            attendees=self.attendees,
            summary=self.summary,
            location=self.location,
            is_cancelled=self.is_cancelled,
            is_all_day=self.is_all_day,
            is_free=self.is_free,
            is_private=self.is_private,
        )


def read_face(item: etree._Element, own: str, read: Reading) -> Face:
    """Understand what an event is.

    Args:
        item: With FIELDS.
        own: The mailbox's address, whose answer is told apart from the list of attendees.
        read: With ``headers`` neither summary nor place is reported.
    """
    is_private = text_of(item, "Sensitivity") not in ("", "Normal")
    is_silent = is_private or read is Reading.HEADERS
    subject, location = ("" if is_silent else text_of(item, one) for one in ("Subject", "Location"))
    return Face(
        organizer=next(_addresses(mailboxes_of(item, "Organizer")), None),
        attendees=_attendees(item, own),
        summary=scrub(subject, TEXT_LIMIT),
        location=scrub(location, TEXT_LIMIT),
        is_cancelled=is_set(item, "IsCancelled"),
        is_all_day=is_set(item, "IsAllDayEvent"),
        is_free=text_of(item, "LegacyFreeBusyStatus") == "Free",
        is_private=is_private,
        created_at=instant_of(item, "DateTimeCreated"),
    )


def _attendees(item: etree._Element, own: str) -> tuple[Attendee, ...]:
    """List whom it invites, each once, and the owner by the answer that the owner gave.

    A copy in an attendee's calendar does not say what others answered, nor under whose name
    somebody was invited through a list.
    """
    found: dict[str, Attendee] = {}
    for kind in ("RequiredAttendees", "OptionalAttendees", "Resources"):
        for entry in item.iterfind(f"{TYPES}{kind}/{TYPES}Attendee"):
            answer = _ANSWERS.get(text_of(entry, "ResponseType"), Answer.NONE)
            for address in _addresses(_mailbox_of(entry)):
                attendee = Attendee(address, answer, is_person=kind != "Resources")
                if len(found) < N_ATTENDEES_LIMIT:
                    found.setdefault(address.email, attendee)
    said = _ANSWERS.get(text_of(item, "MyResponseType"))
    if said and (own in found or (found and said is not Answer.ACCEPTED)):
        name = found[own].address.name if own in found else ""
        found[own] = Attendee(Address(own, name), said)
    return tuple(found.values())


def _mailbox_of(entry: etree._Element) -> Iterator[tuple[str, str]]:
    yield text_of(entry, "Mailbox", "Name"), text_of(entry, "Mailbox", "EmailAddress")


def _addresses(mailboxes: Iterator[tuple[str, str]]) -> Iterator[Address]:
    for name, address in mailboxes:
        if email := normalise(address):
            shown = scrub(name, NAME_LIMIT)
            yield Address(email, "" if shown.lower() == email else shown)
