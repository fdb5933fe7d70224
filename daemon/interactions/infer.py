"""Observations -> interactions: the acts of contact between the ego and each alter."""

from dataclasses import dataclass

from connectors.observations import Address, Answer, Event, Mark, Message, Role
from daemon.interactions.automated import Origin, classify, is_contact
from daemon.interactions.model import Channel, Claim, Direction, Ego, Interaction


@dataclass(frozen=True, slots=True)
class Limits:
    """Where direct contact ends and ambient contact begins.

    Source: design notes, decay model: at most 10 recipients, at most 8 attendees.
    """

    max_recipients: int = 10
    max_attendees: int = 8


def infer_message(
    message: Message, ego: Ego, *, thread: str, limits: Limits = Limits()
) -> tuple[Interaction, ...]:
    """Return the contact that ``message`` is, one interaction an alter, any order."""
    if not is_contact(message):
        return ()
    if is_by(message, ego):
        return _outbound(message, ego, thread, limits)
    if message.author.email in ego:
        return ()
    return _inbound(message, ego, thread, limits)


def infer_event(event: Event, ego: Ego, *, limits: Limits = Limits()) -> tuple[Interaction, ...]:
    """Return the contact that ``event`` is once it has taken place.

    A meeting that was cancelled, lasts all day, is marked as free time, or was declined
    by the ego is none; nor is one with an attendee who declined.
    """
    if event.is_cancelled or event.is_all_day or event.is_free or _declined(event, ego):
        return ()
    alters = sorted({a.email for a in _people(event)} - ego.emails)
    is_direct = len(alters) + 1 <= limits.max_attendees
    return tuple(
        Interaction(
            alter=alter,
            at=event.starts_at,
            channel=Channel.MEETING,
            direction=Direction.MUTUAL,
            is_direct=is_direct,
            thread=event.uid,
        )
        for alter in alters
    )


def is_by(message: Message, ego: Ego) -> bool:
    """Return whether the ego wrote ``message``: an out-of-office note writes itself.

    Source: RFC 3834 section 5. Other marks of machines are no proof in the ego's own mail.
    """
    return message.author.email in ego and Mark.AUTO_SUBMITTED not in message.marks


def is_to(message: Message, ego: Ego) -> bool:
    """Return whether ``message`` speaks to the ego: not in a copy, and not to others at all."""
    named = [r for r in message.recipients if r.address.email not in message.lists]
    to = [r for r in named if r.role is Role.TO] or named
    return not named or any(r.address.email in ego for r in to)


def count_recipients(message: Message) -> int:
    """Return how many distinct addresses ``message`` was sent to, lists not counted."""
    return len({r.address.email for r in message.recipients} - set(message.lists))


def _outbound(message: Message, ego: Ego, thread: str, limits: Limits) -> tuple[Interaction, ...]:
    alters = {r.address.email for r in message.recipients} - ego.emails - set(message.lists)
    return tuple(
        Interaction(
            alter=alter,
            at=message.sent_at,
            channel=Channel.EMAIL,
            direction=Direction.OUTBOUND,
            is_direct=len(alters) <= limits.max_recipients,
            thread=thread,
        )
        for alter in sorted(alters)
    )


def _inbound(message: Message, ego: Ego, thread: str, limits: Limits) -> tuple[Interaction, ...]:
    origin = classify(message)
    is_named = any(r.address.email in ego for r in message.recipients)
    if origin is Origin.MACHINE or message.author.email in message.lists:
        return ()
    if origin is Origin.LIST and not is_named:
        return ()
    return (
        Interaction(
            alter=message.author.email,
            at=message.sent_at,
            channel=Channel.EMAIL,
            direction=Direction.INBOUND,
            is_direct=is_named and count_recipients(message) <= limits.max_recipients,
            claim=Claim.IF_EGO_WROTE if origin is Origin.LIST else Claim.ALWAYS,
            thread=thread,
        ),
    )


def _declined(event: Event, ego: Ego) -> bool:
    return any(a.answer is Answer.DECLINED and a.address.email in ego for a in event.attendees)


def _people(event: Event) -> tuple[Address, ...]:
    """Everybody who may have been there. The organizer is, unless listed as declined."""
    listed = {a.address.email for a in event.attendees}
    coming = [a.address for a in event.attendees if a.is_person and a.answer is not Answer.DECLINED]
    if coming and event.organizer and event.organizer.email not in listed:
        coming.append(event.organizer)
    return tuple(coming)
