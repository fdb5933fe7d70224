"""A message as EWS gives it out -> the head of an RFC 5322 message, and what it is named after.

What arrived from somewhere carries its head; what the owner sent does not, and what it says is
put together from the message's properties.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from email.utils import format_datetime
from hashlib import blake2b

from lxml import etree

from connectors.exchange.elements import instant_of, mailboxes_of, property_of, text_of
from connectors.exchange.server import TRANSPORT_HEADERS
from connectors.formats.addresses import normalise
from connectors.formats.headers import BLOCK_LIMIT, find_body, read_headers
from connectors.observations import Folder

END = b"\r\n"
FIELDS = (
    "transport_headers",
    "item_class",
    "author",
    "sender",
    "to_recipients",
    "cc_recipients",
    "bcc_recipients",
    "message_id",
    "in_reply_to",
    "references",
    "subject",
    "datetime_sent",
    "datetime_received",
    "size",
)
"""What is asked of every message, by exchangelib's names; nothing of its body."""

# What the author's program wrote. Lists and gateways that change any of it make another text.
_AUTHORED = ("message-id", "date", "from", "to", "cc", "subject")
_NAMED = frozenset(_AUTHORED)
_AUTHORS = frozenset({"from", "sender"})
_RECIPIENTS = {"To": "ToRecipients", "Cc": "CcRecipients", "Bcc": "BccRecipients"}
_LINES = {"Message-ID": "InternetMessageId", "In-Reply-To": "InReplyTo", "References": "References"}
_CLASSES = {
    "report.": b"Content-Type: multipart/report",
    "ipm.note.rules.": b"Auto-Submitted: auto-replied",
}
"""What a message's class says that its head may not.

Source: MS-OXCMAIL section 2.2.3.6 (REPORT.*); MS-OXOPOST and MS-OXORULE (IPM.Note.Rules.*).
"""
_CONTENT = re.compile(rb"(?im)^(?:content-[\w-]+|mime-version):[^\n]*(?:\n[ \t][^\n]*)*\n?")
_PLAIN = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"


def head_of(message: etree._Element) -> bytes:
    """Return the head of a message, without the empty line that ends it.

    Args:
        message: With FIELDS.
    """
    arrived = _arrived_head(message)
    head = arrived if read_headers(arrived, _AUTHORS) else _written_head(message)
    told = text_of(message, "ItemClass").lower()
    # First of all: of several fields of one name the first counts.
    return b"".join(line + END for kind, line in _CLASSES.items() if told.startswith(kind)) + head


def with_text(head: bytes, text: str) -> bytes:
    """Return a message with this head, and a body of plain text."""
    return _CONTENT.sub(b"", head) + _PLAIN + text.encode("utf-8", "replace")


def name_message(head: bytes, folder: Folder) -> str:
    """Name a message after what its author wrote into its head, not after where it lies.

    An identifier of EWS changes when a message is moved, and would count it twice. Copies in
    the sent folder have names of their own: what came in from outside cannot replace the proof
    that the owner wrote something.

    Args:
        head: As ``head_of`` returns it.
        folder: What kind of folder it lies in.
    """
    headers = read_headers(head, _NAMED)
    told = "\n".join("\r".join(_tidy(headers.get(name, []))) for name in _AUTHORED)
    named = told.encode("utf-8", "surrogateescape") if "message-id" in headers else head
    digest = blake2b(named, digest_size=16).hexdigest()
    return f"{'sent' if folder is Folder.SENT else 'mail'}-{digest}"


def _tidy(values: list[str]) -> list[str]:
    """Undo other folding."""
    return [" ".join(value.split()) for value in values]


def _arrived_head(message: etree._Element) -> bytes:
    raw = property_of(message, TRANSPORT_HEADERS).encode("utf-8", "replace")[:BLOCK_LIMIT]
    head = raw[: find_body(raw, 0, len(raw))].strip(b"\r\n")
    return head + END if head else b""


def _written_head(message: etree._Element) -> bytes:
    return b"".join(f"{line}\r\n".encode("utf-8", "replace") for line in _lines(message))


def _lines(message: etree._Element) -> Iterator[str]:
    authors = [*mailboxes_of(message, "From")] or [*mailboxes_of(message, "Sender")]
    yield from (f"From: {one}" for one in _addresses(authors))
    for name, element in _RECIPIENTS.items():
        # A line each: long ones are cut.
        yield from (f"{name}: {one}" for one in _addresses(mailboxes_of(message, element)))
    sent_at = instant_of(message, "DateTimeSent") or instant_of(message, "DateTimeReceived")
    if sent_at:
        yield f"Date: {format_datetime(sent_at)}"
    for name, element in _LINES.items():
        if value := " ".join(text_of(message, element).split()):
            yield f"{name}: {value}"
    if subject := text_of(message, "Subject"):
        yield f"Subject: {_word(subject)}"


def _addresses(mailboxes: "Iterator[tuple[str, str]] | list[tuple[str, str]]") -> Iterator[str]:
    """Write mailboxes that have an address; those of the directory alone have none."""
    for name, address in mailboxes:
        if email := normalise(address):
            yield f"{_word(name)} <{email}>" if name else f"<{email}>"


def _word(text: str) -> str:
    """Encode any text so that it is one, and holds no line end (RFC 2047 section 2)."""
    return f"=?utf-8?b?{b64encode(text.encode('utf-8', 'replace')).decode('ascii')}?="
