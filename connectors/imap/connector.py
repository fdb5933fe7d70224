"""Turns a mailbox on an IMAP server into batches of messages, and changes nothing there."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from threading import Lock
from typing import ClassVar

from connectors.errors import CursorExpired, Unavailable
from connectors.imap.folders import Listed, list_folders
from connectors.imap.place import Place, read_cursor
from connectors.imap.reader import Reader
from connectors.imap.session import Refused, Session
from connectors.imap.settings import ImapSettings
from connectors.observations import Folder
from connectors.protocol import Batch, Cursor
from connectors.wanted import NEWSLETTERS

LOOKED_THROUGH = 10_000
"""Messages of each folder, the newest, that are looked through for a Message-ID."""
_NAMING = ("Message-ID", "References")


class ImapConnector:
    """Reads all folders of one mailbox but drafts, spam and trash, the sent ones first.

    A message is named after its head and the length of its body (see
    :func:`connectors.imap.naming.name_message`), so it stays itself when it is moved, when the
    server numbers its messages anew, and on another server. That one was deleted is not
    reported: it was written all the same.
    """

    settings_type: ClassVar[type[ImapSettings]] = ImapSettings

    def __init__(self, settings: ImapSettings, *, since: datetime) -> None:
        """Remember what to read; touch nothing yet."""
        self._settings, self._since = settings, since
        self._session = Session(settings)
        self._in_wait = Lock()
        self._is_waiting = False
        self._n_renumberings = 0

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what has come since ``cursor``: arrivals, then what is older, newest first.

        Raises:
            CursorExpired: The server has given all its messages new UIDs.
            AccessDenied: The server refuses the user or the secret.
            Misconfigured: A setting, the certificate or the protection cannot be right, or
                there are too many folders.
            Unavailable: The server cannot be reached, is too slow, or is not understood.
        """
        place = read_cursor(cursor) if cursor else Place(n_renumberings=self._n_renumberings)
        with closing(self._session):
            try:
                self._session.open()
                yield from self._read(place)
            except Unavailable:
                if not self._session.is_cut:
                    raise

    def holds(self, message_id: str) -> bool:
        """Return whether a message that has, or had, this ``Message-ID`` is in any folder.

        The newest 10,000 messages of each folder are looked through, the inbox first, and the
        trash too. What was sent through Gmail's API has it among its References alone: see
        ``connectors.gmail.sending``. Besides, only an answer names it there: so it came.

        Args:
            message_id: With its angle brackets.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does.
        """
        if not (message_id.isascii() and message_id.isprintable()):
            return False
        with closing(self._session):
            self._session.open()
            folders = sorted(list_folders(self._session), key=_search_rank)
            return any(self._is_in(folder, message_id) for folder in folders)

    def wait(self, seconds: float) -> bool:
        """Wait until mail may have come to the inbox; return whether it may have (RFC 2177).

        The connection is kept for the next wait, so nothing that comes in between is missed.

        Raises:
            Unavailable, AccessDenied, Misconfigured: As :meth:`poll` does; Unavailable also
                where the server does not offer IDLE, so that polling must do.
        """
        with self._in_wait:
            try:
                return self._wait(seconds)
            except BaseException as problem:
                self._session.close()
                self._is_waiting = False
                if isinstance(problem, Unavailable) and self._session.is_cut:
                    return False
                raise

    def close(self) -> None:
        """End a poll or a wait, from whatever thread, and hang up. Idempotent."""
        self._session.cut()
        with self._in_wait:  # whoever waits has noticed by now
            self._session.close()

    def _read(self, place: Place) -> Iterator[Batch]:
        newest = datetime.now(UTC) - NEWSLETTERS if self._settings.newsletters else None
        reader = Reader(
            self._session, self._settings, place, since=self._since, newsletters_since=newest
        )
        try:
            yield from reader.batches()
        except CursorExpired:
            self._n_renumberings = place.n_renumberings + 1
            raise

    def _is_in(self, folder: Listed, message_id: str) -> bool:
        try:
            n_messages = self._session.examine(folder.name).n_messages
            first = max(1, n_messages - LOOKED_THROUGH + 1)
            return n_messages > 0 and any(
                self._session.has_header(name, message_id, first=first) for name in _NAMING
            )
        except Refused:
            return False

    def _wait(self, seconds: float) -> bool:
        if self._is_waiting:
            if self._session.catch_up():
                return True
        else:
            self._session.open()
            if not self._session.can("IDLE"):
                raise Unavailable(f"{self._settings.host} does not offer IDLE; polling must do")
            self._session.examine(b"INBOX")
            self._is_waiting = True
        return self._session.idle(seconds)


def _search_rank(folder: Listed) -> tuple[bool, bool, str]:
    return not folder.is_inbox, folder.kind is not Folder.SENT, folder.path
