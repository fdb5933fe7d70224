"""Calendars on the web and in files to events: an .ics file or address, or a folder (vdir)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from connectors.credentials.secrets import Secret
from connectors.document import Outcome, origin_of, parts_of, read_parts, resume
from connectors.formats.rfc5545 import Series, split_series
from connectors.observations import Gone
from connectors.occurrences import Expander, checked_zone, end_of_window
from connectors.origins import Kind, Sheet, Unreadable, origin_at
from connectors.protocol import Batch, Cursor, Reading, Rejected

FILE_LIMIT = 32 * 2**20
"""Bytes of one file. Twenty years of a busy calendar have a third of that."""

_KIND = Kind(
    noun="calendar",
    limit=FILE_LIMIT,
    opening=re.compile(rb"BEGIN:VCALENDAR", re.IGNORECASE),
    closing=re.compile(rb"END:VCALENDAR\s*\Z", re.IGNORECASE),
    suffixes=frozenset({".ics", ".ical", ".icalendar"}),
)


@dataclass
class IcsSettings:
    """Which calendar to read, and how far ahead.

    Attributes:
        path: A file, or a folder of files that count as one calendar, if it is there.
        until: Occurrences that start before this instant are reported; a year from the poll's
            day on, where it is None.
        zone: The IANA name of the zone in which whole days and floating times are meant.
        read: With ``headers`` neither summaries nor places are reported.
        page: How many observations make a batch.
        url: Where it is on the web, if it is there; webcal: means https:.
        allow_private: Whether that may be in the owner's own network, and plain http there.
        ca_file: The certificates to trust, instead of those that the system trusts.
        user: Whom to sign in as, if that is needed; with ``secret``, the password.
    """

    path: Path | None = None
    until: datetime | None = None
    zone: str = "UTC"
    read: Reading = Reading.TEXT
    page: int = 200
    url: str = field(default="", repr=False)
    allow_private: bool = False
    ca_file: Path | None = None
    user: str = ""
    secret: Secret | None = None


class IcsConnector:
    """Reads calendars, series by series, each in a process that may be killed.

    A series that changes is reported again with all its occurrences; those that its exception
    dates took out are reported as gone. What vanishes from it altogether is not: see
    ``connectors.document``. As the window moves on, the occurrences that enter it are reported
    once a day, without any change to the calendar.
    """

    settings_type: ClassVar[type[IcsSettings]] = IcsSettings

    def __init__(self, settings: IcsSettings, *, since: datetime) -> None:
        """Remember what to read. Occurrences that end before ``since`` are left out."""
        self._settings, self._since = settings, since
        self._expander = Expander(zone=settings.zone, read=settings.read)
        self._origin = origin_at(settings, _KIND)
        self._name = origin_of("ics", self._origin.name, settings.zone, settings.read)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the occurrences of all series that are new or changed since ``cursor``.

        Raises:
            CursorExpired: It was issued for another path, url, zone or reading.
            Misconfigured: There is no such file, zone, or nothing at that url.
            AccessDenied, Unavailable: The file or the url cannot be read.
        """
        place = resume(cursor, self._name)
        checked_zone(self._settings.zone)
        until = self._settings.until or end_of_window(datetime.now(UTC))
        horizon = f"{until.timestamp():.0f}"
        edition = self._origin.look(place.stamp if place.horizon == horizon else "")
        if edition is None:
            return
        end = replace(place, stamp=edition.stamp, horizon=horizon)
        start = replace(place, horizon=place.horizon or end.horizon)
        seen_until = datetime.fromtimestamp(int(start.horizon), UTC)
        changed, same = parts_of(self._series(edition.sheets), place)
        look = partial(self._look, until=until)
        tasks = [(part, partial(look, is_known=cursor is not None)) for part in changed]
        if seen_until < until:
            tasks += [(part, partial(look, seen_until=seen_until)) for part in same if part.items]
        yield from read_parts(tasks, start, end, self._settings.page)

    def close(self) -> None:
        """End the process that parses, and the connection. Idempotent."""
        self._expander.close()
        self._origin.close()

    def _series(self, sheets: Iterable[Sheet]) -> list[Series]:
        unreadable: list[Series] = []
        series = split_series(self._documents(sheets, unreadable))
        return series + unreadable

    def _documents(self, sheets: Iterable[Sheet], unreadable: list[Series]) -> Iterator[bytes]:
        for sheet in sheets:
            try:
                yield sheet.read()
            except Unreadable as error:
                unreadable.append(Series(sheet.uid, problems=(str(error),)))

    def _look(
        self,
        series: Series,
        *,
        until: datetime,
        seen_until: datetime | None = None,
        is_known: bool = False,
    ) -> Outcome:
        """Report a series: whole, or what starts at ``seen_until`` or later.

        What exception dates took out can only have been reported where the series is known.
        """
        found = self._expander.expand(series, seen_until or self._since, until)
        if seen_until:
            return Outcome([event for event in found.events if event.starts_at >= seen_until])
        gone = [Gone(uid) for uid in found.excepted if is_known]
        rejected = [Rejected(series.key, found.problem)] if found.problem else []
        return Outcome([*found.events, *gone], rejected)
