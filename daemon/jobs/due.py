"""What the database knows and what the clock says -> what is to be done now, and when next.

Nothing here depends on when it was asked before: a machine that slept, was restarted or had
its clock put right asks again, and the answer follows from what is stored.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from daemon.store.sources import Source

FIRST_RETRY = timedelta(minutes=1)
"""After the first failure: a machine that wakes up is on the network a moment later."""

LONGEST_WAIT = timedelta(hours=1)
"""Between two tries: to ask a dead server once an hour costs nobody anything, and a laptop
that was offline for a night is up to date an hour after it came back."""

LONGEST_RETRY_AFTER = timedelta(days=1)
"""What a server may ask for. Source: reliability notes, fault 26."""

JITTER = 0.2
"""By how much a wait may be longer or shorter, so that sources do not fail in step."""

SAID_AFTER = timedelta(hours=1)
"""How long a source may fail before the owner is told. Source: design notes, errors."""

PATIENCE = timedelta(minutes=20)
"""How long a digest waits for a source that fails: a network that is late, not one that is gone.
It covers the first four retries, after 1, 2, 4 and 8 minutes."""

LAST_CALL = timedelta(hours=1)
"""Before the end of the day: how long a first reading may keep the digest waiting."""

ASTRAY = timedelta(days=2)
"""What is put off further than this and any usual wait was put off by a clock that was wrong."""


def schedule(wanted: Iterable[Source], known: Iterable[Source]) -> tuple[Source, ...]:
    """Return ``wanted``, as the settings have them, each with what is ``known`` of its schedule."""
    by_name = {source.name: source for source in known}
    return tuple(_scheduled(source, by_name.get(source.name)) for source in wanted)


def _scheduled(source: Source, known: Source | None) -> Source:
    if known is None:
        return source
    return replace(
        known,
        folder=source.folder,
        given=source.given,
        beside=source.beside,
        place=source.place,
        reading=source.reading,
        kind=source.kind,
        poll_minutes=source.poll_minutes,
    )


def list_due(known: Iterable[Source], *, at: datetime) -> tuple[Source, ...]:
    """Return those of ``known`` that are to be read at ``at``, in the same order."""
    return tuple(source for source in known if _is_due(source, at))


def _is_due(source: Source, at: datetime) -> bool:
    if source.is_stopped:
        return False
    if source.next_at is None or source.next_at <= at:
        return True
    return source.next_at - at > max(ASTRAY, 2 * timedelta(minutes=source.poll_minutes))


def back_off(
    n_failures: int, *, at: datetime, draw: float, retry_after: timedelta | None = None
) -> datetime:
    """Return when to try again after ``n_failures`` failures in a row, the last one at ``at``.

    The wait doubles from a minute to an hour, and is never shorter than the server asks for,
    up to a day.

    Args:
        n_failures: At least 1.
        at: The present.
        draw: By chance, 0 to 1: where in the range of the jitter the wait lies.
        retry_after: What the server asked for.

    Source: exponential back-off with jitter; the figures are ours, see the decision record
    on the service.
    """
    doubled = FIRST_RETRY * (1 << min(n_failures - 1, 16))
    wait = min(doubled, LONGEST_WAIT) * (1 - JITTER + 2 * JITTER * draw)
    asked = min(retry_after or timedelta(), LONGEST_RETRY_AFTER) * (1 + JITTER * draw)
    return at + max(wait, asked)


def digest_at(on: date, *, zone: ZoneInfo, hour: time) -> datetime:
    """Return the instant, in UTC, from which the digest of the local day ``on`` is due.

    An hour that a day skips is as far after the gap as it lies in it; of one that comes
    twice it is the first. Source: RFC 5545, section 3.3.5, local times that do not exist
    or exist twice.
    """
    return datetime.combine(on, hour, zone).astimezone(UTC)


def is_digest_due(at: datetime, *, zone: ZoneInfo, hour: time, workdays: frozenset[int]) -> bool:
    """Return whether the local day of ``at`` is a workday and its digest hour has come.

    Whether that day's digest was made already is for the outbox to say, which keeps one row
    a day. Workdays are 0 for Monday to 6 for Sunday.
    """
    on = at.astimezone(zone).date()
    return on.weekday() in workdays and digest_at(on, zone=zone, hour=hour) <= at


def find_next_digest(
    at: datetime, *, zone: ZoneInfo, hour: time, workdays: frozenset[int], is_made: bool
) -> datetime:
    """Return when the next digest is due: now or earlier if today's was not made yet.

    Args:
        at: The present.
        zone: The owner's.
        hour: The owner's digest hour.
        workdays: At least one, 0 for Monday to 6 for Sunday.
        is_made: Whether today's digest lies in the outbox.
    """
    today = at.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(is_made, 9))
    return next(digest_at(d, zone=zone, hour=hour) for d in days if d.weekday() in workdays)


def is_worth_waiting(known: Iterable[Source], *, at: datetime, zone: ZoneInfo) -> bool:
    """Return whether a digest should wait for a source that is not ready yet.

    It is not while it only just began to fail: a machine that wakes up without a network yet
    would tell the owner of questions answered long ago. Nor while it is read for the first
    time: half a mailbox shows silences that the other half contradicts. A digest never waits
    past the end of the day.
    """
    known = tuple(known)
    is_failing = any(_is_failing_lately(source, at) for source in known)
    is_beginning = any(_is_read_first(source) for source in known)
    return (is_failing and _is_left(PATIENCE, at, zone)) or (
        is_beginning and _is_left(LAST_CALL, at, zone)
    )


def _is_left(span: timedelta, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the local day of ``at`` is at least ``span`` longer."""
    return (at + span).astimezone(zone).date() == at.astimezone(zone).date()


def _is_read_first(source: Source) -> bool:
    """Whether it was never read to its end, and is not what fails or waits for the owner."""
    return not source.is_stopped and source.failing_since is None and source.next_at is None


def _is_failing_lately(source: Source, at: datetime) -> bool:
    if source.is_stopped or source.failing_since is None:
        return False
    return timedelta() <= at - source.failing_since < PATIENCE
