"""Changes in a folder of mail -> messages: their heads first, then the texts that are wanted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lxml import etree

from connectors.document import Outcome
from connectors.exchange.elements import TYPES, instant_of, is_set, named_after, number_of, text_of
from connectors.exchange.folders import Listed
from connectors.exchange.heads import FIELDS, head_of, name_message, with_text
from connectors.exchange.server import Change, Found, Server, fields_of
from connectors.formats.answers import FIELDS as ANSWER_FIELDS
from connectors.formats.answers import is_answer
from connectors.formats.headers import read_headers
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.observations import Folder, Message
from connectors.protocol import Reading, Rejected
from connectors.wanted import TextRule

TEXTS_AT_ONCE = 4 * 1024 * 1024
"""Bytes of messages whose texts are asked for in one request."""

_HEAD = fields_of("message", *FIELDS)
_TEXT = fields_of("message", "text_body", "attachments")
_MARGIN = timedelta(days=1)  # Whoever sent it may have a clock that is fast.


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of one message, what it is called, and how to ask for the rest."""

    id: str
    name: str
    block: bytes
    size: int
    received_at: datetime | None


@dataclass(slots=True)
class _Page:
    """What was read so far; a message met twice is in it once."""

    messages: dict[str, Message] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    wanted: list[_Head] = field(default_factory=list)

    def reject(self, name: str, problem: str) -> None:
        """Set aside what cannot be read."""
        self.rejected[name] = Rejected(name, problem)


class MailReader:
    """Reads what comes into folders of mail.

    That a message was changed or deleted is not told: it was written all the same.
    """

    listed = fields_of("message", "datetime_received")

    def __init__(self, server: Server, rule: TextRule, *, since: datetime) -> None:
        """Remember whose text is wanted; what was sent before ``since`` is left out."""
        self._server, self._rule, self._since = server, rule, since

    def read(self, folder: Listed, changes: Sequence[Change]) -> Outcome:
        """Report the messages that ``changes`` say are new to the folder."""
        new = [one.id for one in changes if one.kind == "Create" and self._is_recent(one)]
        page = _Page()
        for found in self._server.items(new, _HEAD):
            self._add_head(found, folder.kind, page)
        for some in _groups(page.wanted):
            self._add_texts(some, folder.kind, page)
        recent = [one for one in page.messages.values() if one.sent_at >= self._since]
        return Outcome(recent, [*page.rejected.values()])

    def _is_recent(self, change: Change) -> bool:
        received_at = instant_of(change.item, "DateTimeReceived")
        return received_at is None or received_at + _MARGIN >= self._since

    def _add_head(self, found: Found, kind: Folder, page: _Page) -> None:
        if found.problem:
            return page.reject(f"mail-{named_after(found.id)}", found.problem)
        if found.item is None:
            return None  # it was deleted or moved since
        head = _read_head(found.id, found.item, kind)
        try:
            message = self._parse(head, head.block, kind, self._head_reading)
        except Unreadable as error:
            return page.reject(head.name, str(error))
        page.messages[head.name] = message
        if self._wants_text_of(message, head):
            page.wanted.append(head)
        return None

    @property
    def _head_reading(self) -> Reading:
        return min(self._rule.reading, Reading.SUBJECTS, key=list(Reading).index)

    def _wants_text_of(self, message: Message, head: _Head) -> bool:
        if message.sent_at < self._since:
            return False
        # What answers a digest may hold commands: it is read at every reading level.
        is_reply = is_answer(read_headers(head.block, ANSWER_FIELDS))
        return is_reply or self._rule.wants_text_of(message)

    def _add_texts(self, heads: Sequence[_Head], kind: Folder, page: _Page) -> None:
        found = self._server.items([head.id for head in heads], _TEXT)
        for head, answer in zip(heads, found, strict=True):
            if answer.item is not None:
                page.messages[head.name] = self._with_text(
                    head, answer.item, kind, page.messages[head.name]
                )

    def _with_text(
        self, head: _Head, item: etree._Element, kind: Folder, known: Message
    ) -> Message:
        """Return the message with its text; what its own structure gave away is kept."""
        raw = with_text(head.block, text_of(item, "TextBody"))
        try:
            message = self._parse(head, raw, kind, self._rule.reading)
        except Unreadable:
            return known
        attached = item.iterfind(f"{TYPES}Attachments/*")
        return replace(
            message,
            marks=message.marks | known.marks,
            n_attachments=sum(not is_set(one, "IsInline") for one in attached),
        )

    def _parse(self, head: _Head, raw: bytes, kind: Folder, reading: Reading) -> Message:
        return read_message(
            raw,
            uid=head.name,
            received_at=head.received_at,
            reading=reading,
            text_since=self._rule.text_since,
            folder=kind,
        )


def _read_head(name: str, item: etree._Element, kind: Folder) -> _Head:
    block = head_of(item)
    return _Head(
        name,
        name_message(block, kind),
        block,
        number_of(item, "Size"),
        instant_of(item, "DateTimeReceived"),
    )


def _groups(heads: Iterable[_Head]) -> Iterator[list[_Head]]:
    """Part ``heads`` so that the messages of a group come to TEXTS_AT_ONCE bytes or so."""
    group: list[_Head] = []
    n_bytes = 0
    for head in heads:
        if group and n_bytes + head.size > TEXTS_AT_ONCE:
            yield group
            group, n_bytes = [], 0
        group.append(head)
        n_bytes += head.size
    if group:
        yield group
