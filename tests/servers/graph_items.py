"""Messages, events and contacts as Microsoft Graph tells them, with all of their properties.

Source: the JSON representations in "message resource type", "event resource type", "calendar
resource type" and "contact resource type", and the example answers of the calls.
"""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from typing import Any

from tests.servers.graph_store import Item, new_id

HOUR = timedelta(hours=1)
OWNER = "owner@example.org"
INTERNET_HEADERS = "00020386-0000-0000-c000-000000000046"
"""Source: MS-OXPROPS, PS_INTERNET_HEADERS."""


def recipient(address: str, name: str = "") -> Item:
    """Return a recipient. Source: "recipient resource type"."""
    return {"emailAddress": {"name": name or address, "address": address}}


def message(
    at: datetime,
    *,
    by: str = "ada@example.com",
    to: tuple[str, ...] = (OWNER,),
    subject: str = "Hello",
    body: str = "Shall we meet?",
    html: str = "",
    headers: dict[str, str] | None = None,
    conversation: str = "",
    message_id: str = "",
    **others: Any,
) -> Item:
    """Return a message that came in; ``headers`` are added to those that it has anyway."""
    number = new_id()[36:44]
    message_id = message_id or f"<{number}@example.com>"
    own = {
        "From": by,
        "To": ", ".join(to),
        "Date": f"{at.astimezone(UTC):%a, %d %b %Y %H:%M:%S +0000}",
        "Subject": subject,
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        "Content-Type": "multipart/alternative; boundary=x",
    }
    return {
        "id": new_id(),
        "createdDateTime": stamp(at),
        "receivedDateTime": stamp(at),
        "sentDateTime": stamp(at),
        "hasAttachments": False,
        "internetMessageId": message_id,
        "subject": subject,
        "bodyPreview": body[:255],
        "importance": "normal",
        "conversationId": conversation or f"conversation-{number}=",
        "isRead": False,
        "isDraft": False,
        "body": {"contentType": "html", "content": html or f"<p>{body}</p>", "text": body},
        "sender": recipient(by),
        "from": recipient(by),
        "toRecipients": [recipient(one) for one in to],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "internetMessageHeaders": [
            {"name": name, "value": value} for name, value in (own | (headers or {})).items()
        ],
        **others,
    }


def sent_message(at: datetime, *, answers: str = "", references: str = "", **options: Any) -> Item:
    """Return a message of the owner's: it has no header fields, and MAPI properties instead."""
    item = message(at, by=OWNER, **{"to": ("ada@example.com",), **options})
    del item["internetMessageHeaders"]
    mapi = {"String 0x1042": answers, "String 0x1039": references}
    item["mapi"] = {name: value for name, value in mapi.items() if value}
    return item


def copy_of(raw: bytes, **options: Any) -> Item:
    """Return the copy that Microsoft keeps of a mail that it sent; without header fields."""
    read = message_from_bytes(raw, policy=policy.default)
    text = read.get_body(("plain",))
    item = sent_message(
        read["Date"].datetime if read["Date"] else datetime.now(UTC),
        answers=str(read["In-Reply-To"] or ""),
        references=str(read["References"] or ""),
        to=tuple(address for _, address in getaddresses([str(read["To"] or "")])),
        subject=str(read["Subject"] or ""),
        body=str(text.get_content()) if text else "",
        **{"message_id": str(read["Message-ID"] or "").strip(), **options},
    )
    if read["X-Kithd"]:
        item["mapi"][f"String {{{INTERNET_HEADERS}}} Name X-Kithd"] = str(read["X-Kithd"])
    return item


def event(
    at: datetime,
    *,
    lasts: timedelta = HOUR,
    subject: str = "Meeting",
    attendees: tuple[Item, ...] = (),
    response: str = "organizer",
    organizer: str = OWNER,
    **others: Any,
) -> Item:
    """Return an event on its own."""
    return {
        "id": new_id(),
        "createdDateTime": stamp(at - timedelta(days=3)),
        "subject": subject,
        "type": "singleInstance",
        "seriesMasterId": None,
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": organizer == OWNER,
        "isDraft": False,
        "showAs": "busy",
        "sensitivity": "normal",
        "responseStatus": {"response": response, "time": "0001-01-01T00:00:00Z"},
        "start": moment(at),
        "end": moment(at + lasts),
        "location": {"displayName": "Room 1"},
        "attendees": list(attendees),
        "organizer": recipient(organizer),
        **others,
    }


def attendee(address: str, response: str = "none", kind: str = "required") -> Item:
    """Return somebody invited. Source: "attendee resource type"."""
    return {
        **recipient(address),
        "type": kind,
        "status": {"response": response, "time": "0001-01-01T00:00:00Z"},
    }


def occurrence(master: Item, at: datetime, **others: Any) -> Item:
    """Return an occurrence as the delta query tells it.

    Source: microsoft-graph-docs issue 7632: nothing but its times and its series.
    """
    return {
        "id": new_id(),
        "seriesMasterId": master["id"],
        "type": "occurrence",
        "start": moment(at),
        "end": moment(at + HOUR),
        **others,
    }


def contact(name: str, *addresses: str, **others: Any) -> Item:
    """Return a contact."""
    given, _, surname = name.partition(" ")
    return {
        "id": new_id(),
        "displayName": name,
        "givenName": given,
        "surname": surname,
        "nickName": None,
        "companyName": None,
        "birthday": None,
        "emailAddresses": [{"name": name, "address": one} for one in addresses],
        **others,
    }


def stamp(at: datetime) -> str:
    """Write an instant as Graph writes those of messages."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(at: datetime) -> Item:
    """Write an instant as Graph writes those of events, where UTC was asked for."""
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
