"""A Message-ID -> whether a mailbox at Gmail holds the message, under it or though it lost it.

Gmail gives what is sent through its API a Message-ID of its own; ``connectors.gmail.sending``
puts the one that the message had among its References.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from connectors.gmail.answers import explain_refusal, read_id, read_list, read_token
from connectors.gmail.quota import GET_UNITS, LIST_UNITS
from connectors.google.errors import Refused

if TYPE_CHECKING:
    from connectors.google.client import Client

N_PAGES_SENT = 2
"""Pages of the newest sent messages that are looked through: the digest of a few days ago."""
N_PAGES_OF_ALL = 5
"""Pages of the newest messages that are looked through where no queries are allowed.

With 37 on a page, as at 6,000 units a minute, this and the sent messages take most of a minute's
units, and are looked through only after a delivery that was interrupted.
"""

_searchable = re.compile(r"<([\w.+=$%&*/?!^~#'@-]{1,250})>", re.ASCII)


def holds(client: "Client", message_id: str, *, has_queries: bool, size: int) -> bool:
    """Return whether the mailbox holds a message that has, or had, this ``Message-ID``.

    Trash and spam are looked through as well. Where there are no queries, only the newest
    messages are looked at.

    Args:
        client: Of the account.
        message_id: With its angle brackets.
        has_queries: Whether the permission allows them.
        size: Messages got at once.

    Raises:
        Unavailable, AccessDenied, Misconfigured: As the client does.
    """
    named = _searchable.fullmatch(message_id)
    if named is None:
        return False
    if has_queries and _list(client, size, q=f"rfc822msgid:{named[1]}")[0]:
        return True
    places = [(["SENT"], N_PAGES_SENT), *([] if has_queries else [(None, N_PAGES_OF_ALL)])]
    return any(_is_among(client, message_id, labels, n, size) for labels, n in places)


def _is_among(
    client: "Client", message_id: str, labels: list[str] | None, n_pages: int, size: int
) -> bool:
    token = ""
    for _ in range(n_pages):
        uids, token = _list(client, size, labelIds=labels, pageToken=token or None)
        if any(message_id in named for named in _identifiers(client, uids)):
            return True
        if not token:
            break
    return False


def _list(client: "Client", size: int, **asked: Any) -> tuple[list[str], str]:
    request = (
        client.api.users()
        .messages()
        .list(
            userId="me",
            includeSpamTrash=True,
            maxResults=size,
            fields="nextPageToken,messages/id",
            **asked,
        )
    )
    try:
        found = client.ask(request, units=LIST_UNITS)
    except Refused as refused:
        raise explain_refusal(refused) from None
    return [read_id(one) for one in read_list(found, "messages")], read_token(found)


def _identifiers(client: "Client", uids: list[str]) -> Iterator[list[str]]:
    """Yield the identifiers that each message names as its own, or as those it follows."""
    messages = client.api.users().messages()
    requests = {
        uid: messages.get(
            userId="me",
            id=uid,
            format="metadata",
            metadataHeaders=["Message-ID", "References"],
            fields="payload/headers",
        )
        for uid in uids
    }
    if not requests:
        return
    for found in client.ask_all(requests, units=GET_UNITS).values():
        if not isinstance(found, Refused):
            yield list(_values(found))


def _values(found: Mapping[str, Any]) -> Iterator[str]:
    payload = found.get("payload")
    for field in read_list(payload if isinstance(payload, dict) else {}, "headers"):
        yield from str(field.get("value")).split()
