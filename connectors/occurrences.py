"""A series of a calendar -> its events in a window, worked out in a process that may be killed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import Misconfigured
from connectors.formats.rfc5545 import Series, to_events
from connectors.observations import Event
from connectors.protocol import Reading
from connectors.worker import Unanswered, Worker

AHEAD = timedelta(days=365)
SERIES_SECONDS = 1.0
"""Of computing, for one series. Measured: the slowest of 9,000 real ones takes a third."""
EXPAND = "connectors.formats.recurrence:expand"

_REASON_LIMIT = 300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ANSWER: dict[str, Any] = {"events": [], "faces": [], "gone": [], "problems": []}


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The events of one series, the uids of those excepted from it, and what is wrong with it."""

    events: tuple[Event, ...]
    excepted: tuple[str, ...] = ()
    problem: str = ""


class Expander:
    """Works out occurrences. Close it."""

    def __init__(self, *, zone: str, read: Reading) -> None:
        """Take the zone of whole days and floating times; with HEADERS no words are reported."""
        self._zone, self._read = zone, read
        self._worker = Worker(EXPAND, seconds=SERIES_SECONDS)

    def expand(self, series: Series, since: datetime, until: datetime) -> Occurrences:
        """Return what ends at ``since`` or later and starts before ``until``.

        A series that takes too long is one with a problem, and costs no other one anything.

        Raises:
            Misconfigured: There is no such zone.
        """
        if not series.parts:
            return Occurrences((), problem=_reason(series.problems))
        question = {
            "key": series.key,
            "parts": series.parts,
            "calendar_zone": series.calendar_zone,
            "zones": series.zones,
            "zone": checked_zone(self._zone),
            "since": max(since, _EPOCH).timestamp(),
            "until": until.timestamp(),
        }
        answer = self._answer(question)
        problems = (*series.problems, *answer["problems"])
        events = tuple(self._redact(event) for event in to_events(answer))
        return Occurrences(events, tuple(answer["gone"]), _reason(problems))

    def close(self) -> None:
        """End the process. Idempotent."""
        self._worker.close()

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._worker.ask(question)
        except Unanswered as unanswered:
            return _NO_ANSWER | {"problems": [str(unanswered)]}
        return answer

    def _redact(self, event: Event) -> Event:
        if self._read is Reading.HEADERS:
            return replace(event, summary="", location="")
        return event


def end_of_window(now: datetime) -> datetime:
    """Return a year after the last midnight in UTC, so that a window moves once a day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + AHEAD


def checked_zone(name: str) -> str:
    """Return ``name`` if it is that of a time zone.

    Raises:
        Misconfigured: It is not.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{name!r} is no time zone; try Europe/Berlin") from error


def _reason(problems: tuple[str, ...]) -> str:
    return "; ".join(dict.fromkeys(problems))[:_REASON_LIMIT]
