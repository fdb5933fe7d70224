"""The questions of setup, as data: what is asked, in which order, when, and what is proposed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.discovery.model import Server, Servers
from daemon.setup import screens

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known when a question is asked.

    ``said`` holds the answers so far, by key; ``zone``, ``name``, ``keep`` and ``sends`` are
    the machine's proposals.
    """

    said: Mapping[str, Any] = field(default_factory=dict)
    found: Servers = field(default_factory=Servers)
    zone: str = "UTC"
    name: str = ""
    keep: str = "file"

    @property
    def address(self) -> str:
        """The first address, or nothing while there is none."""
        return next(iter(self.said.get("addresses", ())), "")

    def is_found_right(self) -> bool:
        """Whether servers were found and the owner agrees to them."""
        return self.found.imap is not None and bool(self.said.get("found_is_right", True))


def _always(_: Draft) -> bool:
    return True


def _nothing(_: Draft) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        key: The answer's name: a field of ``Answers``, or one that only setup itself uses.
        asks: The question, in one line.
        explains: What is shown before it; empty for nothing.
        choices: What may be answered, each with a few words; empty where anything may.
        is_list: Whether several answers may be given, parted by commas.
        is_hidden: Whether what is typed is not shown.
        may_be_empty: Whether nothing, or "-", is an answer.
        is_asked: When to ask it at all.
        proposes: What Enter means, as text.
    """

    key: str
    asks: str
    explains: Callable[[Draft], str] = _nothing
    choices: tuple[tuple[str, str], ...] = ()
    is_list: bool = False
    is_hidden: bool = False
    may_be_empty: bool = False
    is_asked: Callable[[Draft], bool] = _always
    proposes: Callable[[Draft], str] = _nothing


def _yes(_: Draft) -> str:
    return YES


def _asks_for_servers(draft: Draft) -> bool:
    return not draft.is_found_right()


def _asks_how_to_send(draft: Draft) -> bool:
    return draft.said.get("deliver") == "smtp" and (
        not draft.is_found_right() or draft.found.smtp is None
    )


def _takes_password(draft: Draft) -> bool:
    return draft.found.sign_in == "password" or not draft.is_found_right()


def _port_of(server: Server | None, usual: int) -> str:
    return str(server.port if server else usual)


WHO = (
    Question(
        "addresses",
        "Your e-mail address (with more than one, part them by commas)",
        is_list=True,
    ),
    Question("name", "Your name, as you sign", may_be_empty=True, proposes=lambda d: d.name),
    Question("zone", "Your time zone", proposes=lambda d: d.zone),
    Question("digest_hour", "When shall your digest come, on workdays", proposes=lambda _: "07:00"),
)
"""Asked first; then the servers behind the first address are looked for."""

WHERE = (
    Question(
        "found_is_right",
        "Is that right",
        explains=lambda d: screens.servers(d.found),
        choices=((YES, ""), (NO, "")),
        is_asked=lambda d: d.found.imap is not None,
        proposes=_yes,
    ),
    Question(
        "mail_host",
        "The server your mail program reads from (IMAP)",
        explains=lambda _: screens.NOT_FOUND,
        is_asked=_asks_for_servers,
        proposes=lambda d: d.found.imap.host if d.found.imap else "",
    ),
    Question(
        "mail_security",
        "How is the connection protected",
        choices=(
            ("tls", "TLS from the first byte, the usual way"),
            ("starttls", "STARTTLS"),
            ("none", "not at all: only for a server on this machine"),
        ),
        is_asked=_asks_for_servers,
        proposes=lambda d: d.found.imap.security if d.found.imap else "tls",
    ),
    Question(
        "mail_port",
        "Its port",
        is_asked=_asks_for_servers,
        proposes=lambda d: _port_of(
            d.found.imap, 993 if d.said.get("mail_security", "tls") == "tls" else 143
        ),
    ),
    Question(
        "mail_user",
        "The name to sign in with",
        is_asked=_asks_for_servers,
        proposes=lambda d: (d.found.imap.user if d.found.imap else "") or d.address,
    ),
)

SECRET = (
    Question(
        "password",
        "The password (it is not shown as you type)",
        explains=lambda d: screens.password(d.found if d.is_found_right() else Servers()),
        is_hidden=True,
        is_asked=_takes_password,
    ),
    Question(
        "keep",
        "Where shall kithd keep it",
        choices=(
            ("file", "a file that only you may read, beside the settings"),
            ("keyring", "the keyring of your desktop"),
            ("credential", "an encrypted credential of systemd, for a service of the machine"),
        ),
        is_asked=_takes_password,
        proposes=lambda d: d.keep,
    ),
    Question(
        "secret",
        "Where an access token can be had, such as command:my-token-program",
        explains=lambda d: screens.password(d.found),
        is_asked=lambda d: not _takes_password(d),
    ),
)

READING = (
    Question(
        "read",
        "How far may kithd look",
        explains=lambda _: screens.LADDER,
        choices=(("headers", ""), ("subjects", ""), ("text", "")),
        proposes=lambda _: "text",
    ),
    Question(
        "newsletters",
        "Look into newsletters too, for articles worth passing on",
        choices=((YES, ""), (NO, "")),
        is_asked=lambda d: d.said.get("read") == "text",
        proposes=_yes,
    ),
    Question(
        "calendar",
        'Your calendar: a CalDAV or .ics address ("-" for none)',
        explains=lambda d: screens.calendar(d.found.caldav),
        may_be_empty=True,
        proposes=lambda d: d.found.caldav,
    ),
    Question(
        "contacts",
        'Your address book, for birthdays and names: a CardDAV address ("-" for none)',
        may_be_empty=True,
        proposes=lambda d: d.found.carddav,
    ),
    Question(
        "feeds",
        'Feeds you like to read, by address, parted by commas ("-" for none)',
        is_list=True,
        may_be_empty=True,
    ),
)

BACK = (
    Question(
        "deliver",
        "How shall the digest reach you",
        choices=(
            ("smtp", "by mail, from your own account to yourself"),
            ("maildir", "into a Maildir on this machine"),
            ("none", "not at all: kithd digest prints it"),
        ),
        explains=lambda _: screens.REPLIES,
        proposes=lambda _: "smtp",
    ),
    Question("maildir", "Which Maildir", is_asked=lambda d: d.said.get("deliver") == "maildir"),
    Question(
        "smtp_host",
        "The server your mail program sends with (SMTP)",
        is_asked=_asks_how_to_send,
        proposes=lambda d: d.found.smtp.host if d.found.smtp else "",
    ),
    Question(
        "smtp_security",
        "How is the connection protected",
        choices=(
            ("tls", "TLS from the first byte"),
            ("starttls", "STARTTLS"),
            ("none", "not at all: only for a server on this machine"),
        ),
        is_asked=_asks_how_to_send,
        proposes=lambda d: d.found.smtp.security if d.found.smtp else "tls",
    ),
    Question(
        "smtp_port",
        "Its port",
        is_asked=_asks_how_to_send,
        proposes=lambda d: _port_of(
            d.found.smtp, 465 if d.said.get("smtp_security", "tls") == "tls" else 587
        ),
    ),
)
