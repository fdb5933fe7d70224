"""Turns a mailbox at Gmail into batches of messages and changes nothing there; or sends from it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, cast

from connectors.errors import Misconfigured, Unavailable
from connectors.gmail.settings import GmailSettings
from connectors.protocol import Batch, Cursor, Desk

if TYPE_CHECKING:
    from connectors.gmail.mail import Mail


class GmailConnector:
    """Reads all of one mailbox but drafts, spam, trash and chats, what was sent first.

    A message is named by Gmail's own id, which it keeps when its labels change. That one was
    deleted is not reported: it was written all the same. With ``sends`` in the settings it is
    the way out for the digest instead, by a sign-in that can do nothing else.
    """

    settings_type: ClassVar[type[GmailSettings]] = GmailSettings

    def __init__(self, settings: GmailSettings, *, since: datetime) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since = settings, since
        self._opening = Lock()
        self._opened: Mail | None = None

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has come since ``cursor``: news, then what is older, newest first.

        Raises:
            CursorExpired: Gmail has forgotten the place in its history.
            AccessDenied: The sign-in has ended, permits something else, or is another account's.
            Misconfigured: A setting cannot be right.
            Unavailable: Gmail cannot be reached, is too busy, or is not understood.
        """
        with self._in_use() as mail:
            yield from mail.poll(cursor)

    def holds(self, message_id: str) -> bool:
        """Return whether a message with this ``Message-ID`` is there, trash included.

        Where only headers and subjects may be read, the newest messages are looked through.

        Args:
            message_id: With its angle brackets.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does.
        """
        with self._in_use() as mail:
            return mail.holds(message_id)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 -- there is no waiting
        """Tell that there is no waiting here.

        Raises:
            Unavailable: Always: Gmail pushes news to web servers alone.
        """
        raise Unavailable("Gmail cannot tell; polling must do")

    def list_addresses(self) -> tuple[str, ...]:
        """Return the account's address, and where text is read its confirmed aliases too.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does.
        """
        with self._in_use() as mail:
            return mail.list_addresses()

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Hand ``message`` over to be sent.

        Args:
            message: The mail, with CR LF line ends, in ASCII; its To names its one recipient.
            sender: The bare address it comes from: the account's, or a confirmed alias.
            to: The bare address it goes to.

        Raises:
            Unavailable: It was not taken; offer it again later.
            AccessDenied, Misconfigured: It was not taken, and will not be until the owner acts.
            InDoubt: Gmail had it when the connection ended: nobody knows.
        """
        with self._in_use(to_send=True) as mail:
            mail.send(message, sender=sender, to=to)

    def check_sending(self) -> None:
        """Try everything but the sending: a sign-in to send may do nothing else.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`send` would.
        """
        with self._in_use(to_send=True) as mail:
            mail.check_sending()

    def list_permissions(self) -> tuple[str, ...]:
        """Return the one permission that is asked for."""
        return self._settings.permissions

    def sign_in(self, desk: Desk) -> str:
        """Let the owner sign in on Google's page, keep the tokens, and return what is known of who.

        Raises:
            AccessDenied: The owner said no; or more, or less, was granted than is needed.
            Unavailable: Google could not be reached, or nobody came.
            Misconfigured: The settings cannot be right, or the tokens cannot be kept.
        """
        # Loaded late (decision 0003): it is needed once.
        page = import_module("connectors.credentials.google_sign_in")
        return cast(str, page.sign_in(self._settings, self._settings.permissions, desk))

    def close(self) -> None:
        """End what runs, from whatever thread, and hang up. Idempotent."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()

    @contextmanager
    def _in_use(self, *, to_send: bool = False) -> Iterator["Mail"]:
        if to_send is not self._settings.sends:
            ways = ("is for reading", "is for sending")
            raise Misconfigured(
                f"this sign-in at Google {ways[not to_send]}, and permits nothing else"
            )
        mail = self._mail()
        mail.begin()
        with closing(mail):
            yield mail

    def _mail(self) -> "Mail":
        with self._opening:
            if self._opened is None:
                self._settings.require_sense()
                # Loaded late (decision 0003): the settings are read without Google's libraries.
                module = import_module("connectors.gmail.mail")
                self._opened = cast("type[Mail]", module.Mail)(self._settings, since=self._since)
            return self._opened
