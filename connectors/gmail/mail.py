"""All that is done at Gmail, behind one client; loading this loads Google's libraries."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from connectors.credentials.google import KeptCredentials
from connectors.credentials.google_client_file import OAuthClient
from connectors.credentials.tokens import Tokens
from connectors.gmail import account, search, sending
from connectors.gmail.quota import size_batch
from connectors.gmail.reader import Reader
from connectors.gmail.settings import GmailSettings
from connectors.google.client import Client, budget_of
from connectors.google.transport import open_web
from connectors.pace import Patience
from connectors.protocol import Batch, Cursor, Reading


class Mail:
    """One account at Gmail, by one sign-in."""

    def __init__(self, settings: GmailSettings, *, since: datetime) -> None:
        """Ask nobody yet."""
        self._settings, self._since = settings, since
        root = settings.url.rstrip("/")
        self._client = Client(
            settings,
            permissions=settings.permissions,
            api="gmail",
            version="v1",
            url=f"{root}/",
            budget=budget_of(_name_account(settings), settings.units_per_minute),
            batch_url=f"{root}/batch/gmail/v1",
        )

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has changed since ``cursor``; see ``Reader.batches``."""
        return Reader(self._client, self._settings, since=self._since).batches(cursor)

    def holds(self, message_id: str) -> bool:
        """Say whether the mailbox holds a message; see ``search.holds``."""
        size = size_batch(self._settings.units_per_minute, self._settings.page)
        return search.holds(self._client, message_id, has_queries=self._reads_all, size=size)

    def list_addresses(self) -> tuple[str, ...]:
        """List the account's addresses; see ``account.list_addresses``."""
        return account.list_addresses(self._client, has_aliases=self._reads_all)

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Hand a mail over; see ``sending.send``."""
        sending.send(self._client, message, sender=sender, to=to)

    def check_sending(self) -> None:
        """Renew the access token: there is nothing else that this permission allows to ask.

        Raises:
            AccessDenied, Misconfigured, Unavailable: There is no sign-in that could send.
        """
        settings = self._settings
        client = OAuthClient.read(settings.client_file, allow_private=settings.allow_private)
        web = open_web(settings)
        try:
            tokens = Tokens(settings.secret)
            credentials = KeptCredentials(tokens, client, settings.permissions, web)
            Patience(settings.clock).ask(partial(credentials.refresh, None))
        finally:
            web.close()

    def begin(self) -> None:
        """Allow asking again after ``close``."""
        self._client.begin()

    def close(self) -> None:
        """End what is asked or waited for, in whatever thread. Idempotent."""
        self._client.close()

    @property
    def _reads_all(self) -> bool:
        return self._settings.read is Reading.TEXT


def _name_account(settings: GmailSettings) -> str:
    """Name what Google counts the units of: one account by one OAuth client.

    The sign-ins to read and to send are two, of one account. Where the settings do not say whose,
    all that one OAuth client may read or send is counted together, which is never too much.
    """
    return f"{settings.client_file} {settings.user.lower()}"
