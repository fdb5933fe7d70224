"""What a connector may report: messages, events, cards, articles, and that one has gone.

All instants are timezone-aware and in UTC. ``uid`` names an item within one source and
never changes; reporting the same ``uid`` again replaces what was known of it. Every
string is free of NUL, C0/C1 controls (line feeds in ``Message.text`` excepted) and lone
surrogates, and bounded in length.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Role(StrEnum):
    """The header field an address was found in (RFC 5322 section 3.6.3)."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"


class Folder(StrEnum):
    """What the source says about where a message lies; OTHER where it says nothing."""

    SENT = "sent"
    DRAFTS = "drafts"
    SPAM = "spam"
    TRASH = "trash"
    OTHER = "other"


class Mark(StrEnum):
    """A header or structure that machines write and people seldom do.

    A mark is a fact about the message, not a verdict: whether a message counts as
    automated is decided by ``daemon.interactions.automated``.
    """

    AUTO_SUBMITTED = "auto-submitted"  # Auto-Submitted present and not "no" (RFC 3834)
    LIST = "list"  # List-Id, List-Post, X-Mailing-List, X-BeenThere or Precedence: list
    UNSUBSCRIBE = "unsubscribe"  # List-Unsubscribe (RFC 2369)
    BULK = "bulk"  # Precedence: bulk or junk
    SUPPRESS = "suppress"  # X-Auto-Response-Suppress, X-Autoreply, X-Autorespond
    NULL_SENDER = "null-sender"  # Return-Path: <>
    FAILED = "failed"  # X-Failed-Recipients
    REPORT = "report"  # multipart/report, or a message/delivery-status part
    FEEDBACK = "feedback"  # Feedback-ID, or a message/feedback-report part
    NO_REPLY = "no-reply"  # the author's local part names a machine: no-reply, mailer-daemon
    MANY_AUTHORS = "many-authors"  # not exactly one From field with one address
    KITHD = "kithd"  # written by this program


@dataclass(frozen=True, slots=True)
class Address:
    """An addr-spec, lower-cased and with an IDNA-decoded domain, and the name beside it."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address and the role it was given."""

    address: Address
    role: Role


@dataclass(frozen=True, slots=True)
class Link:
    """A web address in a message, the words it stood on, and the sentence around them."""

    url: str
    title: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message's envelope, and for as long as it is in memory, what it says.

    ``text`` and ``links`` are read for cues and never stored. ``text`` is the plain text
    of the body, quotes and signature included, at most 64 KiB. ``lists`` holds the
    addresses of the mailing lists that the headers name. ``references`` is ordered
    oldest first, at most 20, without ``message_id``. ``authentication`` holds the values of
    the Authentication-Results fields (RFC 8601), topmost first, at most 10; it is looked at
    while in memory, like the text, and never stored.
    """

    uid: str
    sent_at: datetime
    author: Address
    recipients: tuple[Recipient, ...] = ()
    subject: str = ""
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    marks: frozenset[Mark] = frozenset()
    folder: Folder = Folder.OTHER
    n_attachments: int = 0
    text: str = ""
    links: tuple[Link, ...] = ()
    authentication: tuple[str, ...] = ()


class Answer(StrEnum):
    """What an attendee answered (RFC 5545 section 3.2.12)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody or something invited. Rooms and resources are not people."""

    address: Address
    answer: Answer = Answer.NONE
    is_person: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence of a calendar event.

    ``known_at`` is when the calendar first held it, where the calendar says so; else it
    equals ``starts_at`` for past knowledge's sake. ``attendees`` excludes nobody, the
    organizer may be among them. ``is_free`` is TRANSP:TRANSPARENT.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    known_at: datetime
    organizer: Address | None = None
    attendees: tuple[Attendee, ...] = ()
    summary: str = ""
    location: str = ""
    is_cancelled: bool = False
    is_all_day: bool = False
    is_free: bool = False
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year, and the year of birth where it is known. 29 February is allowed."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One person in an address book."""

    uid: str
    name: str
    emails: tuple[str, ...] = ()
    birthday: Birthday | None = None
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of a feed: something that could be given to somebody."""

    uid: str
    url: str
    title: str
    published_at: datetime
    summary: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The item was deleted at the source. (A cancelled event is an Event, cancelled.)

    With ``is_prefix`` every item is meant whose uid begins with ``uid``, but for those that
    the same batch reports: what is left of a series when it changes, and when it is deleted
    and nobody remembers how often it took place.
    """

    uid: str
    is_prefix: bool = False


Observation: TypeAlias = Message | Event | Card | Article | Gone
