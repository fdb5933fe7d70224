"""Calendars on a CalDAV server to events: all of an account's, or those that are selected."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from connectors.credentials.secrets import Secret
from connectors.document import Outcome, origin_of
from connectors.formats.rfc5545 import Series, split_series
from connectors.observations import Gone
from connectors.occurrences import Expander, checked_zone, end_of_window
from connectors.protocol import Batch, Cursor, Reading, Rejected
from connectors.webdav.client import Refused, sign_in
from connectors.webdav.cursors import Place, resume
from connectors.webdav.discovery import Collection, Kind, discover
from connectors.webdav.members import Member, entering, listing
from connectors.webdav.multistatus import CALDAV
from connectors.webdav.polling import Follower, Step, in_pages

CALENDARS = Kind(
    noun="calendar",
    service="caldav",
    collection=f"{CALDAV}calendar",
    home_set=f"{CALDAV}calendar-home-set",
    multiget=f"{CALDAV}calendar-multiget",
    content=f"{CALDAV}calendar-data",
    components=f"{CALDAV}supported-calendar-component-set",
    component="VEVENT",
)

_MARGIN = timedelta(days=2)  # Whole days and floating times lie elsewhere for the server.
_recurring = re.compile(r"^(?:RRULE|RDATE|RECURRENCE-ID)[;:]", re.IGNORECASE | re.MULTILINE)
_revised = re.compile(r"^SEQUENCE[^:\n]*:0*[1-9]", re.IGNORECASE | re.MULTILINE)


@dataclass
class CaldavSettings:
    """Which calendars to read, and how far ahead.

    Attributes:
        url: Of the server, the user, a folder of calendars, or one calendar.
        user: The name to sign in with.
        secret: Where its password is kept; without one nobody signs in.
        calendars: Display names, or last segments of addresses; all calendars where empty.
        ca_file: The certificates to trust, instead of those that the system trusts.
        allow_private: Whether the server may lie in a private network.
        zone: The IANA name of the zone in which whole days and floating times are meant.
        until: Occurrences that start before this instant are reported; a year from the poll's
            day on, where it is None.
        read: With ``headers`` neither summaries nor places are reported.
        page: How many observations make a batch.
    """

    url: str
    user: str = ""
    secret: Secret | None = None
    calendars: tuple[str, ...] = ()
    ca_file: Path | None = None
    allow_private: bool = False
    zone: str = "UTC"
    until: datetime | None = None
    read: Reading = Reading.TEXT
    page: int = 200


class CaldavConnector:
    """Follows calendars by sync-collection, or where that is not offered by their ETags.

    A uid is made of an event's place on the server, and for one that recurs of the instant at
    which its rule sets it. An event that is deleted, and what is left of a series when its
    rule is changed, is reported as gone where the server reports changes. What vanishes from a
    calendar that is only listed is not: see ``connectors.webdav.polling``. As the window moves
    on, the occurrences that enter it are reported once a day.
    """

    settings_type: ClassVar[type[CaldavSettings]] = CaldavSettings

    def __init__(self, settings: CaldavSettings, *, since: datetime) -> None:
        """Remember what to read. Occurrences that end before ``since`` are left out."""
        self._settings, self._since = settings, since
        self._client = sign_in(
            settings.url,
            settings.user,
            settings.secret,
            ca_file=settings.ca_file,
            allow_private=settings.allow_private,
        )
        self._expander = Expander(zone=settings.zone, read=settings.read)
        self._origin = origin_of(
            "caldav", settings.url, settings.user, settings.zone, settings.read
        )

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the events that are new, changed or deleted since ``cursor``.

        Raises:
            CursorExpired: The server does not know it; or it was issued for another url, user,
                zone or reading.
            AccessDenied: The server refuses the user or the password.
            Misconfigured: The zone, a calendar, or all of them are not to be found.
            Unavailable: The server cannot be reached, or fails.
        """
        start = resume(cursor, self._origin)
        checked_zone(self._settings.zone)
        until = self._settings.until or end_of_window(datetime.now(UTC))
        try:
            calendars = discover(
                self._client, CALENDARS, self._settings.url, self._settings.calendars
            )
            steps = self._steps(calendars, start, until, is_known=cursor is not None)
            yield from in_pages(steps, start, self._settings.page)
        except Refused as refused:
            raise refused.to_error() from refused

    def close(self) -> None:
        """End the connection, and the process that parses. Idempotent."""
        self._client.close()
        self._expander.close()

    def _steps(
        self, calendars: Sequence[Collection], start: Place, until: datetime, *, is_known: bool
    ) -> Iterator[Step]:
        """Report what has changed, and then what has only entered the window."""
        horizon = int(until.timestamp())
        place = replace(start, horizon=start.horizon or horizon)
        told: set[str] = set()
        read = partial(self._read, until=until, told=told, is_known=is_known)
        follower = Follower(self._client, CALENDARS, self._settings.page, read, _forget)
        place = yield from follower.follow(calendars, place)
        if place.horizon < horizon:
            seen_until = datetime.fromtimestamp(place.horizon, UTC)
            look = partial(self._read_entering, seen_until=seen_until, until=until)
            looker = replace(follower, read=look)
            for calendar in calendars:
                entered = self._entering(calendar, seen_until, until)
                members = [each for each in entered if each.key not in told]
                for outcome in looker.observe(calendar, members):
                    yield Step(outcome, place, 1)
        yield Step(Outcome(), replace(place, horizon=horizon))

    def _entering(
        self, calendar: Collection, seen_until: datetime, until: datetime
    ) -> list[Member]:
        """Ask the server what lies in a window, or look at everything where it cannot say."""
        span = (f"{at:%Y%m%dT%H%M%SZ}" for at in (seen_until - _MARGIN, until + _MARGIN))
        try:
            return entering(self._client, calendar, *span)
        except Refused:
            return listing(self._client, calendar)

    def _read(
        self, member: Member, body: bytes, *, until: datetime, told: set[str], is_known: bool
    ) -> Outcome:
        """Report an event, or a series whole; and what it was before, where it was known."""
        told.add(member.key)
        if b"BEGIN:VCALENDAR" not in body.upper():
            return Outcome(rejected=[Rejected(member.key, "no calendar in it")])
        found = _series(member, body)
        expanded = [self._expander.expand(each, self._since, until) for each in found]
        problems = [(s.key, x.problem) for s, x in zip(found, expanded, strict=True) if x.problem]
        gone = [Gone(uid) for each in expanded for uid in each.excepted]
        if not problems:
            gone += _leftovers(member, found)
        return Outcome(
            [*(gone if is_known else ()), *(event for each in expanded for event in each.events)],
            [Rejected(key, problem) for key, problem in problems],
        )

    def _read_entering(
        self, member: Member, body: bytes, *, seen_until: datetime, until: datetime
    ) -> Outcome:
        """Report what starts at ``seen_until`` or later."""
        expanded = (self._expander.expand(s, seen_until, until) for s in _series(member, body))
        events = (event for each in expanded for event in each.events)
        return Outcome([event for event in events if event.starts_at >= seen_until])


def _series(member: Member, body: bytes) -> list[Series]:
    """Cut an event's resource into series, named by its place rather than by its UID.

    There is one, unless the server does not mind (RFC 4791 section 4.1).
    """
    found = split_series([body])
    if len(found) == 1:
        return [replace(found[0], key=member.key)]
    hashes = (sha256(each.key.encode("utf-8", "replace")).hexdigest()[:16] for each in found)
    return [
        replace(each, key=f"{member.key}/{name}") for each, name in zip(found, hashes, strict=True)
    ]


def _leftovers(member: Member, found: Sequence[Series]) -> list[Gone]:
    """Say what a member that has changed may have been reported as, and is no longer.

    A revision tells itself by its SEQUENCE. Source: RFC 5545 section 3.8.7.4.
    """
    parts = [part for series in found for part in series.parts]
    if len(found) > 1 or any(map(_recurring.search, parts)):
        return [Gone(member.key), _all_of(member)]
    return [_all_of(member)] if any(map(_revised.search, parts)) else []


def _forget(member: Member) -> Outcome:
    return Outcome([Gone(member.key), _all_of(member)])


def _all_of(member: Member) -> Gone:
    return Gone(f"{member.key}/", is_prefix=True)
