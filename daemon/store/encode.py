"""Observations -> JSON-able rows, and back. What is only for memory is left behind.

Instants are kept to the second.
"""

from collections.abc import Callable
from typing import Any

from connectors.observations import (
    Address,
    Answer,
    Article,
    Attendee,
    Birthday,
    Card,
    Event,
    Folder,
    Mark,
    Message,
    Recipient,
    Role,
)
from daemon.store.instants import to_instant, to_seconds

Stored = Message | Event | Card | Article
"""What is kept. (Gone removes; it is not kept.)"""


def known_at(observation: Stored) -> int:
    """Return the second from which ``observation`` could have been known."""
    match observation:
        case Message():
            return to_seconds(observation.sent_at)
        case Event():
            return to_seconds(observation.known_at)
        case Article():
            return to_seconds(observation.published_at)
        case Card():
            return 0


def encode(observation: Stored) -> dict[str, Any]:
    """Return ``observation`` as JSON-able values, without text and links."""
    match observation:
        case Message():
            return _encode_message(observation)
        case Event():
            return _encode_event(observation)
        case Card():
            return _encode_card(observation)
        case Article():
            return _encode_article(observation)


def decode(kind: str, uid: str, payload: dict[str, Any]) -> Stored:
    """Return the observation that :func:`encode` made ``payload`` of."""
    return _DECODERS[kind](uid, payload)


def _encode_message(m: Message) -> dict[str, Any]:
    row: dict[str, Any] = {"at": to_seconds(m.sent_at), "from": _pair(m.author)}
    row["to"] = [[r.role.value, *_pair(r.address)] for r in m.recipients]
    optional = {
        "subject": m.subject,
        "id": m.message_id,
        "parent": m.in_reply_to,
        "references": list(m.references),
        "lists": list(m.lists),
        "marks": sorted(m.marks),
        "attachments": m.n_attachments,
    }
    row.update({key: value for key, value in optional.items() if value})
    if m.folder is not Folder.OTHER:
        row["folder"] = m.folder.value
    return row


def _decode_message(uid: str, row: dict[str, Any]) -> Message:
    return Message(
        uid=uid,
        sent_at=to_instant(row["at"]),
        author=Address(*row["from"]),
        recipients=tuple(Recipient(Address(e, n), Role(r)) for r, e, n in row["to"]),
        subject=row.get("subject", ""),
        message_id=row.get("id"),
        in_reply_to=row.get("parent"),
        references=tuple(row.get("references", ())),
        lists=tuple(row.get("lists", ())),
        marks=frozenset(Mark(m) for m in row.get("marks", ())),
        folder=Folder(row.get("folder", Folder.OTHER)),
        n_attachments=row.get("attachments", 0),
    )


def _encode_event(e: Event) -> dict[str, Any]:
    return {
        "starts": to_seconds(e.starts_at),
        "ends": to_seconds(e.ends_at),
        "known": to_seconds(e.known_at),
        "organizer": _pair(e.organizer) if e.organizer else None,
        "attendees": [[a.answer.value, a.is_person, *_pair(a.address)] for a in e.attendees],
        "summary": e.summary,
        "location": e.location,
        "flags": [e.is_cancelled, e.is_all_day, e.is_free, e.is_private],
    }


def _decode_event(uid: str, row: dict[str, Any]) -> Event:
    is_cancelled, is_all_day, is_free, is_private = row["flags"]
    return Event(
        uid=uid,
        starts_at=to_instant(row["starts"]),
        ends_at=to_instant(row["ends"]),
        known_at=to_instant(row["known"]),
        organizer=Address(*row["organizer"]) if row["organizer"] else None,
        attendees=tuple(
            Attendee(Address(email, name), Answer(answer), is_person)
            for answer, is_person, email, name in row["attendees"]
        ),
        summary=row["summary"],
        location=row["location"],
        is_cancelled=is_cancelled,
        is_all_day=is_all_day,
        is_free=is_free,
        is_private=is_private,
    )


def _encode_card(c: Card) -> dict[str, Any]:
    born = c.birthday
    return {
        "name": c.name,
        "emails": list(c.emails),
        "birthday": [born.month, born.day, born.year] if born else None,
        "organization": c.organization,
    }


def _decode_card(uid: str, row: dict[str, Any]) -> Card:
    born = row["birthday"]
    return Card(
        uid=uid,
        name=row["name"],
        emails=tuple(row["emails"]),
        birthday=Birthday(*born) if born else None,
        organization=row["organization"],
    )


def _encode_article(a: Article) -> dict[str, Any]:
    return {
        "url": a.url,
        "title": a.title,
        "at": to_seconds(a.published_at),
        "summary": a.summary,
        "publisher": a.publisher,
    }


def _decode_article(uid: str, row: dict[str, Any]) -> Article:
    return Article(
        uid=uid,
        url=row["url"],
        title=row["title"],
        published_at=to_instant(row["at"]),
        summary=row["summary"],
        publisher=row["publisher"],
    )


def _pair(address: Address) -> tuple[str, str]:
    return address.email, address.name


_DECODERS: dict[str, Callable[[str, dict[str, Any]], Stored]] = {
    "Message": _decode_message,
    "Event": _decode_event,
    "Card": _decode_card,
    "Article": _decode_article,
}
