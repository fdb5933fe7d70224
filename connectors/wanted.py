"""The head of a message -> whether its text is worth fetching."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.observations import Folder, Mark, Message
from connectors.protocol import Reading

NEWSLETTERS = timedelta(days=45)
"""How old newsletters may be whose text is fetched: older articles are no news."""

_MACHINE = frozenset(
    {
        Mark.AUTO_SUBMITTED,
        Mark.SUPPRESS,
        Mark.NULL_SENDER,
        Mark.FAILED,
        Mark.REPORT,
        Mark.FEEDBACK,
        Mark.NO_REPLY,
        Mark.KITHD,
    }
)
_TO_MANY = frozenset({Mark.LIST, Mark.UNSUBSCRIBE, Mark.BULK})


@dataclass(frozen=True, slots=True)
class TextRule:
    """Whose text is fetched.

    Attributes:
        reading: Text is fetched at TEXT only.
        text_since: Older text is not fetched; None for no bound.
        newsletters_since: Newsletters' text is fetched if they are not older; None for never.
    """

    reading: Reading
    text_since: datetime | None = None
    newsletters_since: datetime | None = None

    def wants_text_of(self, message: Message) -> bool:
        """Ask whether the text of ``message``, of which the head was read, is to be fetched."""
        if self.reading is not Reading.TEXT or self._is_old(message):
            return False
        if message.folder is Folder.SENT or is_personal(message):
            return True
        since = self.newsletters_since
        return since is not None and message.sent_at >= since and is_newsletter(message)

    def _is_old(self, message: Message) -> bool:
        return self.text_since is not None and message.sent_at < self.text_since


def is_personal(message: Message) -> bool:
    """Ask whether a person may have written it to people, judged by its head.

    A person who writes through a list is a person: what answers something, is sent to the
    list's address, or at least offers no way to unsubscribe, and names somebody besides the
    list, is people's mail. Source: design notes, automated mail.
    """
    if _MACHINE & message.marks:
        return False
    if not _TO_MANY & message.marks and message.author.email not in message.lists:
        return True
    named = {recipient.address.email for recipient in message.recipients}
    is_answer = bool(message.in_reply_to or message.references)
    is_talk = is_answer or not named.isdisjoint(message.lists)
    return (is_talk or Mark.UNSUBSCRIBE not in message.marks) and not named <= {*message.lists}


def is_newsletter(message: Message) -> bool:
    """Ask whether it is mail to many that can be unsubscribed, and no machine's report."""
    return Mark.UNSUBSCRIBE in message.marks and not _MACHINE & message.marks
