"""What Graph says of a message -> the bytes it would be on the wire, as far as they are known.

So one reader reads all mail. What came in has its own header fields; sent mail has none at
Microsoft, and what Graph says of it stands in for them.
"""

from collections.abc import Iterable, Iterator
from email.utils import format_datetime

from connectors.graph.client import Item
from connectors.graph.values import instant_in, items_in, text_in

Fields = list[tuple[str, str]]
"""Header fields, in order."""

KEPT = {
    "String 0x1042": "In-Reply-To",
    "String 0x1039": "References",
    "String {00020386-0000-0000-C000-000000000046} Name X-Kithd": "X-Kithd",
}
"""The MAPI properties that hold header fields of sent mail too, by their ids.

Source: MS-OXPROPS, PidTagInReplyToId, PidTagInternetReferences and PS_INTERNET_HEADERS.
"""

_RECIPIENTS = {"To": "toRecipients", "Cc": "ccRecipients", "Bcc": "bccRecipients"}
_OF_THE_BODY = ("content-", "mime-version")


def read_fields(item: Item) -> Fields:
    """Return a message's own header fields, and after them those that are missing but known."""
    own = [*_own_fields(item)]
    named = {name.lower() for name, _ in own}
    known = ((name, value) for name, value in _known_fields(item) if name.lower() not in named)
    return [*own, *((name, value) for name, value in known if value)]


def write_head(fields: Iterable[tuple[str, str]]) -> bytes:
    """Write header fields, and the empty line after them."""
    lines = (f"{name}: {' '.join(value.split())}\r\n" for name, value in fields)
    return ("".join(lines) + "\r\n").encode("utf-8", "replace")


def write_letter(fields: Fields, item: Item) -> bytes:
    """Write a message whose text Graph gave out as one piece, without its attachments.

    Args:
        fields: Its header fields.
        item: Holds the ``body``, and perhaps header fields that are ``KEPT``.
    """
    kept = [(name, value) for name, value in fields if not _is_of_the_body(name)]
    own = {name.lower() for name, _ in kept}
    kept += [(name, value) for name, value in _kept_fields(item) if name.lower() not in own]
    kind = "html" if text_in(item, "body", "contentType").lower() == "html" else "plain"
    head = write_head([*kept, ("Content-Type", f"text/{kind}; charset=utf-8")])
    return head + text_in(item, "body", "content").encode("utf-8", "replace")


def _own_fields(item: Item) -> Iterator[tuple[str, str]]:
    for one in items_in(item, "internetMessageHeaders"):
        name, value = text_in(one, "name"), text_in(one, "value")
        if name.isascii() and name.isprintable() and not set(" :") & set(name):
            yield name, value


def _known_fields(item: Item) -> Iterator[tuple[str, str]]:
    """Yield what Graph says of a message, as header fields; empty where it says nothing."""
    author, sender = (_mailbox(item.get(name)) for name in ("from", "sender"))
    yield "From", author or sender
    yield "Sender", sender if sender != author else ""
    for name, field in _RECIPIENTS.items():
        yield name, ", ".join(filter(None, map(_mailbox, items_in(item, field))))
    sent_at = instant_in(item, "sentDateTime")
    yield "Date", format_datetime(sent_at) if sent_at else ""
    yield "Subject", text_in(item, "subject")
    yield "Message-ID", text_in(item, "internetMessageId")


def _mailbox(recipient: object) -> str:
    """Write a recipient as a mailbox. Source: RFC 5322 section 3.4."""
    address = text_in(recipient, "emailAddress", "address").strip()
    name = text_in(recipient, "emailAddress", "name").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{address}>' if address and name else address


def _kept_fields(item: Item) -> Iterator[tuple[str, str]]:
    names = {key.lower(): name for key, name in KEPT.items()}
    for one in items_in(item, "singleValueExtendedProperties"):
        if name := names.get(text_in(one, "id").lower()):
            yield name, text_in(one, "value")


def _is_of_the_body(name: str) -> bool:
    return name.lower().startswith(_OF_THE_BODY)
