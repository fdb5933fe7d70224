"""Turns the contacts of an account at Google into batches of cards, and changes nothing there."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from connectors.document import origin_of
from connectors.google_contacts.place import resume
from connectors.google_contacts.settings import GoogleContactsSettings
from connectors.protocol import Batch, Cursor, Desk

if TYPE_CHECKING:
    from connectors.google_contacts.reader import ContactsReader

PERMISSIONS = ("https://www.googleapis.com/auth/contacts.readonly",)
"""Source: People API, "people.connections.list", Authorization scopes: the least of the two."""


class GoogleContactsConnector:
    """Follows an address book by its sync token.

    A uid is the name that Google gives a person. A card that is deleted is reported as gone,
    unless the token was forgotten in between: Google keeps one for 7 days.
    """

    settings_type: ClassVar[type[GoogleContactsSettings]] = GoogleContactsSettings

    def __init__(self, settings: GoogleContactsSettings, *, since: datetime) -> None:
        """Remember what to read. Cards carry no date, so ``since`` leaves none out."""
        self._settings, self._since = settings, since
        # The size of pages as well: all but its token must be asked for as it was at first.
        self._origin = origin_of("google_contacts", settings.url, settings.user, settings.page)
        self._reader: ContactsReader | None = None

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the cards that are new, changed or deleted since ``cursor``.

        Raises:
            CursorExpired: Google has forgotten it; or it was issued for another url or user.
            AccessDenied: There is no sign-in that Google takes.
            Misconfigured: The OAuth client is not to be found.
            Unavailable: Google cannot be reached, is busy for too long, or fails.
        """
        yield from self._opened().read(resume(cursor, self._origin))

    def list_permissions(self) -> tuple[str, ...]:
        """Return the permission that is asked for, as Google names it."""
        return PERMISSIONS

    def sign_in(self, desk: Desk) -> str:
        """Let the owner sign in at Google, keep the tokens, and return who signed in.

        Raises:
            AccessDenied: The owner said no; or more, or less, was granted than is needed.
            Unavailable: Google could not be reached, or nobody came.
            Misconfigured: The OAuth client cannot be used, or the tokens cannot be kept.
        """
        # Loaded late, decision 0003: Google's library for signing in takes 0.1 s to import.
        page = import_module("connectors.credentials.google_sign_in")
        who: str = page.sign_in(self._settings, PERMISSIONS, desk)
        return who

    def close(self) -> None:
        """End the connection. Idempotent."""
        if self._reader is not None:
            self._reader.close()

    def _opened(self) -> "ContactsReader":
        if self._reader is None:
            # Loaded late, decision 0003: Google's client library takes 0.35 s to import.
            reader = import_module("connectors.google_contacts.reader")
            opened: ContactsReader = reader.ContactsReader(self._settings, PERMISSIONS)
            self._reader = opened
        return self._reader
