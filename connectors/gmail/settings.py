"""What the owner says about a mailbox at Gmail, and which permissions that needs."""

from dataclasses import dataclass
from datetime import datetime

from connectors.errors import Misconfigured
from connectors.gmail.quota import SEND_UNITS
from connectors.google.settings import GoogleSettings
from connectors.protocol import Reading

_PERMISSION = "https://www.googleapis.com/auth/gmail."
_FEWEST_UNITS = 2 * SEND_UNITS
LARGEST_PAGE = 50
"""Messages got in one batch. Source: Gmail API, "Batching requests": more are not recommended."""


@dataclass(kw_only=True)
class GmailSettings(GoogleSettings):
    """Which mailbox to read, or to send from, and how far to look into its messages.

    Attributes:
        read: How far to look into messages.
        text_since: Text older than this (aware; None for no bound) is not read.
        newsletters: Whether the text of newsletters is read too.
        units_per_minute: Quota units that may be spent in any minute, at least 200. They are
            counted within a process: a command that polls beside the daemon counts its own.
        url: Where the service is reached.
        page: Most messages in one batch, 50 at the most.
        sends: Whether this sign-in is for sending, and for nothing else.
    """

    read: Reading = Reading.TEXT
    text_since: datetime | None = None
    newsletters: bool = False
    units_per_minute: int = 6_000
    url: str = "https://gmail.googleapis.com/"
    page: int = LARGEST_PAGE
    sends: bool = False

    @property
    def permissions(self) -> tuple[str, ...]:
        """The least that these settings need, as Google names it.

        Source: Gmail API, "Choose Gmail API scopes": metadata has no texts and no queries.
        """
        if self.sends:
            return (f"{_PERMISSION}send",)
        return (f"{_PERMISSION}{'readonly' if self.read is Reading.TEXT else 'metadata'}",)

    def require_sense(self) -> None:
        """Refuse numbers that cannot be right.

        Raises:
            Misconfigured: There are too few units for anything, or the pages are too large.
        """
        if self.units_per_minute < _FEWEST_UNITS:
            raise Misconfigured(f"units_per_minute must be at least {_FEWEST_UNITS}")
        if not 1 <= self.page <= LARGEST_PAGE:
            raise Misconfigured(f"a page has between 1 and {LARGEST_PAGE} messages")
