"""Calendars in files to events: one .ics file, or a folder of them (vdir)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.document import (
    Outcome,
    Sheet,
    Unreadable,
    origin_of,
    parts_of,
    read_parts,
    read_sheet,
    resume,
    stamp_of,
    survey,
)
from connectors.errors import Misconfigured
from connectors.formats.rfc5545 import Series, split_series, to_events
from connectors.observations import Event, Gone
from connectors.protocol import Batch, Cursor, Reading, Rejected
from connectors.worker import Unanswered, Worker

FILE_LIMIT = 32 * 2**20
"""Bytes of one file. Twenty years of a busy calendar have a third of that."""
AHEAD = timedelta(days=365)
SERIES_SECONDS = 1.0
"""Of computing, for one series. Measured: the slowest of 9,000 real ones takes a third."""

_SUFFIXES = frozenset({".ics", ".ical", ".icalendar"})
_REASON_LIMIT = 300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ANSWER: dict[str, Any] = {"events": [], "faces": [], "gone": [], "problems": []}
EXPAND = "connectors.formats.recurrence:expand"


@dataclass
class IcsSettings:
    """Which calendar to read, and how far ahead.

    Attributes:
        path: A file, or a folder of files that count as one calendar.
        until: Occurrences that start before this instant are reported; a year from the poll's
            day on, where it is None.
        zone: The IANA name of the zone in which whole days and floating times are meant.
        read: With ``headers`` neither summaries nor places are reported.
        page: How many observations make a batch.
    """

    path: Path
    until: datetime | None = None
    zone: str = "UTC"
    read: Reading = Reading.TEXT
    page: int = 200


class IcsConnector:
    """Reads calendar files, series by series, each in a process that may be killed.

    A series that changes is reported again with all its occurrences; those that its exception
    dates took out are reported as gone. What vanishes from a file altogether is not: see
    ``connectors.document``. As the window moves on, the occurrences that enter it are reported
    once a day, without any change to the file.
    """

    settings_type: ClassVar[type[IcsSettings]] = IcsSettings

    def __init__(self, settings: IcsSettings, *, since: datetime) -> None:
        """Remember what to read. Occurrences that end before ``since`` are left out."""
        self._settings, self._since = settings, since
        self._worker = Worker(EXPAND, seconds=SERIES_SECONDS)
        self._origin = origin_of("ics", settings.path, settings.zone, settings.read)

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the occurrences of all series that are new or changed since ``cursor``.

        Raises:
            CursorExpired: It was issued for another path, zone or reading.
            Misconfigured: The path or the zone does not exist.
            AccessDenied, Unavailable: The path cannot be read.
        """
        place = resume(cursor, self._origin)
        zone = _checked_zone(self._settings.zone)
        sheets = survey(self._settings.path, _SUFFIXES)
        until = self._settings.until or _midnight(datetime.now(UTC)) + AHEAD
        end = replace(place, stamp=stamp_of(sheets), horizon=f"{until.timestamp():.0f}")
        if end == place:
            return
        start = replace(place, horizon=place.horizon or end.horizon)
        seen_until = datetime.fromtimestamp(int(start.horizon), UTC)
        changed, same = parts_of(self._series(sheets), place)
        look = partial(self._look, zone=zone, until=until)
        tasks = [(part, partial(look, is_known=cursor is not None)) for part in changed]
        if seen_until < until:
            tasks += [(part, partial(look, seen_until=seen_until)) for part in same if part.items]
        yield from read_parts(tasks, start, end, self._settings.page)

    def close(self) -> None:
        """End the process that parses. Idempotent."""
        self._worker.close()

    def _series(self, sheets: list[Sheet]) -> list[Series]:
        unreadable: list[Series] = []
        series = split_series(self._documents(sheets, unreadable))
        return series + unreadable

    def _documents(self, sheets: list[Sheet], unreadable: list[Series]) -> Iterator[bytes]:
        for sheet in sheets:
            try:
                yield read_sheet(self._settings.path, sheet, FILE_LIMIT)
            except Unreadable as error:
                unreadable.append(Series(sheet.uid, problems=(str(error),)))

    def _look(
        self,
        series: Series,
        *,
        zone: str,
        until: datetime,
        seen_until: datetime | None = None,
        is_known: bool = False,
    ) -> Outcome:
        """Report a series: whole, or what starts at ``seen_until`` or later.

        What exception dates took out can only have been reported where the series is known.
        """
        answer, problems = self._expand(series, zone, seen_until or self._since, until)
        events = (self._redact(event) for event in to_events(answer))
        if seen_until:
            return Outcome([event for event in events if event.starts_at >= seen_until])
        gone = [Gone(uid) for uid in answer["gone"] if is_known]
        reason = "; ".join(dict.fromkeys(problems))[:_REASON_LIMIT]
        return Outcome([*events, *gone], [Rejected(series.key, reason)] if reason else [])

    def _expand(
        self, series: Series, zone: str, since: datetime, until: datetime
    ) -> tuple[dict[str, Any], list[str]]:
        """Ask the worker, and return its answer and all that is wrong with the series."""
        if not series.parts:
            return _NO_ANSWER, list(series.problems)
        question = {
            "key": series.key,
            "parts": series.parts,
            "calendar_zone": series.calendar_zone,
            "zones": series.zones,
            "zone": zone,
            "since": max(since, _EPOCH).timestamp(),
            "until": until.timestamp(),
        }
        try:
            answer = self._worker.ask(question)
        except Unanswered as unanswered:
            return _NO_ANSWER, [*series.problems, str(unanswered)]
        return answer, [*series.problems, *answer["problems"]]

    def _redact(self, event: Event) -> Event:
        if self._settings.read is Reading.HEADERS:
            return replace(event, summary="", location="")
        return event


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{name!r} is no time zone; try Europe/Berlin") from error


def _midnight(now: datetime) -> datetime:
    """Return the last midnight in UTC, so that a window moves once a day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
