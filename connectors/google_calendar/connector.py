"""Turns the calendars of an account at Google into batches of events, and changes nothing there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from connectors.document import origin_of
from connectors.errors import Misconfigured
from connectors.google_calendar.place import resume
from connectors.google_calendar.settings import GoogleCalendarSettings
from connectors.occurrences import end_of_window
from connectors.protocol import Batch, Cursor, Desk

if TYPE_CHECKING:
    from connectors.google_calendar.reader import CalendarReader

PERMISSIONS = (
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/calendar.events.readonly",
)
"""Which calendars there are, and what is in them; nothing can be changed with these.

Source: "Choose Google Calendar API scopes".
"""
PATH = "/calendar/v3/"
"""Source: Google's discovery document of the Calendar API, ``servicePath``."""


class GoogleCalendarConnector:
    """Follows calendars by their sync tokens, occurrence by occurrence.

    A uid is made of a calendar's address and the event's id there, so that an event that lies in
    two calendars is told for each, with the same name after the slash. What is deleted or
    cancelled is reported as gone; a calendar that is deleted, or no longer ticked, deletes
    nothing. As the window moves on, the occurrences that enter it are reported once a day.
    """

    settings_type: ClassVar[type[GoogleCalendarSettings]] = GoogleCalendarSettings

    def __init__(self, settings: GoogleCalendarSettings, *, since: datetime) -> None:
        """Remember what to read. Occurrences that end before ``since`` are left out."""
        self._settings, self._since = settings, since
        # The size of pages as well: all but its token must be asked for as it was at first.
        self._origin = origin_of(
            "google_calendar", settings.url, settings.user, settings.read, settings.page
        )
        self._reader: CalendarReader | None = None

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the events that are new, changed or deleted since ``cursor``.

        Raises:
            CursorExpired: Google has forgotten it; or it was issued for another url, user or
                reading.
            AccessDenied: There is no sign-in that Google takes.
            Misconfigured: The OAuth client or a calendar is not to be found, or the url is not
                that of a calendar service.
            Unavailable: Google cannot be reached, is busy for too long, or fails.
        """
        if not self._settings.url.endswith(PATH):
            raise Misconfigured(f"the url of a Google calendar service ends in {PATH}")
        start = resume(cursor, self._origin)
        until = self._settings.until or end_of_window(datetime.now(UTC))
        yield from self._opened().read(start, until)

    def list_permissions(self) -> tuple[str, ...]:
        """Return the permissions that are asked for, as Google names them, sorted."""
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

    def _opened(self) -> "CalendarReader":
        if self._reader is None:
            # Loaded late, decision 0003: Google's client library takes 0.35 s to import.
            reader = import_module("connectors.google_calendar.reader")
            opened: CalendarReader = reader.CalendarReader(self._settings, PERMISSIONS, self._since)
            self._reader = opened
        return self._reader
