"""The answers that setup needs: their names, meanings and defaults, typed or in a file."""

import re
import tomllib
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from connectors.protocol import Reading
from daemon.config.lines import find_lines, line_of
from daemon.config.values import (
    Email,
    FilePath,
    HostName,
    SecretReference,
    Section,
    Security,
    WebAddress,
    ZoneName,
)
from daemon.config.wording import name_nearest
from daemon.errors import ExitCode, UserError

AccountKind = Literal["imap", "google", "microsoft", "exchange"]
Part = Literal["mail", "calendar", "contacts"]
Keeping = Literal["file", "keyring", "credential"]
CREDENTIAL = "kithd-mail"
"""The name under which the units of systemd hand over the password."""

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(
            "an application (client) ID looks like 11111111-2222-3333-4444-555555555555"
        )
    return text.lower()


def _is_https(text: str) -> str:
    if text and not text.startswith("https://"):
        raise ValueError("write the whole address, with https://")
    return text


class Answers(Section):
    """What setup asks, a key for each question. All but ``addresses`` may be left out."""

    addresses: tuple[Email, ...] = Field(
        min_length=1,
        strict=False,
        description="Your addresses. The account is that of the first.",
    )
    name: str = Field(default="", max_length=200, description="What to call you.")
    zone: ZoneName | None = Field(
        default=None, description="Your time zone; the machine's, where not said."
    )
    digest_hour: time = Field(
        default=time(7, 0), strict=False, description="When your digest comes, as HH:MM."
    )
    account: AccountKind = Field(
        default="imap",
        description="How the account is opened: imap, by Google's or Microsoft's own sign-in, or "
        "exchange for an Exchange Server.",
    )
    client_file: FilePath = Field(
        default=None,
        strict=False,
        description="Of google: the file of your OAuth client, as Google lets you download it. "
        "It is copied beside the settings.",
    )
    client_id: Annotated[str, AfterValidator(_is_id)] | None = Field(
        default=None, description="Of microsoft: the application (client) ID of your registration."
    )
    tenant: str | None = Field(
        default=None,
        min_length=1,
        description="Of microsoft: your organization's domain or ID, or consumers; by your "
        "address, where not said.",
    )
    exchange_url: Annotated[str, AfterValidator(_is_https)] = Field(
        default="",
        description="Of exchange: the address of the server's EWS; looked for (autodiscover), "
        "where not said.",
    )
    parts: tuple[Part, ...] = Field(
        default=("mail", "calendar", "contacts"),
        min_length=1,
        strict=False,
        description="Of google, microsoft and exchange: what is read there.",
    )
    mail_host: HostName | None = Field(
        default=None, description="The IMAP server; the one found, where not said."
    )
    mail_port: int | None = Field(default=None, ge=1, le=65535, description="Its port.")
    mail_security: Security | None = Field(
        default=None, description="tls, starttls, or none on this machine alone."
    )
    mail_user: str | None = Field(
        default=None, min_length=1, description="The name to sign in with; your address, if unsaid."
    )
    ca_file: FilePath = Field(
        default=None, strict=False, description="The authority of servers of your own."
    )
    password_file: FilePath = Field(
        default=None,
        strict=False,
        description="A file with the password in it (mode 0600), to be kept as keep says.",
    )
    secret: SecretReference | None = Field(
        default=None,
        description="Where the password is kept already: file:, credential:, keyring: or command:.",
    )
    keep: Keeping = Field(
        default="file",
        description="How to keep the password: in a file (mode 0600) beside the settings, in the "
        "keyring of your desktop, or as a credential of systemd.",
    )
    read: Reading = Field(
        default=Reading.TEXT, strict=False, description="How far to look into messages."
    )
    newsletters: bool = Field(
        default=True, description="Whether newsletters are read for articles that could be given."
    )
    calendar: str | None = Field(
        default=None,
        description="Your calendar: a CalDAV address, one that ends in .ics, or empty for none; "
        "the one found, where not said.",
    )
    contacts: str | None = Field(
        default=None,
        description="Your address book: a CardDAV address, or empty for none; the one found, "
        "where not said.",
    )
    allow_private: bool = Field(
        default=False, description="Whether calendar and contacts lie in your own network."
    )
    feeds: tuple[WebAddress, ...] = Field(
        default=(), strict=False, description="Feeds you like, by their web addresses."
    )
    deliver: Literal["mail", "maildir", "none"] = Field(
        default="mail",
        description="How the digest comes: by mail through the account, into a Maildir, or not "
        "at all.",
    )
    smtp_host: HostName | None = Field(
        default=None, description="The server that sends; the one found, where not said."
    )
    smtp_port: int | None = Field(default=None, ge=1, le=65535, description="Its port.")
    smtp_security: Security | None = Field(default=None, description="As mail_security.")
    smtp_user: str | None = Field(
        default=None, min_length=1, description="The name to send with; mail_user, if unsaid."
    )
    maildir: FilePath = Field(
        default=None, strict=False, description="The Maildir, where deliver is maildir."
    )


def check_answer(key: str, value: Any) -> Any:
    """Return ``value`` as the answer to one question.

    Raises:
        ValueError: It cannot be right; the message says why.
    """
    try:
        checked = Answers.model_validate({"addresses": ("you@example.org",), key: value})
    except ValidationError as error:
        raise ValueError(_say(error.errors()[0])) from None
    return getattr(checked, key)


def read_answers(text: str, place: str, *, folder: Any) -> Answers:
    """Read a file of answers.

    Args:
        text: What is in it, TOML.
        place: What to call it.
        folder: Where relative paths in it start.

    Raises:
        UserError: It is not TOML, or answers cannot be right: all of them, each with its line.
    """
    try:
        written = tomllib.loads(text)
        return Answers.model_validate(written, context={"folder": folder})
    except tomllib.TOMLDecodeError as error:
        problems = [f"not TOML: {error}"]
    except ValidationError as error:
        lines = find_lines(text)
        told = [
            (line_of((str(it["loc"][0]),), lines), str(it["loc"][0]), _say(it))
            for it in error.errors()
        ]
        problems = [f"line {line}: {key}: {says}" for line, key, says in sorted(set(told))]
    listed = problems[0] if len(problems) == 1 else "".join(f"\n  {it}" for it in problems)
    counted = "" if len(problems) == 1 else f"{len(problems)} answers cannot be right:"
    raise UserError(
        f"{counted}{listed}",
        place,
        "docs/how-to/connect-your-accounts.md lists the answers",
        exit_code=ExitCode.CONFIG,
    )


def _say(detail: Any) -> str:
    if detail["type"] == "extra_forbidden":
        return "no such question" + name_nearest(str(detail["loc"][-1]), list(Answers.model_fields))
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"] == "missing":
        return "missing; setup cannot do without it"
    return str(detail["msg"]).removeprefix("Input ")
