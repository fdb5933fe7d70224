"""What a message of the made-up year is, before it becomes bytes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from daemon.demo.people import Who


class Place(StrEnum):
    """The folder of the mailbox a message lies in."""

    INBOX = "inbox"
    SENT = "sent"
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. ``at`` is the instant it was sent, timezone-aware.

    ``headers`` are added as they are; ``html`` makes it multipart/alternative; ``report``
    makes it a delivery report on that address.
    """

    at: datetime
    author: Who
    to: tuple[Who, ...]
    subject: str
    text: str
    message_id: str
    cc: tuple[Who, ...] = ()
    references: tuple[str, ...] = ()
    place: Place = Place.INBOX
    headers: tuple[tuple[str, str], ...] = ()
    html: str = ""
    report: str = ""


def answer(asked: Letter, letter: Letter) -> Letter:
    """Return ``letter`` as an answer: threaded, with "Re:", the other quoted below.

    Source: RFC 5322 section 3.6.4 (In-Reply-To and References).
    """
    return replace(
        letter,
        subject=asked.subject if asked.subject.startswith("Re: ") else f"Re: {asked.subject}",
        text=f"{letter.text}\n{_quote(asked)}",
        references=(*asked.references, asked.message_id),
    )


def _quote(letter: Letter) -> str:
    said = f"On {letter.at:%a, %d %b %Y at %H:%M}, {letter.author.name} wrote:"
    # What was quoted there already is left out, as most people's mail programs do by now.
    own = letter.text.split("\nOn ", 1)[0].rstrip()
    return "\n".join((said, *(f"> {line}".rstrip() for line in own.splitlines()))) + "\n"
