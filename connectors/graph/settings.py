"""What the owner says about an account at Microsoft, and the permissions that follow from it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.credentials.secrets import Secret
from connectors.errors import Misconfigured
from connectors.pace import Clock, Waiting
from connectors.protocol import Reading

LOGIN = "https://login.microsoftonline.com"
"""Where an owner signs in, but in national clouds."""

PARTS = ("mail", "calendar", "contacts")
"""What an account holds. Source: the settings' ``parts``."""

RESERVED = ("offline_access", "openid", "profile")
"""What msal asks for besides: that the sign-in can be renewed, and who signs in."""

_READ_MAIL = {
    Reading.HEADERS: "Mail.ReadBasic",
    Reading.SUBJECTS: "Mail.ReadBasic",
    Reading.TEXT: "Mail.Read",
}
"""Source: Microsoft Graph permissions reference: ReadBasic gives no body and no attachment."""

_tenant = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@dataclass
class GraphSettings:
    """Whose account it is, what is read of it, and by which app registration kithd is let in.

    Attributes:
        secret: Where the tokens of the sign-in are kept: a file or a keyring.
        client_id: The application (client) ID of the owner's app registration.
        tenant: The organization's domain or ID; ``organizations``, ``consumers`` or ``common``;
            or the whole address of an authority, for national clouds.
        user: The address of whoever signs in.
        parts: What is read: ``mail``, ``calendar``, ``contacts``.
        read: How far to look into messages; with ``headers`` neither titles nor places of
            events are reported.
        newsletters: Whether the text of newsletters is fetched too.
        text_since: Text older than this (aware; None for no bound) is not fetched.
        calendars: Names or IDs of calendars; where empty, those that the owner may write to.
        skip: Folders that are not read, nor what lies below them: ``Archive/Work``.
        url: Where Microsoft Graph is reached; national clouds have other addresses.
        ca_file: The certificates to trust, instead of those that the system trusts.
        allow_private: Whether the services may lie in a private network.
        sends: Whether mail is sent, and nothing read.
        permissions_beside: Permissions that other sections need of the same ``client_id``.
            Microsoft's tokens hold all that was ever granted to it.
        page: How many observations make a batch; one of a calendar may hold a whole series more.
        zone: The IANA name of the zone in which whole days are meant.
        until: Occurrences that start before this instant are reported; a year or nearly so
            from the poll's day on, where it is None.
        clock: Tells how time passes, and lets it.
    """

    secret: Secret
    client_id: str
    tenant: str = "common"
    user: str = ""
    parts: tuple[str, ...] = PARTS
    read: Reading = Reading.TEXT
    newsletters: bool = False
    text_since: datetime | None = None
    calendars: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    url: str = "https://graph.microsoft.com"
    ca_file: Path | None = None
    allow_private: bool = False
    sends: bool = False
    permissions_beside: tuple[str, ...] = ()
    page: int = 100
    zone: str = "UTC"
    until: datetime | None = None
    clock: Clock = field(default_factory=Waiting, repr=False, compare=False)

    @property
    def authority(self) -> str:
        """The address of the sign-in.

        Raises:
            Misconfigured: ``tenant`` is neither a name nor an address.
        """
        if self.tenant.startswith("https://"):
            return self.tenant.rstrip("/")
        if not _tenant.fullmatch(self.tenant):
            raise Misconfigured(
                f"tenant = {self.tenant!r}: write a domain, an ID, or the https:// address of "
                "the sign-in"
            )
        return f"{LOGIN}/{self.tenant}"

    @property
    def permissions(self) -> tuple[str, ...]:
        """The least that is needed, as Microsoft names it, sorted.

        Raises:
            Misconfigured: A part is unknown.
        """
        if self.sends:
            return ("Mail.Send",)
        needed = {
            "mail": _READ_MAIL[self.read],
            "calendar": "Calendars.ReadBasic",
            "contacts": "Contacts.Read",
        }
        if unknown := sorted(set(self.parts) - needed.keys()):
            raise Misconfigured(f"parts: {unknown[0]!r} is none of {', '.join(PARTS)}")
        return tuple(sorted({needed[part] for part in self.parts}))

    def reads(self, part: str) -> bool:
        """Ask whether ``part`` of the account is read."""
        return part in self.parts and not self.sends
