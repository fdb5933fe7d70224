"""Answers, and the servers found -> settings."""

from dataclasses import dataclass

from connectors.discovery.model import Server, Servers
from daemon.config.model import Settings
from daemon.setup.accounts import (
    Keeping,
    Table,
    deliver_by,
    find_missing,
    find_needless,
    list_sources,
)
from daemon.setup.answers import CREDENTIAL, Answers


class Unsettled(Exception):
    """What cannot do without an answer that is missing; ``problems`` lists every one."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Account:
    """One server of the owner's mail, as it is used; no port is the usual one."""

    host: str
    port: int | None
    security: str
    user: str

    def say(self) -> str:
        """Return it in a few words."""
        port = f", port {self.port}" if self.port else ""
        how = {"tls": "TLS", "starttls": "STARTTLS", "none": "unprotected"}[self.security]
        return f"{self.host}{port}, {how}, as {self.user}"


def mail_account(answers: Answers, found: Servers) -> Account | None:
    """Return where mail is read: what was answered, else what was found."""
    said = (answers.mail_host, answers.mail_port, answers.mail_security, answers.mail_user)
    return _account(*said, found.imap, answers.addresses[0])


def smtp_account(answers: Answers, found: Servers) -> Account | None:
    """Return where mail is sent: what was answered, else what was found."""
    user = answers.smtp_user or (None if found.smtp else answers.mail_user)
    said = (answers.smtp_host, answers.smtp_port, answers.smtp_security, user)
    return _account(*said, found.smtp, answers.addresses[0])


def refer(answers: Answers) -> str:
    """Return the reference under which the password is kept, a file's path being relative."""
    if answers.secret:
        return answers.secret
    kept = {
        "file": "file:mail.secret",
        "keyring": f"keyring:kithd/{answers.addresses[0]}",
        "credential": f"credential:{CREDENTIAL}",
    }
    return kept[answers.keep]


def settle(answers: Answers, found: Servers, *, zone: str, tokens: str = "") -> Settings:
    """Return the settings that follow.

    Args:
        answers: What the owner said.
        found: The servers behind the first address.
        zone: The machine's time zone, for where the owner said none.
        tokens: The folder of sign-ins, with a slash at its end; that of the settings, if empty.

    Raises:
        Unsettled: Something must be answered that was not found.
    """
    if problems := tuple(_list_problems(answers, found)):
        raise Unsettled(problems)
    keeping = Keeping(refer(answers), tokens)
    owner = {
        "addresses": answers.addresses,
        "name": answers.name,
        "zone": answers.zone or zone,
        "digest_hour": answers.digest_hour,
    }
    written = {"owner": owner, "sources": _sources(answers, found, keeping)}
    if delivery := _delivery(answers, found, keeping):
        written["delivery"] = delivery
    return Settings.model_validate(written)


def _list_problems(answers: Answers, found: Servers) -> list[str]:
    is_by_imap = answers.account == "imap"
    problems = [*find_needless(answers), *find_missing(answers)]
    if is_by_imap and mail_account(answers, found) is None:
        problems.append("mail_host: no server was found for your address")
    if is_by_imap and answers.deliver == "mail" and smtp_account(answers, found) is None:
        problems.append("smtp_host: no server was found for your address; or deliver another way")
    if answers.deliver == "maildir" and answers.maildir is None:
        problems.append("maildir: missing; deliver = maildir needs it")
    if takes_password(answers) and (answers.secret is None) == (answers.password_file is None):
        problems.append("password_file or secret: one of them says where the password is")
    return problems


def takes_password(answers: Answers) -> bool:
    """Ask whether the account is opened by a password, and not by the owner's browser."""
    return answers.account in ("imap", "exchange")


def _sources(answers: Answers, found: Servers, keeping: Keeping) -> dict[str, Table]:
    if answers.account == "imap":
        sources = _by_open_standards(answers, found)
    else:
        sources = list_sources(answers, found, keeping)
    names = ("feed", *(f"feed-{n}" for n in range(2, len(answers.feeds) + 1)))
    return sources | {name: _feed(url) for name, url in zip(names, answers.feeds, strict=False)}


def _by_open_standards(answers: Answers, found: Servers) -> dict[str, Table]:
    mail = mail_account(answers, found)
    sources = {"mail": _table(answers, mail) | _reading(answers, found)} if mail else {}
    user = mail.user if mail and "@" in mail.user else answers.addresses[0]
    calendar = found.caldav if answers.calendar is None else answers.calendar
    contacts = found.carddav if answers.contacts is None else answers.contacts
    if calendar:
        kind = "ics" if calendar.partition("?")[0].endswith(".ics") else "caldav"
        sources["calendar"] = _web(answers, kind, calendar, user)
    if contacts:
        sources["contacts"] = _web(answers, "carddav", contacts, user)
    return sources


def _reading(answers: Answers, found: Servers) -> Table:
    table: Table = {"kind": "imap", "read": answers.read}
    if found.sign_in == "xoauth2" and answers.mail_host is None:
        table["sign_in"] = "xoauth2"
    if answers.newsletters:
        table["newsletters"] = True
    return table


def _delivery(answers: Answers, found: Servers, keeping: Keeping) -> Table:
    if answers.deliver == "none":
        return {}
    if answers.deliver == "maildir":
        return {"kind": "maildir", "path": answers.maildir}
    if answers.account != "imap":
        return deliver_by(answers, found, keeping)
    account = smtp_account(answers, found)
    return {"kind": "smtp", **_table(answers, account)} if account else {}


def _table(answers: Answers, account: Account) -> Table:
    table: Table = {"host": account.host, "user": account.user, "secret": refer(answers)}
    if account.port:
        table["port"] = account.port
    # With a port of its own the protection is told too: readers guess it from the port.
    if account.security != "tls" or account.port:
        table["security"] = account.security
    if answers.ca_file:
        table["ca_file"] = answers.ca_file
    return table


def _web(answers: Answers, kind: str, url: str, user: str) -> Table:
    table: Table = {"kind": kind, "url": url}
    if kind != "ics":
        table |= {"user": user, "secret": refer(answers)}
    if answers.allow_private:
        table["allow_private"] = True
    if answers.allow_private and answers.ca_file:
        table["ca_file"] = answers.ca_file
    return table


def _feed(url: str) -> Table:
    return {"kind": "feed", "url": url}


def _account(
    host: str | None,
    port: int | None,
    security: str | None,
    user: str | None,
    found: Server | None,
    address: str,
) -> Account | None:
    if host:
        return Account(host, port, security or "tls", user or address)
    if found is None:
        return None
    usual = {"tls": (993, 465), "starttls": (143, 587)}[found.security]
    unusual = None if found.port in usual else found.port
    return Account(found.host, port or unusual, security or found.security, user or found.user)
