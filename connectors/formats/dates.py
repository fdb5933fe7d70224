"""Date headers to instants in UTC, and to the instant a message can have been sent."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Mail as we know it is not older. Source: reliability notes, limits on input."""
LEEWAY = timedelta(days=1)
"""How far a sender's clock may run ahead of the receiver's. Source: as above."""

_LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # no arithmetic overflows below
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {
    spelling: number
    for number, month in enumerate(_MONTHS, start=1)
    for spelling in (month, month.title())
}
_usual = re.compile(
    r"(?:[A-Z][a-z]{2}, +)?(\d\d?) +([A-Za-z]{3}) +(\d{4}) +(\d\d):(\d\d)(?::(\d\d))? "
    r"([+-])(\d\d)(\d\d)(?: \([\w +:-]*\))?",
    re.ASCII,
)
_DATE_LIMIT = 200  # characters: no date is longer, comments and all


def parse_date(value: str) -> datetime | None:
    """Read a Date header, in UTC; None where it is none. Zone "-0000" and none count as UTC.

    Source: RFC 5322 sections 3.3 and 4.3; the odd ones are left to the standard library.
    """
    usual = _usual.fullmatch(value)
    try:
        at = _build(*usual.groups()) if usual else None
        at = at or parsedate_to_datetime(value[:_DATE_LIMIT])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def parse_received(value: str) -> datetime | None:
    """Read the instant of a Received header: what follows its last semicolon."""
    _, semicolon, date = value.rpartition(";")
    return parse_date(date.strip()) if semicolon else None


def settle_date(
    claimed: datetime | None, stamped: datetime | None, received_at: datetime | None
) -> datetime | None:
    """Say when a message was sent, in UTC; None where nothing tells.

    A date is believed between 1980 and one day after the message was received. Else the
    instant of receipt takes its place: the topmost Received header's if that is believable
    itself, else ``received_at``.

    Args:
        claimed: The Date header's instant.
        stamped: The topmost Received header's.
        received_at: When the mailbox got the message, aware, in any zone.

    Source: reliability notes, limits on input, and fault 50.
    """
    known = [at for at in (claimed, stamped, received_at) if at is not None]
    receipts = (at for at in (received_at, stamped) if at is not None and at >= EARLIEST)
    received = next(receipts, _LATEST)
    believable = (at.astimezone(UTC) for at in known if is_believable(at, received))
    return next(believable, EARLIEST) if known else None


def is_believable(sent_at: datetime, received_at: datetime) -> bool:
    """Ask whether a message received then can have been sent then (both aware)."""
    return EARLIEST <= sent_at <= min(received_at, _LATEST) + LEEWAY


def _build(
    day: str, month: str, year: str, hour: str, minute: str, second: str | None, *zone: str
) -> datetime | None:
    if month not in _MONTH or int(second or 0) > 59:
        return None
    sign, hours, minutes = zone
    offset = int(hours) * 60 + int(minutes)
    return datetime(
        int(year),
        _MONTH[month],
        int(day),
        int(hour),
        int(minute),
        int(second or 0),
        tzinfo=_zone(-offset if sign == "-" else offset),
    )


@lru_cache(maxsize=256)
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))
