"""A place in a mailbox's history -> which messages have come since, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import CursorExpired
from connectors.gmail.answers import (
    explain_refusal,
    read_count,
    read_id,
    read_list,
    turn_page,
)
from connectors.gmail.letters import is_passed_over
from connectors.gmail.quota import HISTORY_UNITS, LARGEST_LIST
from connectors.google.errors import Refused

if TYPE_CHECKING:
    from connectors.google.client import Client

_MASK = (
    "nextPageToken,historyId,history(id,messagesAdded/message(id,labelIds),"
    "labelsRemoved(labelIds,message(id,labelIds)))"
)
_FREED = frozenset({"SPAM", "TRASH", "DRAFT", "CATEGORY_PROMOTIONS"})
"""What comes back from where nothing is read, or is not advertising after all, is read then."""


@dataclass(frozen=True, slots=True)
class News:
    """Messages to be read, and how far the history is known once they have been.

    Attributes:
        uids: To be read, each once.
        arrived: All that came in meanwhile, read or not.
        history: In the mailbox's own count.
    """

    uids: tuple[str, ...]
    arrived: frozenset[str]
    history: int


@dataclass(frozen=True, slots=True)
class _Record:
    """One entry of the history."""

    uids: tuple[str, ...]
    arrived: frozenset[str]
    history: int


def list_news(client: "Client", start: int, size: int) -> Iterator[News]:
    """Yield what has come since ``start``, oldest first; the last is the present, and may be empty.

    Args:
        client: Of the account.
        start: How far the history is known.
        size: Most messages to be read at once; exceeded only by what one entry holds.

    Raises:
        CursorExpired: The service has forgotten that place.
        Unavailable, AccessDenied, Misconfigured: As the client does.
    """
    told: set[str] = set()
    news = News((), frozenset(), start)
    present = 0
    for page in _pages(client, start):
        # Of the first page: what comes while the others are read is news for the next time.
        present = present or read_count(page, "historyId")
        for record in map(_read_record, read_list(page, "history")):
            fresh = tuple(uid for uid in record.uids if uid not in told)
            if news.uids and len(news.uids) + len(fresh) > size:
                yield news
                news = News((), frozenset(), news.history)
            told.update(fresh)
            history = max(news.history, record.history)
            news = News(news.uids + fresh, news.arrived | record.arrived, history)
    yield News(news.uids, news.arrived, max(news.history, present))


def _pages(client: "Client", start: int) -> Iterator[dict[str, Any]]:
    token, seen = "", set[str]()
    while True:
        page = _ask(client, start, token)
        yield page
        token = turn_page(page, seen)
        if not token:
            return


def _ask(client: "Client", start: int, token: str) -> dict[str, Any]:
    request = (
        client.api.users()
        .history()
        .list(
            userId="me",
            startHistoryId=str(start),
            historyTypes=["messageAdded", "labelRemoved"],
            maxResults=LARGEST_LIST,
            pageToken=token or None,
            fields=_MASK,
        )
    )
    try:
        return client.ask(request, units=HISTORY_UNITS)
    except Refused as refused:
        if refused.status == 404:
            raise CursorExpired("Gmail has forgotten how far its history was read") from None
        raise explain_refusal(refused) from None


def _read_record(entry: dict[str, Any]) -> _Record:
    added = [one.get("message") for one in read_list(entry, "messagesAdded")]
    freed = [
        one.get("message")
        for one in read_list(entry, "labelsRemoved")
        if not _FREED.isdisjoint(map(str, one.get("labelIds") or ()))
    ]
    wanted = {read_id(one): None for one in [*added, *freed] if not is_passed_over(one)}
    arrived = {*map(read_id, added), *wanted}
    return _Record(tuple(wanted), frozenset(arrived), read_count(entry, "id"))
