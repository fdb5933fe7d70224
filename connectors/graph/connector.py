"""Turns an account at Microsoft into batches of mail, events and cards, and sends the digest."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from connectors.errors import Unavailable
from connectors.graph.settings import RESERVED, GraphSettings
from connectors.protocol import Batch, Cursor, Desk

if TYPE_CHECKING:
    from connectors.graph.account import GraphAccount


class GraphConnector:
    """Reads a mailbox of Microsoft 365 or outlook.com through Microsoft Graph.

    The contacts and calendars come first, then sent mail, the inbox and the other folders, each
    from its newest message on. Graph is asked for nothing that would change the mailbox: the
    permissions do not allow it.
    """

    settings_type: ClassVar[type[GraphSettings]] = GraphSettings

    def __init__(self, settings: GraphSettings, *, since: datetime) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since = settings, since
        self._account: GraphAccount | None = None
        self._turn = Lock()

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what is new or has changed since ``cursor``.

        Raises:
            CursorExpired: Graph does not know it any more; or it was issued for another account,
                reading or zone.
            AccessDenied: Nobody has signed in, the sign-in has ended, or it permits other things
                than the settings need.
            Misconfigured: A setting cannot be right, a calendar is not to be found, there are
                too many folders, or the mailbox lies elsewhere.
            Unavailable: Microsoft cannot be reached, fails, or is busy for too long.
        """
        yield from self._opened().poll(cursor)

    def holds(self, message_id: str) -> bool:
        """Return whether a message with this ``Message-ID`` is in any folder, trash included.

        Source: Graph, "List messages": all folders, and ``$filter``.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does; Unavailable also
                where the settings leave mail out.
        """
        return self._opened().holds(message_id)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 -- nothing can be waited for
        """Say that there is nothing to wait for: Graph calls back, or does not tell at all.

        Raises:
            Unavailable: Always.
        """
        raise Unavailable("Microsoft Graph cannot tell; polling must do")

    def send(self, message: bytes, *, sender: str, to: str) -> None:  # noqa: ARG002 -- see below
        """Hand over a mail. Graph takes no envelope: the mail itself names sender and recipient.

        Raises:
            Unavailable, AccessDenied, Misconfigured, InDoubt: As ``Outbox.send`` says.
        """
        self._opened().send(message)

    def check_sending(self) -> None:
        """See whether there is a sign-in that may send mail, and nothing else.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`send` does.
        """
        self._opened().check_sending()

    def list_addresses(self) -> tuple[str, ...]:
        """Return the name that the account signs in with, if it is an address.

        Graph tells others too, but not with the permissions that reading takes.

        Raises:
            AccessDenied, Misconfigured: Nobody has signed in.
        """
        return self._opened().list_addresses()

    def list_permissions(self) -> tuple[str, ...]:
        """Return the permissions that are asked for, as Microsoft names them, sorted.

        Raises:
            Misconfigured: A part of the account is unknown.
        """
        return tuple(sorted({*self._settings.permissions, *RESERVED}))

    def sign_in(self, desk: Desk) -> str:
        """Let the owner sign in: show a page and a code, wait, and keep the tokens.

        Returns:
            Who signed in, as Microsoft names them.

        Raises:
            AccessDenied, Unavailable, Misconfigured: As ``SignsIn.sign_in`` says.
        """
        return self._opened().sign_in(desk)

    def close(self) -> None:
        """End a poll that runs in another thread, and all connections. Idempotent."""
        with self._turn:
            if self._account:
                self._account.close()
            self._account = None

    def _opened(self) -> "GraphAccount":
        with self._turn:
            if self._account is None:
                # Loaded late: msal takes 0.2 s (decision 0003, late imports).
                loaded = import_module("connectors.graph.account")
                self._account = loaded.GraphAccount(self._settings, since=self._since)
            return self._account
