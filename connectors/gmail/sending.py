"""A mail -> handed over to Gmail, once, to be sent to its one recipient."""

import base64
import re
from typing import TYPE_CHECKING

from connectors.errors import Misconfigured
from connectors.formats.addresses import normalise, parse_addresses
from connectors.formats.headers import Headers, find_body, first, read_headers
from connectors.gmail.answers import explain_refusal
from connectors.gmail.quota import SEND_UNITS
from connectors.google.errors import Refused
from connectors.observations import Address

if TYPE_CHECKING:
    from connectors.google.client import Client

_RECIPIENTS = ("to", "cc", "bcc")
_READ = frozenset({*_RECIPIENTS, "from", "message-id", "references"})
_references = re.compile(
    rb"^References:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE | re.IGNORECASE
)


def send(client: "Client", message: bytes, *, sender: str, to: str) -> None:
    """Hand ``message`` over to be sent.

    Args:
        client: Of the account, with the permission to send.
        message: With CR LF line ends.
        sender: The bare address it comes from.
        to: The bare address it goes to.

    Raises:
        Unavailable: It was not taken; offer it again later.
        AccessDenied, Misconfigured: It was not taken, and will not be until the owner acts.
        InDoubt: Nobody knows whether it was taken.
    """
    headers = read_headers(message[: find_body(message, 0, len(message))], _READ)
    _require_envelope(headers, sender, to)
    raw = base64.urlsafe_b64encode(with_own_reference(message, headers)).decode("ascii")
    request = client.api.users().messages().send(userId="me", body={"raw": raw}, fields="id")
    try:
        client.hand_over(request, units=SEND_UNITS)
    except Refused as refused:
        raise explain_refusal(refused) from None


def with_own_reference(message: bytes, headers: Headers) -> bytes:
    """Return ``message`` with its own Message-ID last among its References.

    Gmail gives what is sent through its API another Message-ID, and forgets the one it had: an
    answer would name a mail that nobody knows. What answers the message takes over its
    References, though, and so names it after all (RFC 5322 section 3.6.4).

    Source: FlowCrypt, flowcrypt-browser issue 4273, of 2022, on what Gmail's API sends.
    """
    own = first(headers, "message-id").encode("ascii", "ignore")
    if not own:
        return message
    if "references" not in headers:
        return b"References: " + own + b"\r\n" + message
    return _references.sub(lambda found: found[0] + b"\r\n " + own, message, count=1)


def _require_envelope(headers: Headers, sender: str, to: str) -> None:
    """Refuse a mail whose own fields say anything else: Gmail looks at nothing but these."""
    named = [one.email for name in _RECIPIENTS for one in _addresses(headers, name)]
    written = [one.email for one in _addresses(headers, "from")]
    if named != [normalise(to)] or written != [normalise(sender)]:
        raise Misconfigured("a mail sent through Gmail must name its sender and one recipient")


def _addresses(headers: Headers, name: str) -> list[Address]:
    return [one for value in headers.get(name, ()) for one in parse_addresses(value)]
