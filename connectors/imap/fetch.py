"""UIDs of the open folder -> messages: the heads first, then the text of those that matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.formats.answers import FIELDS as ANSWER_FIELDS
from connectors.formats.answers import is_answer
from connectors.formats.headers import BLOCK_LIMIT, read_headers
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.imap.naming import name_message
from connectors.imap.session import Refused, Session
from connectors.observations import Folder, Message
from connectors.protocol import Reading, Rejected
from connectors.wanted import TextRule

TEXT_BYTES = 256 * 1024
"""Bytes of a body that are fetched: as many as are decoded of plain text.

Source: ``connectors.formats.bodies``.
"""
TEXTS_AT_ONCE = 4 * 1024 * 1024
"""Bytes of bodies asked for in one command."""
_HEAD = f"UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.{BLOCK_LIMIT}>"
_TEXT = f"(UID BODY.PEEK[TEXT]<0.{TEXT_BYTES}>)"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one message, and what the server knows about it."""

    uid: int
    name: str
    block: bytes
    size: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of some UIDs, and how many bytes of text that took."""

    messages: tuple[Message, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    n_bytes: int = 0


class Fetcher:
    """Reads messages of one folder."""

    def __init__(
        self,
        session: Session,
        folder: Folder,
        rule: TextRule,
        *,
        since: datetime,
        where: str,
        is_with_labels: bool = False,
    ) -> None:
        """Remember how to read.

        Args:
            session: Signed in, with the folder open.
            folder: What kind of folder it is.
            rule: Whose text is fetched.
            since: Older messages are not reported.
            where: A name of the folder, for messages that have none themselves.
            is_with_labels: Whether to pass over what has Gmail's label for sent mail.
        """
        self._session, self._folder, self._rule = session, folder, rule
        self._since, self._where = since, where
        self._items = f"({_HEAD} X-GM-LABELS)" if is_with_labels else f"({_HEAD})"

    def read(self, uids: Sequence[int]) -> Page:
        """Read the messages with these UIDs; those expunged meanwhile are passed over.

        Args:
            uids: Any number, at least one.

        Raises:
            Unavailable: As the session does.
        """
        found, rejected = self._fetch_heads(uids)
        messages: dict[int, Message] = {}
        wanted: list[Head] = []
        for head in found:
            try:
                messages[head.uid] = message = self._parse(head, head.block, self._head_reading)
            except Unreadable as error:
                rejected.append(Rejected(head.name, str(error)))
                continue
            if self._wants_text_of(message, head):
                wanted.append(head)
        n_bytes = 0
        for some in _groups(wanted):
            n_bytes += self._add_texts(some, messages)
        recent = (message for message in messages.values() if message.sent_at >= self._since)
        return Page(tuple(recent), tuple(rejected), n_bytes)

    @property
    def _head_reading(self) -> Reading:
        return min(self._rule.reading, Reading.SUBJECTS, key=list(Reading).index)

    def _wants_text_of(self, message: Message, head: Head) -> bool:
        if message.sent_at < self._since:
            return False
        # What answers a digest may hold commands: it is read at every reading level.
        is_reply = is_answer(read_headers(head.block, ANSWER_FIELDS))
        return is_reply or self._rule.wants_text_of(message)

    def _fetch_heads(self, uids: Sequence[int]) -> tuple[list[Head], list[Rejected]]:
        rejected: list[Rejected] = []
        try:
            found = self._session.fetch(uids, self._items)
        except Refused:
            found, rejected = self._fetch_one_by_one(uids)
        heads = (
            _read_head(uid, item, self._folder)
            for uid, item in sorted(found.items(), reverse=True)
            if not _is_sent(item)
        )
        wanted = set(uids)
        return [head for head in heads if head and head.uid in wanted], rejected

    def _fetch_one_by_one(
        self, uids: Sequence[int]
    ) -> tuple[dict[int, dict[bytes, Any]], list[Rejected]]:
        """Find out which message the server does not give out; the others are read."""
        found: dict[int, dict[bytes, Any]] = {}
        rejected: list[Rejected] = []
        for uid in uids:
            try:
                found |= self._session.fetch([uid], self._items)
            except Refused:
                if self._session.uids_between(uid, uid):
                    name = f"{self._where}-{uid}"
                    rejected.append(Rejected(name, "the server does not give it out"))
        return found, rejected

    def _add_texts(self, heads: Sequence[Head], messages: dict[int, Message]) -> int:
        try:
            found = self._session.fetch([head.uid for head in heads], _TEXT)
        except Refused:
            return 0
        n_bytes = 0
        for head in heads:
            text = _section(found.get(head.uid, {}), b"BODY[TEXT]")
            if text is not None:
                n_bytes += len(text)
                self._add_text(head, text, messages)
        return n_bytes

    def _add_text(self, head: Head, text: bytes, messages: dict[int, Message]) -> None:
        is_cut = len(head.block) >= BLOCK_LIMIT
        raw = head.block + (b"\r\n\r\n" if is_cut else b"") + text
        try:
            messages[head.uid] = self._parse(head, raw, self._text_reading)
        except Unreadable:
            # Its head could be read: who wrote to whom is known, and what was said is not.
            return

    @property
    def _text_reading(self) -> Reading:
        return self._rule.reading

    def _parse(self, head: Head, raw: bytes, reading: Reading) -> Message:
        return read_message(
            raw,
            uid=head.name,
            received_at=head.received_at,
            reading=reading,
            text_since=self._rule.text_since,
            folder=self._folder,
        )


def _read_head(uid: int, item: dict[bytes, Any], folder: Folder) -> Head | None:
    """Return the head, or None where the server had nothing to give (RFC 2180 section 4.1)."""
    block = _section(item, b"BODY[HEADER]")
    if not block:
        return None
    size, received_at = item.get(b"RFC822.SIZE"), item.get(b"INTERNALDATE")
    n_bytes = size if isinstance(size, int) else 0
    name = name_message(block, n_bytes, folder)
    return Head(uid, name, block, n_bytes, received_at)


def _section(item: dict[bytes, Any], name: bytes) -> bytes | None:
    """Find a section under its name, which ends in the offset where the server names it."""
    value = item.get(name + b"<0>", item.get(name))
    if isinstance(value, int):  # the parser takes a short text of digits for a number
        return b"%d" % value
    return value if isinstance(value, bytes) else None


def _is_sent(item: dict[bytes, Any]) -> bool:
    """Ask whether it has Gmail's label for sent mail, which is read from its own folder."""
    labels = item.get(b"X-GM-LABELS")
    return isinstance(labels, tuple) and any(
        isinstance(label, bytes) and label.strip(b"\\").lower() == b"sent" for label in labels
    )


def _groups(heads: Sequence[Head]) -> Iterator[list[Head]]:
    """Part ``heads`` so that the texts of a group come to TEXTS_AT_ONCE bytes or so."""
    group: list[Head] = []
    n_bytes = 0
    for head in heads:
        expected = min(head.size, TEXT_BYTES) or TEXT_BYTES
        if group and n_bytes + expected > TEXTS_AT_ONCE:
            yield group
            group, n_bytes = [], 0
        group.append(head)
        n_bytes += expected
    if group:
        yield group
