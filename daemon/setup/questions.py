"""The questions of setup, as data: what is asked, in which order, when, and what is proposed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.discovery.model import Server, Servers
from daemon.setup import screens
from daemon.setup.accounts import propose_tenant
from daemon.setup.answers import AccountKind

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

    @property
    def account(self) -> AccountKind:
        """How the account is opened; by IMAP where nothing else was said."""
        said: AccountKind = self.said.get("account", "imap")
        return said

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


def _is_by_imap(draft: Draft) -> bool:
    return draft.account == "imap"


def _is_at(account: AccountKind) -> Callable[[Draft], bool]:
    return lambda draft: draft.account == account


def _is_known_to_be(service: str) -> Callable[[Draft], bool]:
    return lambda draft: draft.found.service == service


def _is_unknown(draft: Draft) -> bool:
    """Whether nothing tells what kind of account it is."""
    return not draft.found.service and not draft.is_found_right()


def _asks_for_servers(draft: Draft) -> bool:
    return _is_by_imap(draft) and not draft.is_found_right()


def _asks_how_to_send(draft: Draft) -> bool:
    return (
        _is_by_imap(draft)
        and draft.said.get("deliver") == "mail"
        and (not draft.is_found_right() or draft.found.smtp is None)
    )


def _takes_password(draft: Draft) -> bool:
    if draft.account == "exchange":
        return True
    is_password = draft.found.sign_in == "password" or not draft.is_found_right()
    return _is_by_imap(draft) and is_password


def _found_at(draft: Draft) -> Servers:
    """What was found, where that is what will be used."""
    return draft.found if _is_by_imap(draft) and draft.is_found_right() else Servers()


def _tenant(draft: Draft) -> str:
    return propose_tenant(draft.address, draft.found)


def _sees_replies(draft: Draft) -> bool:
    """Whether replies to a digest can be read: with a password, or with the permission for text."""
    return draft.account in ("imap", "exchange") or draft.said.get("read", "text") == "text"


def _user(draft: Draft) -> str:
    imap = draft.found.imap if _is_by_imap(draft) else None
    return (imap.user if imap else "") or draft.address


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

BY_IMAP = ("imap", "by an app password: mail alone, set up in two minutes")

WHERE = (
    Question(
        "account",
        "How shall kithd open it",
        explains=lambda d: screens.at_google(d.found),
        choices=(
            BY_IMAP,
            ("google", "by Google's own sign-in: mail, calendar and contacts; ten minutes, once"),
        ),
        is_asked=_is_known_to_be("google"),
        proposes=lambda _: "imap",
    ),
    Question(
        "account",
        "How shall kithd open it",
        explains=lambda d: screens.at_microsoft(d.found),
        choices=(
            ("microsoft", "by Microsoft's own sign-in: mail, calendar and contacts"),
            ("exchange", "an Exchange Server of your organization, not in Microsoft's cloud"),
            ("imap", "by a program of yours that prints access tokens: mail alone"),
        ),
        is_asked=_is_known_to_be("microsoft"),
        proposes=lambda _: "microsoft",
    ),
    Question(
        "found_is_right",
        "Is that right",
        explains=lambda d: screens.servers(d.found),
        choices=((YES, ""), (NO, "")),
        is_asked=lambda d: _is_by_imap(d) and d.found.imap is not None,
        proposes=_yes,
    ),
    Question(
        "account",
        "What kind of account is it",
        explains=lambda _: screens.KINDS,
        choices=(
            ("imap", "any mailbox that mail programs reach by IMAP: most of them"),
            ("exchange", "an Exchange Server of your organization, without IMAP"),
            ("microsoft", "Microsoft 365 or Outlook.com"),
            ("google", "Google Workspace or Gmail"),
        ),
        is_asked=_is_unknown,
        proposes=lambda _: "imap",
    ),
    Question(
        "client_file",
        "The file that Google let you download",
        explains=lambda _: screens.CLIENT_FILE,
        is_asked=_is_at("google"),
    ),
    Question(
        "client_id",
        "The application (client) ID of your registration",
        explains=lambda _: screens.CLIENT_ID,
        is_asked=_is_at("microsoft"),
    ),
    Question(
        "tenant",
        'Your organization\'s domain, or "consumers" for a personal account',
        is_asked=_is_at("microsoft"),
        proposes=_tenant,
    ),
    Question(
        "exchange_url",
        'The address of its EWS ("-" to have it looked for)',
        explains=lambda _: screens.EXCHANGE,
        may_be_empty=True,
        is_asked=_is_at("exchange"),
    ),
    Question(
        "allow_private",
        "Does that server lie in your own network",
        choices=((YES, ""), (NO, "")),
        is_asked=_is_at("exchange"),
        proposes=lambda _: NO,
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
        is_asked=lambda d: _asks_for_servers(d) or d.account == "exchange",
        proposes=_user,
    ),
)

SECRET = (
    Question(
        "password",
        "The password (it is not shown as you type)",
        explains=lambda d: screens.password(_found_at(d)) if _is_by_imap(d) else "",
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
        is_asked=lambda d: _is_by_imap(d) and not _takes_password(d),
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
        "parts",
        "What may it read there, parted by commas",
        is_list=True,
        is_asked=lambda d: not _is_by_imap(d),
        proposes=lambda _: "mail, calendar, contacts",
    ),
    Question(
        "calendar",
        'Your calendar: a CalDAV or .ics address ("-" for none)',
        explains=lambda d: screens.calendar(d.found.caldav),
        may_be_empty=True,
        is_asked=_is_by_imap,
        proposes=lambda d: d.found.caldav,
    ),
    Question(
        "contacts",
        'Your address book, for birthdays and names: a CardDAV address ("-" for none)',
        may_be_empty=True,
        is_asked=_is_by_imap,
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
            ("mail", "by mail, from your own account to yourself"),
            ("maildir", "into a Maildir on this machine"),
            ("none", "not at all: kithd digest prints it"),
        ),
        explains=lambda d: screens.replies(are_seen=_sees_replies(d)),
        proposes=lambda _: "mail",
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
