"""How the owner of a story answers a digest: in the ways of several mail programs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime


@dataclass(frozen=True)
class Mail:
    """One mail by kithd, as the owner reads it."""

    message: EmailMessage

    @classmethod
    def of(cls, raw: bytes) -> "Mail":
        return cls(message_from_bytes(raw, policy=policy.default))

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def is_digest(self) -> bool:
        """Whether it is a digest, and no answer to the owner."""
        return str(self.message["Auto-Submitted"]) == "auto-generated"

    @property
    def on(self) -> date:
        """The day of a digest. Some services give it another Message-ID: then it refers to it."""
        names = f"{self.message_id} {self.message['References']}"
        found = re.search(r"<kithd\.(\d{4}-\d\d-\d\d)\.", names)
        assert found, names
        return date.fromisoformat(found[1])

    @property
    def n_items(self) -> int:
        return len(re.findall(r"(?m)^\d+\. \S", self.text))


def answer(mail: Mail, words: str, *, at: datetime, me: str, n: int) -> bytes:
    """Return the n-th answer to ``mail``: the words, and below them what mail programs add."""
    head = [
        f"From: Robin Maier <{me}>",
        f"To: {mail.message['Reply-To'] or me}",
        f"Subject: Re: {mail.message['Subject']}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <answer-{n}@mail.example.org>",
        f"In-Reply-To: {mail.message_id}",
        f"References: {' '.join(filter(None, (mail.message['References'], mail.message_id)))}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    below = _QUOTES[n % len(_QUOTES)](mail, at)
    text = "\n".join([*head, "", words, "", below, ""])
    return re.sub(r"\r?\n", "\r\n", text).encode()


def _quoted(mail: Mail) -> str:
    return "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())


def _like_thunderbird(mail: Mail, at: datetime) -> str:
    return f"On {at:%d/%m/%Y %H:%M}, kithd wrote:\n{_quoted(mail)}"


def _like_gmail(mail: Mail, at: datetime) -> str:
    return f"On {at:%a, %b %d, %Y at %I:%M %p} kithd <robin@example.org>\nwrote:\n\n{_quoted(mail)}"


def _like_outlook(mail: Mail, at: datetime) -> str:
    rule = "_" * 32
    return (
        f"{rule}\nFrom: kithd <robin@example.org>\nSent: {at:%A, %B %d, %Y %I:%M %p}\n"
        f"To: Robin Maier\nSubject: {mail.message['Subject']}\n\n{mail.text}"
    )


def _like_a_telephone(mail: Mail, at: datetime) -> str:
    return f"Sent from my iPhone\n\n> On {at:%d %b %Y}, at 07:00, kithd wrote:\n>\n{_quoted(mail)}"


_QUOTES: tuple[Callable[[Mail, datetime], str], ...] = (
    _like_thunderbird,
    _like_gmail,
    _like_outlook,
    _like_a_telephone,
)
