"""Gmail's ids -> messages: each got once, with its text where that is likely to be wanted.

A get costs the same whatever it brings. So what is new enough for its text to be read is got in
full, once, and the text of what turns out to be a machine's is thrown away unread: bytes, but no
units. What is older, and what Google files under promotions, is got without its text; the few of
those whose text is wanted nevertheless are paid for twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.formats.answers import FIELDS as ANSWER_FIELDS
from connectors.formats.answers import is_answer
from connectors.formats.dates import LEEWAY
from connectors.formats.headers import read_headers
from connectors.formats.rfc5322 import Unreadable
from connectors.gmail.answers import not_understood, read_id
from connectors.gmail.letters import HEAD_MASK, TEXT_MASK, Letter, list_fields, read_letter
from connectors.gmail.quota import GET_UNITS
from connectors.google.errors import Refused
from connectors.observations import Message
from connectors.protocol import Reading, Rejected
from connectors.wanted import TextRule

if TYPE_CHECKING:
    from connectors.google.client import Client

_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of some ids, and between which instants Gmail took them all."""

    messages: tuple[Message, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    oldest_at: datetime | None = None
    newest_at: datetime | None = None


class Fetcher:
    """Gets messages of one mailbox, as far as the permissions and the rule allow."""

    def __init__(self, client: "Client", rule: TextRule, *, since: datetime, size: int) -> None:
        """Remember how to read.

        Args:
            client: Of the account.
            rule: Whose text is read.
            since: Older messages are not reported.
            size: Messages got at once.
        """
        self._client, self._rule, self._since, self._size = client, rule, since, size
        self._fields = list_fields(is_with_subject=rule.reading is not Reading.HEADERS)

    def read(
        self, uids: Sequence[str], *, is_heads_only: bool, but: frozenset[str] = frozenset()
    ) -> Page:
        """Read the messages with these ids; those that have gone meanwhile are passed over.

        Args:
            uids: Any number.
            is_heads_only: Whether they are older than what is read of text.
            but: Labels of messages that are passed over too.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As the client does.
        """
        is_full = self._rule.reading is Reading.TEXT and not is_heads_only
        found, rejected = self._get(uids, is_full=is_full)
        letters = [one for one in found if not one.is_passed_over and but.isdisjoint(one.labels)]
        messages: dict[str, Message] = {}
        wanted: list[Letter] = []
        for letter in letters:
            try:
                messages[letter.uid] = message = letter.read(self._head_reading, None)
            except Unreadable as error:
                rejected += self._reject(letter, str(error))
                continue
            if self._wants_text_of(letter, message):
                wanted.append(letter)
        for letter in wanted if is_full else self._get_in_full(wanted):
            self._add_text(letter, messages)
        recent = (one for one in messages.values() if one.sent_at >= self._since)
        instants = [letter.received_at for letter in found if letter.received_at]
        oldest_at, newest_at = min(instants, default=None), max(instants, default=None)
        return Page(tuple(recent), tuple(rejected), oldest_at, newest_at)

    @property
    def _head_reading(self) -> Reading:
        return min(self._rule.reading, Reading.SUBJECTS, key=list(Reading).index)

    def _wants_text_of(self, letter: Letter, message: Message) -> bool:
        """Ask whether its text is wanted, and may be read.

        What answers a digest may hold commands: it is read, old or not, as far as the
        permissions go, and those of headers and subjects do not go so far.
        """
        if self._rule.reading is not Reading.TEXT or message.sent_at < self._since:
            return False
        if is_answer(read_headers(letter.raw, ANSWER_FIELDS)):
            return True
        return self._rule.wants_text_of(message)

    def _reject(self, letter: Letter, reason: str) -> list[Rejected]:
        """Set aside what cannot be read, unless it is older than what is read at all."""
        is_old = letter.received_at is not None and letter.received_at < self._since - LEEWAY
        return [] if is_old else [Rejected(letter.uid, reason)]

    def _get_in_full(self, letters: Sequence[Letter]) -> list[Letter]:
        # What is refused now was read in part: who wrote to whom is known.
        return self._get([letter.uid for letter in letters], is_full=True)[0] if letters else []

    def _add_text(self, letter: Letter, messages: dict[str, Message]) -> None:
        try:
            messages[letter.uid] = letter.read(Reading.TEXT, self._rule.text_since)
        except Unreadable:
            # Its head could be read: who wrote to whom is known, and what was said is not.
            return

    def _get(self, uids: Sequence[str], *, is_full: bool) -> tuple[list[Letter], list[Rejected]]:
        letters: list[Letter] = []
        rejected: list[Rejected] = []
        # Measured: to make the library name its methods takes 9 ms, to make a request 0.2 ms.
        messages = self._client.api.users().messages() if uids else None
        for some in _split(uids, self._size):
            requests = {uid: self._request(messages, uid, is_full=is_full) for uid in some}
            answers = self._client.ask_all(requests, units=GET_UNITS)
            letters += (read_letter(uid, found) for uid, found in _given(answers, some))
            rejected += _refused(answers)
        return letters, rejected

    def _request(self, messages: Any, uid: str, *, is_full: bool) -> Any:
        if is_full:
            return messages.get(userId="me", id=uid, format="full", fields=TEXT_MASK)
        return messages.get(
            userId="me", id=uid, format="metadata", metadataHeaders=self._fields, fields=HEAD_MASK
        )


def _split(uids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))


def _given(
    answers: Mapping[str, dict[str, Any] | Refused], uids: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for uid in uids:
        found = answers[uid]
        if isinstance(found, Refused):
            continue
        if read_id(found) != uid:
            raise not_understood()
        yield uid, found


def _refused(answers: Mapping[str, dict[str, Any] | Refused]) -> Iterator[Rejected]:
    for uid, found in answers.items():
        if isinstance(found, Refused) and found.status not in _GONE:
            yield Rejected(uid, f"the service does not give it out ({found.status})")
