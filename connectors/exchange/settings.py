"""What the owner says about a mailbox on an Exchange Server, and checks that need no network."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.credentials.secrets import Secret
from connectors.errors import Misconfigured
from connectors.exchange.hosts import refuse_online
from connectors.pace import Clock, Waiting
from connectors.protocol import Reading
from connectors.web_address import WebAddress

MAIL, CALENDAR, CONTACTS = "mail", "calendar", "contacts"
PARTS = (MAIL, CALENDAR, CONTACTS)
SIGN_INS = ("password", "basic", "ntlm", "xoauth2")


@dataclass
class ExchangeSettings:
    """Which mailbox to read, what of it, and how far to look into it.

    Attributes:
        user: The name to sign in with: an address, or DOMAIN\\name.
        secret: Where the password, or the access token, is kept.
        address: The mailbox's primary address; the same as ``user``, where empty.
        url: Of the server's EWS, ending in /EWS/Exchange.asmx; autodiscovered where empty.
        sign_in: "password", in the way that the server offers; "basic" or "ntlm", to settle
            that; or "xoauth2", where the secret is an access token.
        parts: Some of "mail", "calendar" and "contacts".
        read: How far to look into messages; with ``headers`` no event's words are reported.
        newsletters: Whether the text of newsletters is fetched too.
        text_since: Text older than this (aware; None for no bound) is not fetched.
        calendars: Names of calendars; all of them where empty.
        skip: Names of mail folders that are not read, nor what lies below them.
        ca_file: The certificates to trust, instead of those that the system trusts.
        allow_private: Whether the server may lie in a private network.
        zone: The IANA name of the zone in which birthdays are meant.
        until: Occurrences that start before this instant are reported; a year from the poll's
            day on, where it is None.
        page: How many items are asked for at once, and make a batch: 512 at the most.
        clock: What is waited by while the server is busy.
    """

    user: str
    secret: Secret
    address: str = ""
    url: str = ""
    sign_in: str = "password"
    parts: tuple[str, ...] = PARTS
    read: Reading = Reading.TEXT
    newsletters: bool = False
    text_since: datetime | None = None
    calendars: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    ca_file: Path | None = None
    allow_private: bool = False
    zone: str = "UTC"
    until: datetime | None = None
    page: int = 100
    clock: Clock = field(default_factory=Waiting)

    @property
    def mailbox(self) -> str:
        """The mailbox's address, in lower case.

        Raises:
            Misconfigured: Neither ``address`` nor ``user`` is one.
        """
        named = (self.address or self.user).strip().lower()
        if named.count("@") != 1 or "\\" in named:
            raise Misconfigured(
                'write the mailbox\'s own address too, as address = "you@example.org"'
            )
        return named

    @property
    def domain(self) -> str:
        """What stands behind the @ of the mailbox's address."""
        return self.mailbox.partition("@")[2]

    def check(self) -> None:
        """Refuse what cannot be right, before anything is asked or sent.

        Raises:
            Misconfigured: A word is unknown, or the server is Exchange Online.
        """
        if self.sign_in not in SIGN_INS:
            raise Misconfigured(f'sign_in = "{self.sign_in}": write {", ".join(SIGN_INS)}')
        if unknown := [part for part in self.parts if part not in PARTS]:
            raise Misconfigured(f'parts = "{unknown[0]}": write {", ".join(PARTS)}')
        refuse_online(WebAddress.parse(self.url).host if self.url else self.domain)
