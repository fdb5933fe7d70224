"""The folders of a mailbox at Microsoft -> messages, by Graph's delta query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from urllib.parse import quote, urlencode

from connectors.document import Outcome
from connectors.formats.answers import FIELDS as ANSWER_FIELDS
from connectors.formats.answers import is_answer
from connectors.formats.headers import read_headers
from connectors.formats.identifiers import REFERENCES_LIMIT
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.graph.client import Graph, Item
from connectors.graph.cursors import key_of
from connectors.graph.deltas import Collection
from connectors.graph.folders import Listed, list_folders
from connectors.graph.letters import KEPT, Fields, read_fields, write_head, write_letter
from connectors.graph.settings import GraphSettings
from connectors.graph.troubles import Absent
from connectors.graph.values import instant_in, is_true, uid_of
from connectors.observations import Folder, Mark, Message
from connectors.protocol import Reading, Rejected
from connectors.wanted import TextRule, is_newsletter

_ALWAYS = (
    "internetMessageId", "conversationId", "from", "sender", "toRecipients", "ccRecipients",
    "bccRecipients", "sentDateTime", "receivedDateTime", "isDraft",
)  # fmt: skip
"""What every message has, if only as null; one that lacks some of it is told of in part."""
_BESIDES = ("subject", "hasAttachments", "internetMessageHeaders")

_TO_MANY = frozenset({Mark.LIST, Mark.UNSUBSCRIBE, Mark.BULK})


class MailReader:
    """Reads the messages of all folders that are worth it.

    A message is named by its immutable ID, so it stays itself when it is moved. That one was
    deleted is not reported: it was written all the same.
    """

    def __init__(
        self, graph: Graph, settings: GraphSettings, rule: TextRule, *, since: datetime
    ) -> None:
        """Remember what to read; older messages than ``since`` are not reported."""
        self._graph, self._settings, self._rule = graph, settings, rule
        self._since = since
        self._select = f"$select={','.join(_ALWAYS + _BESIDES)}"

    def collections(self) -> list[Collection]:
        """List the folders that hold messages; what is empty costs nothing and keeps no token.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As all of ``graph`` does.
        """
        folders = list_folders(self._graph, self._settings.skip)
        return [self._collection(folder) for folder in folders if folder.n_items]

    def _collection(self, folder: Listed) -> Collection:
        # No $filter: it would cut a folder off at 5,000 messages. Source: Graph, "message: delta".
        order = urlencode({"$orderby": "receivedDateTime desc"}, quote_via=quote, safe="$")
        return Collection(
            key=key_of("mail", folder.key),
            path=f"/me/mailFolders/{quote(folder.key, safe='')}/messages/delta",
            first=f"{self._select}&{order}",
            read=partial(self._read, folder.kind),
            prefer=(f"odata.maxpagesize={self._settings.page}",),
            n_items=folder.n_items,
            unit="messages",
        )

    def _read(self, folder: Folder, items: Sequence[Item], _is_first: bool) -> Outcome:
        """Read a page; of a message that is in it twice, what was said last."""
        messages: dict[str, Message] = {}
        rejected: dict[str, Rejected] = {}
        for item in self._whole(items):
            uid = uid_of(item)
            try:
                letter = _Letter.read(item, uid, folder, self._rule)
            except Unreadable as reason:
                rejected[uid] = Rejected(uid, str(reason))
                continue
            if letter.message.sent_at >= self._since:
                messages[uid] = self._finish(letter)
        return Outcome([*messages.values()], [*rejected.values()])

    def _whole(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield what is told whole, and the rest after asking for all of it.

        Source: Graph, "Use delta query": an item that was updated comes with at least what
        has changed. Measured by others: one that was marked as read, with nothing else. One
        that was deleted comes with nothing at all, and so is passed over.
        """
        for item in items:
            if not all(name in item for name in _ALWAYS):
                is_read = any(name in item for name in _ALWAYS + _BESIDES)
                found = self._ask_for(item) if is_read else None
                if found is None:
                    continue
                item = found
            if not is_true(item, "isDraft"):
                yield item

    def _finish(self, letter: "_Letter") -> Message:
        message = letter.message
        if letter.wants_text(self._rule):
            message = self._with_text(letter)
        return _in_conversation(message, letter.conversation)

    def _with_text(self, letter: "_Letter") -> Message:
        """Fetch the text, and for sent mail the fields that are kept, which come with it alone.

        A newsletter is read as the page that it is: there its links have titles.
        """
        kind = "html" if is_newsletter(letter.message) else "text"
        query = "$select=id,body"
        if letter.message.folder is Folder.SENT:
            wanted = quote(" or ".join(f"id eq '{one}'" for one in KEPT), safe="'")
            query += f"&$expand=singleValueExtendedProperties($filter={wanted})"
        prefer = (f'outlook.body-content-type="{kind}"',)
        try:
            found = self._graph.get_item(_path(letter.item), query, prefer=prefer)
        except Absent:
            return letter.message
        return letter.with_text(found, self._rule)

    def _ask_for(self, item: Item) -> Item | None:
        try:
            return self._graph.get_item(_path(item), self._select)
        except Absent:
            return None


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message whose head was read."""

    item: Item
    fields: Fields
    message: Message

    @classmethod
    def read(cls, item: Item, uid: str, folder: Folder, rule: TextRule) -> "_Letter":
        """Read the head, as far as the rule lets.

        Raises:
            Unreadable: Nobody, or no time, is named.
        """
        fields = read_fields(item)
        message = read_message(
            write_head(fields),
            uid=uid,
            received_at=instant_in(item, "receivedDateTime"),
            reading=min(rule.reading, Reading.SUBJECTS, key=[*Reading].index),
            folder=folder,
        )
        n_attachments = int(rule.reading is Reading.TEXT and is_true(item, "hasAttachments"))
        return cls(item, fields, replace(message, text="", links=(), n_attachments=n_attachments))

    @property
    def conversation(self) -> str:
        """What Microsoft calls the conversation."""
        return str(self.item.get("conversationId") or "")

    def wants_text(self, rule: TextRule) -> bool:
        """Ask whether the text is to be fetched; that of what answers a digest holds commands."""
        if rule.reading is not Reading.TEXT:
            return False
        headers = read_headers(write_head(self.fields), ANSWER_FIELDS)
        return is_answer(headers) or rule.wants_text_of(self.message)

    def with_text(self, found: Item, rule: TextRule) -> Message:
        """Return the message with the text of ``found``, what it answers, and whose it is."""
        try:
            whole = read_message(
                write_letter(self.fields, found),
                uid=self.message.uid,
                received_at=instant_in(self.item, "receivedDateTime"),
                reading=rule.reading,
                text_since=rule.text_since,
            )
        except Unreadable:
            # Its head could be read: who wrote to whom is known, and what was said is not.
            return self.message
        return replace(
            self.message,
            text=whole.text,
            links=whole.links,
            in_reply_to=whole.in_reply_to,
            references=self.message.references or whole.references,
            marks=self.message.marks | (whole.marks & {Mark.KITHD}),
        )


def _in_conversation(message: Message, conversation: str) -> Message:
    """Name the conversation as the oldest of the messages that are referred to.

    Sent mail at Microsoft says neither In-Reply-To nor References, so nothing else ties an
    answer to what it answers. Mail to many is left as it is: there, a reference tells talk
    from announcements.
    """
    if not conversation or message.lists or not _TO_MANY.isdisjoint(message.marks):
        return message
    name = f"{sha256(conversation.encode('utf-8', 'replace')).hexdigest()[:32]}@graph.invalid"
    known = message.references
    kept = known if len(known) < REFERENCES_LIMIT else (known[0], *known[2:])
    return replace(message, references=(name, *kept))


def _path(item: Item) -> str:
    return f"/me/messages/{quote(item['id'], safe='')}"
