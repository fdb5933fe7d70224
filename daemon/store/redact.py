"""An observation -> the same without certain people, or nothing where it was theirs."""

from collections.abc import Callable
from dataclasses import replace

from connectors.observations import Card, Event, Message, Observation

Unwanted = Callable[[str], bool]


def redact(observation: Observation, is_unwanted: Unwanted) -> Observation | None:
    """Return ``observation`` without the addresses that ``is_unwanted`` names.

    None where nothing is left: they wrote it, it was for them alone, or it is their card.
    Text and links of what is left are dropped, for they may speak of them.
    """
    match observation:
        case Message():
            return _redact_message(observation, is_unwanted)
        case Event():
            return _redact_event(observation, is_unwanted)
        case Card():
            return None if any(map(is_unwanted, observation.emails)) else observation
        case _:
            return observation


def _redact_message(message: Message, is_unwanted: Unwanted) -> Message | None:
    if is_unwanted(message.author.email):
        return None
    rest = tuple(r for r in message.recipients if not is_unwanted(r.address.email))
    if len(rest) == len(message.recipients):
        return message
    return replace(message, recipients=rest, subject="", text="", links=()) if rest else None


def _redact_event(event: Event, is_unwanted: Unwanted) -> Event | None:
    rest = tuple(a for a in event.attendees if not is_unwanted(a.address.email))
    organizer = event.organizer
    if organizer and is_unwanted(organizer.email):
        organizer = None
    if len(rest) == len(event.attendees) and organizer is event.organizer:
        return event
    return (
        replace(event, attendees=rest, organizer=organizer, summary="", location="")
        if rest
        else None
    )
