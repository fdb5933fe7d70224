"""What was in a mailbox at the beginning -> its ids, a page at a time, what was sent first.

Where the permission allows queries, they keep apart what was sent, what people may have written,
and what Google files under promotions. Where it does not, there is the label of what was sent,
and then everything. Inbox and categories are no parts there: those labels come and go while the
mailbox is read, and a message would be missed; that of what was sent never goes.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from connectors.errors import CursorExpired
from connectors.formats.dates import EARLIEST
from connectors.gmail.answers import explain_refusal, read_id, read_list, turn_page
from connectors.gmail.cursors import Backlog
from connectors.gmail.quota import LARGEST_LIST, LIST_UNITS
from connectors.google.errors import Refused

if TYPE_CHECKING:
    from connectors.google.client import Client

MARGIN = timedelta(days=1)
"""How much earlier than a message says it was sent Gmail may have taken it. Source:
``connectors.formats.dates.LEEWAY``, the most that a sender's clock is believed."""
KNOWN_LIMIT = 500_000
"""Ids of sent messages that are remembered, in 4 MB; more are got again, and then passed over."""

_MASK = "nextPageToken,messages/id"
_TOLD = ("SENT", "DRAFT", "CHAT")
"""Labels of what the second part without queries lists again, or what is not read at all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the mailbox: the parameters that list it, and what is known of all of it.

    Attributes:
        query: For ``q``, empty where there are no queries.
        label: For ``labelIds``, empty for all.
        is_promotion: Whether all of it is mail to many.
        but: Labels of what earlier parts have told, though this one lists it again.
    """

    query: str = ""
    label: str = ""
    is_promotion: bool = False
    but: frozenset[str] = frozenset()


_BY_QUERY = (
    Part("in:sent"),
    Part("-in:sent -in:drafts -in:chats -category:promotions"),
    Part("-in:sent -in:drafts -in:chats category:promotions", is_promotion=True),
)
_BY_LABEL = (Part(label="SENT"), Part(but=frozenset(_TOLD)))


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of ids, without those that were told already, and the token of the next one."""

    uids: tuple[str, ...]
    token: str


class Backfill:
    """Lists the parts of one mailbox, newest first."""

    def __init__(self, client: "Client", *, since: datetime, size: int, has_queries: bool) -> None:
        """Remember what to list.

        Args:
            client: Of the account.
            since: Older messages need not be listed.
            size: Ids of one page.
            has_queries: Whether the permission allows them.
        """
        self._client, self._since, self._size = client, since, size
        self._parts = _BY_QUERY if has_queries else _BY_LABEL
        self._told: array[int] | None = None
        self._phase, self._seen = -1, set[str]()

    def part(self, backlog: Backlog) -> Part:
        """Return the part that is being read.

        Raises:
            CursorExpired: There is no such part.
        """
        if backlog.phase >= len(self._parts):
            raise CursorExpired("the cursor belongs to other settings")
        return self._parts[backlog.phase]

    def list_page(self, backlog: Backlog) -> Listed:
        """List the next page.

        Raises:
            CursorExpired: The service has forgotten that page.
            Unavailable: It gives the same page again and again, or as the client does.
            AccessDenied, Misconfigured: As the client does.
        """
        part = self.part(backlog)
        if backlog.phase != self._phase:
            self._phase, self._seen = backlog.phase, {backlog.page} - {""}
        found = self._ask(part, part.label, backlog.page, self._size)
        uids = [read_id(one) for one in read_list(found, "messages")]
        token = turn_page(found, self._seen)
        if part.but:
            uids = [uid for uid in uids if not self._has_told(uid)]
        return Listed(tuple(uids), token)

    def go_on(self, backlog: Backlog, token: str, *, is_over: bool) -> Backlog | None:
        """Return what is left after a page, None for nothing.

        Args:
            backlog: With what was counted of that page.
            token: Of the next page, empty where there is none.
            is_over: Whether the next pages of this part are too old to be reported.
        """
        if token and not is_over:
            return replace(backlog, page=token)
        if backlog.phase + 1 >= len(self._parts):
            return None
        return replace(backlog, phase=backlog.phase + 1, page="", is_heads_only=False)

    def _ask(self, part: Part, label: str, page: str, size: int) -> dict[str, Any]:
        request = (
            self._client.api.users()
            .messages()
            .list(
                userId="me",
                q=self._query(part),
                labelIds=label or None,
                maxResults=size,
                pageToken=page or None,
                fields=_MASK,
            )
        )
        try:
            return self._client.ask(request, units=LIST_UNITS)
        except Refused as refused:
            if refused.status == 400 and page:
                raise CursorExpired("Gmail has forgotten where the list went on") from None
            raise explain_refusal(refused) from None

    def _query(self, part: Part) -> str | None:
        if not part.query or self._since <= EARLIEST:
            return part.query or None
        return f"{part.query} after:{int((self._since - MARGIN).timestamp())}"

    def _has_told(self, uid: str) -> bool:
        """Ask whether an earlier part has told of a message; learn them all at the first question.

        A list of ids costs a hundredth of a unit each, a message 20.
        """
        if self._told is None:
            self._told = array("Q", sorted(self._list_told()))
        key = _key(uid)
        at = bisect_left(self._told, key)
        return at < len(self._told) and self._told[at] == key

    def _list_told(self) -> Iterator[int]:
        n_listed = 0
        for label in _TOLD:
            page, seen = "", set[str]()
            while n_listed < KNOWN_LIMIT:
                found = self._ask(Part(), label, page, LARGEST_LIST)
                for one in read_list(found, "messages"):
                    yield _key(read_id(one))
                    n_listed += 1
                page = turn_page(found, seen)
                if not page:
                    break


def _key(uid: str) -> int:
    """Return 64 bits of an id, which Gmail's own have anyway."""
    return int.from_bytes(blake2b(uid.encode(), digest_size=8).digest(), "big")
