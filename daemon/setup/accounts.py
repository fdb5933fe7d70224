"""Answers about an account at Google, at Microsoft or on an Exchange Server -> its settings.

Each source and the delivery keep a sign-in of their own, so that what may read cannot send.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.discovery.model import Servers
from daemon.setup.answers import AccountKind, Answers

Table = dict[str, Any]

CLIENT_FILE = "google-client.json"
"""What the file of the OAuth client is called beside the settings."""

_BY_PASSWORD: frozenset[AccountKind] = frozenset({"imap", "exchange"})
_IMAP, _GOOGLE, _MICROSOFT, _EXCHANGE = (
    frozenset[AccountKind]({kind}) for kind in ("imap", "google", "microsoft", "exchange")
)
TAKES: Mapping[str, frozenset[AccountKind]] = {
    **dict.fromkeys(("mail_host", "mail_port", "mail_security"), _IMAP),
    **dict.fromkeys(("smtp_host", "smtp_port", "smtp_security", "smtp_user"), _IMAP),
    **dict.fromkeys(("calendar", "contacts"), _IMAP),
    **dict.fromkeys(("mail_user", "password_file", "secret", "keep"), _BY_PASSWORD),
    **dict.fromkeys(("ca_file", "allow_private"), _BY_PASSWORD),
    "client_file": _GOOGLE,
    "client_id": _MICROSOFT,
    "tenant": _MICROSOFT,
    "exchange_url": _EXCHANGE,
    "parts": _GOOGLE | _MICROSOFT | _EXCHANGE,
}
"""The answers that only some kinds of account have a use for."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where secrets are kept: the reference to a password, and the folder of sign-ins.

    An empty ``folder`` is that of the settings; another one ends with a slash.
    """

    password: str
    folder: str = ""

    def tokens(self, name: str) -> str:
        """Return the reference to the sign-in called ``name``."""
        return f"file:{self.folder}{name}.tokens"


def propose_tenant(address: str, found: Servers) -> str:
    """Return whose accounts a registration signs in: everybody's personal ones, or a domain's.

    Source: Microsoft identity platform, "endpoints": a tenant is named by any of its domains.
    """
    return "consumers" if found.is_personal else address.rpartition("@")[2]


def find_needless(answers: Answers) -> Iterator[str]:
    """Yield what is wrong where answers were given that this kind of account has no use for."""
    for key in Answers.model_fields:
        kinds = TAKES.get(key)
        if key in answers.model_fields_set and kinds and answers.account not in kinds:
            yield f"{key}: account = {answers.account} has no use for it"


def find_missing(answers: Answers) -> Iterator[str]:
    """Yield what is missing that this kind of account needs."""
    if answers.account == "google" and answers.client_file is None:
        yield "client_file: missing; docs/how-to/sign-in-with-google.md shows how to get it"
    if answers.account == "microsoft" and answers.client_id is None:
        yield "client_id: missing; docs/how-to/sign-in-with-microsoft.md shows how to get it"


def list_sources(answers: Answers, found: Servers, keeping: Keeping) -> dict[str, Table]:
    """Return the tables of the sources, by name, of an account that is not reached by IMAP."""
    match answers.account:
        case "google":
            return {
                name: _SOURCES_AT_GOOGLE[part](answers, keeping)
                for part, name in _NAMES_AT_GOOGLE.items()
                if part in answers.parts
            }
        case "microsoft":
            table = {"kind": "graph", "user": answers.addresses[0]}
            table |= _microsoft(answers, found, keeping.tokens("microsoft"))
            return {"microsoft": table | _reading(answers) | _parts(answers)}
        case _:
            table = {"kind": "exchange", **_exchange(answers, keeping)}
            return {"exchange": table | _reading(answers) | _parts(answers)}


def deliver_by(answers: Answers, found: Servers, keeping: Keeping) -> Table:
    """Return the table of the delivery through an account that is not reached by IMAP."""
    match answers.account:
        case "google":
            return {"kind": "gmail", **_google(answers, keeping.tokens("sending"))}
        case "microsoft":
            return {"kind": "graph", **_microsoft(answers, found, keeping.tokens("sending"))}
        case _:
            return {"kind": "exchange", **_exchange(answers, keeping)}


def _google(answers: Answers, tokens: str) -> Table:
    return {"user": answers.addresses[0], "client_file": CLIENT_FILE, "secret": tokens}


def _gmail(answers: Answers, keeping: Keeping) -> Table:
    return {"kind": "gmail", **_google(answers, keeping.tokens("gmail"))} | _reading(answers)


def _calendar(answers: Answers, keeping: Keeping) -> Table:
    return {"kind": "google_calendar", **_google(answers, keeping.tokens("calendar"))}


def _contacts(answers: Answers, keeping: Keeping) -> Table:
    return {"kind": "google_contacts", **_google(answers, keeping.tokens("contacts"))}


_NAMES_AT_GOOGLE = {"mail": "gmail", "calendar": "calendar", "contacts": "contacts"}
_SOURCES_AT_GOOGLE: Mapping[str, Callable[[Answers, Keeping], Table]] = {
    "mail": _gmail,
    "calendar": _calendar,
    "contacts": _contacts,
}


def _microsoft(answers: Answers, found: Servers, tokens: str) -> Table:
    tenant = answers.tenant or propose_tenant(answers.addresses[0], found)
    return {"client_id": answers.client_id, "tenant": tenant, "secret": tokens}


def _exchange(answers: Answers, keeping: Keeping) -> Table:
    address = answers.addresses[0]
    table: Table = {"user": answers.mail_user or address, "secret": keeping.password}
    if table["user"] != address:
        table["address"] = address
    if answers.exchange_url:
        table["url"] = answers.exchange_url
    if answers.ca_file:
        table["ca_file"] = answers.ca_file
    if answers.allow_private:
        table["allow_private"] = True
    return table


def _reading(answers: Answers) -> Table:
    table: Table = {"read": answers.read}
    if answers.newsletters:
        table["newsletters"] = True
    return table


def _parts(answers: Answers) -> Table:
    is_all = set(answers.parts) == {"mail", "calendar", "contacts"}
    return {} if is_all else {"parts": answers.parts}
