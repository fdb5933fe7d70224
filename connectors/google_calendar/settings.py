"""What the owner says about their calendars at Google."""

from dataclasses import dataclass
from datetime import datetime

from connectors.google.settings import GoogleSettings
from connectors.protocol import Reading


@dataclass(kw_only=True)
class GoogleCalendarSettings(GoogleSettings):
    """Which calendars to read, and how far ahead.

    Attributes:
        calendars: Names of calendars, or ``primary`` for the account's own; where empty, that
            one and those which are ticked in Google's own interface.
        read: With ``headers`` neither summaries nor places are asked for.
        url: Where the service is reached.
        until: Occurrences that start before this instant are reported; a year from the poll's
            day on, where it is None.
        page: How many events make a batch, at most 2,500.
    """

    calendars: tuple[str, ...] = ()
    read: Reading = Reading.TEXT
    url: str = "https://www.googleapis.com/calendar/v3/"
    until: datetime | None = None
    page: int = 250
