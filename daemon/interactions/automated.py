"""A message's marks -> whether a person wrote it, a machine did, or a list passed it on."""

from enum import StrEnum

from connectors.observations import Folder, Mark, Message


class Origin(StrEnum):
    """Who is behind a message."""

    PERSON = "person"
    LIST = "list"  # a person perhaps, through a mailing list or a bulk service
    MACHINE = "machine"


MACHINE_MARKS = frozenset(
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
"""Marks that only machines write.

Source: RFC 3834 section 5 (Auto-Submitted, null return path), RFC 3462 (multipart/report),
MS-OXCMAIL (X-Auto-Response-Suppress); measured by ``benchmarks.automated``.
"""

LIST_MARKS = frozenset({Mark.LIST, Mark.UNSUBSCRIBE, Mark.BULK})
"""Marks of mail sent to many: a machine's, or a person's through a list."""

UNREAD_FOLDERS = frozenset({Folder.DRAFTS, Folder.SPAM, Folder.TRASH})
"""Folders whose contents are no contact: not sent, not wanted, or thrown away."""


def classify(message: Message) -> Origin:
    """Return who is behind ``message``, judged by its marks alone.

    Never by domain: people with free-mail addresses are people. Whether list mail counts
    as contact is decided where the thread is known.
    """
    if message.marks & MACHINE_MARKS:
        return Origin.MACHINE
    if message.marks & LIST_MARKS or message.author.email in message.lists:
        return Origin.LIST
    return Origin.PERSON


def is_contact(message: Message) -> bool:
    """Return whether ``message`` lies where contact lies and was not written by kithd."""
    return message.folder not in UNREAD_FOLDERS and Mark.KITHD not in message.marks
