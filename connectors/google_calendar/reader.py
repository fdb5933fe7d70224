"""The calendars of an account, and how far they were read, to what has changed in them."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from connectors.document import Outcome
from connectors.errors import CursorExpired, Unavailable
from connectors.google.client import Client, Forbidden, Refused, budget_of
from connectors.google_calendar.calendars import CALENDAR_FIELDS, Calendar, choose
from connectors.google_calendar.events import (
    MEETINGS,
    Reader,
    Window,
    event_fields,
    list_touched_series,
    name_occurrences,
)
from connectors.google_calendar.place import Pending, Place
from connectors.google_calendar.settings import GoogleCalendarSettings
from connectors.observations import Event, Observation
from connectors.protocol import Batch, Progress

REQUESTS_A_MINUTE = 600
"""Source: "Usage limits" of the Google Calendar API: per minute, per user, per project."""
LARGEST_PAGE = 2_500
"""Events. Source: Calendar API reference, "Events: list", ``maxResults``."""
CALENDARS_A_PAGE = 250
"""Source: Calendar API reference, "CalendarList: list", ``maxResults``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GONE = 410
_NOT_FOUND = 404
_BAD = 400

Batches: TypeAlias = Generator[Batch, None, Place]
"""Batches one after the other, and at their end the place reached."""


class _Forgotten(Exception):
    """Google does not know any more how far a calendar was read."""


class CalendarReader:
    """Reads what has changed since a place, calendar by calendar.

    Source: Google Calendar API guides, "Synchronize resources efficiently": a first listing may
    be bounded in time, one of changes may not; all pages are asked for with the same words.
    """

    def __init__(
        self, settings: GoogleCalendarSettings, permissions: tuple[str, ...], since: datetime
    ) -> None:
        """Connect to nothing yet; tell no event that ends before ``since``."""
        self._settings, self._since = settings, since
        self._client = Client(
            settings,
            permissions=permissions,
            api="calendar",
            version="v3",
            url=settings.url,
            budget=budget_of(f"{settings.secret.reference} calendar", REQUESTS_A_MINUTE),
        )
        self._done = 0

    def read(self, start: Place, until: datetime) -> Iterator[Batch]:
        """Yield what has changed since ``start``, and what has only entered the window.

        Raises:
            CursorExpired: Of all that ``start`` speaks of, Google knows nothing any more.
            AccessDenied, Misconfigured, Unavailable: As ``Connector.poll``.
        """
        horizon, self._done = int(until.timestamp()), 0
        self._client.begin()
        calendars = self._list_calendars()
        place = start.only({each.key for each in calendars})
        place = replace(place, horizon=start.horizon or horizon)
        told: set[str] = set()
        place = yield from self._follow_all(calendars, place, horizon, told)
        if place.horizon < horizon:
            yield from self._enter_all(calendars, place, horizon, told)
        yield Batch((), replace(place, horizon=horizon).to_cursor())

    def close(self) -> None:
        """End the connection, from whatever thread. Idempotent."""
        self._client.close()

    def _follow_all(
        self, calendars: Sequence[Calendar], place: Place, horizon: int, told: set[str]
    ) -> Batches:
        """Read what is known first: what was forgotten of it is then read anew with the rest."""
        # What was begun is finished first: a place has room for one beginning.
        known = [each for each in calendars if place.is_amid(each.key)]
        known += [each for each in calendars if place.knows(each.key) and each not in known]
        forgotten: list[Calendar] = []
        for calendar in known:
            try:
                place = yield from self._follow(calendar, place, horizon, told)
            except _Forgotten:
                forgotten.append(calendar)
                place = place.without(calendar.key)
        if known and len(forgotten) == len(known):
            raise CursorExpired("Google has forgotten how far the calendars were read")
        unknown = [each for each in calendars if each not in known]
        for calendar in (*forgotten, *unknown):
            try:
                place = yield from self._follow(calendar, place, horizon, told)
            except _Forgotten:
                raise CursorExpired("Google forgot a calendar in the middle of it") from None
        return place

    def _follow(self, calendar: Calendar, place: Place, horizon: int, told: set[str]) -> Batches:
        """Tell the rest of a calendar's changes; all its events where it was never read."""
        pending = place.pending if place.is_amid(calendar.key) else None
        if pending is None:
            pending = self._begin(calendar, place, horizon)
        reader = self._reader(calendar, self._since, horizon, is_change=bool(pending.token))
        anew: set[str] = set()
        for answer in self._list_events(calendar, pending):
            if page := _text(answer, "nextPageToken"):
                place = replace(place, pending=replace(pending, page=page))
            else:
                place = place.having_read(calendar.key, _text(answer, "nextSyncToken"))
            if items := _items(answer):
                outcomes = [*map(reader.look, items), *self._tell_anew(items, reader, anew)]
                batch = self._batch(outcomes, place)
                told |= _entered(batch.observations, place.horizon)
                yield batch
        return place

    def _tell_anew(self, items: Sequence[Any], reader: Reader, told: set[str]) -> list[Outcome]:
        """Return what is left of each series that lost an occurrence, and that the rest has gone.

        ``told`` are the series that this was done for in this listing, and are added to.

        Source: googleapis/google-api-ruby-client, issue 860: of a series that is deleted, a
        token's changes hold the cancelled occurrences of about six months, and no later ones.
        """
        if not reader.is_change:
            return []
        series = [name for name in list_touched_series(items) if name not in told]
        told.update(series)
        return [outcome for name in series for outcome in self._tell_series(name, reader)]

    def _tell_series(self, series: str, reader: Reader) -> Iterator[Outcome]:
        since = int(max(reader.window.since, _EPOCH).timestamp())
        span = Pending(reader.calendar.key, "", "", since, int(reader.window.until.timestamp()))
        ask = partial(self._ask_instances, reader.calendar, series, _bounds(span))
        # A guest of single occurrences has these, and not their series: Google knows nothing of
        # it then, and only the calendar as a whole tells what there is.
        answers = list(_pages(ask)) or list(self._list_events(reader.calendar, span))
        if answers:  # else the calendar itself is not there any more, which deletes nothing
            yield Outcome((name_occurrences(reader.calendar, {"id": series}),))
        for item in (item for answer in answers for item in _items(answer)):
            if isinstance(item, dict) and item.get("recurringEventId") == series:
                yield reader.look(item)

    def _ask_instances(
        self, calendar: Calendar, series: str, bounds: Mapping[str, str], page: str
    ) -> Mapping[str, Any] | None:
        """Return one page of the occurrences of a series; None where there is no such series."""
        request = self._client.api.events().instances(
            calendarId=calendar.id,
            eventId=series,
            maxResults=LARGEST_PAGE,
            fields=f"nextPageToken,items({event_fields(self._settings.read)})",
            **bounds,
            **({"pageToken": page} if page else {}),
        )
        try:
            return self._client.ask(request, units=1)
        except Refused as refused:
            if page or refused.status not in (_GONE, _NOT_FOUND):
                raise Unavailable(str(refused)) from None
        except Forbidden:
            pass  # whether that is so of the whole calendar, and matters, its listing says
        return None

    def _begin(self, calendar: Calendar, place: Place, horizon: int) -> Pending:
        token = place.tokens.get(calendar.key, "")
        since = int(max(self._since, _EPOCH).timestamp())
        return Pending(calendar.key, token, "", since, horizon)

    def _enter_all(
        self, calendars: Iterable[Calendar], place: Place, horizon: int, told: set[str]
    ) -> Iterator[Batch]:
        """Tell what starts after what was seen, and lies within the window now.

        The place stays where it is until all of it was told: once a day this is little.
        """
        for calendar in calendars:
            reader = self._reader(calendar, _at(place.horizon), horizon, is_change=False)
            gap = Pending(calendar.key, "", "", place.horizon, horizon)
            try:
                for answer in self._list_events(calendar, gap):
                    found = [o for item in _items(answer) for o in reader.look(item).observations]
                    new = _entered(found, place.horizon) - told
                    if kept := [each for each in found if each.uid in new]:
                        yield self._batch([Outcome(kept)], place)
            except _Forgotten:
                raise Unavailable("Google forgot a calendar in the middle of it") from None

    def _reader(
        self, calendar: Calendar, since: datetime, until: int, *, is_change: bool
    ) -> Reader:
        return Reader(calendar, Window(since, _at(until)), self._settings.read, is_change)

    def _batch(self, outcomes: Iterable[Outcome], place: Place) -> Batch:
        found = list(outcomes)
        observations = dict.fromkeys(one for each in found for one in each.observations)
        rejected = tuple(one for each in found for one in each.rejected)
        self._done += len(observations) + len(rejected)
        progress = Progress(self._done, None, "events")
        return Batch(tuple(observations), place.to_cursor(), rejected, progress)

    def _list_calendars(self) -> tuple[Calendar, ...]:
        answers = _pages(self._ask_calendars)
        entries = [entry for answer in answers for entry in _items(answer)]
        return choose(entries, self._settings.calendars)

    def _ask_calendars(self, page: str) -> Mapping[str, Any]:
        request = self._client.api.calendarList().list(
            minAccessRole="reader",  # below that one sees when somebody is busy, and no more
            maxResults=CALENDARS_A_PAGE,
            fields=f"nextPageToken,items({CALENDAR_FIELDS})",
            **({"pageToken": page} if page else {}),
        )
        try:
            return self._client.ask(request, units=1)
        except Refused as refused:
            raise Unavailable(str(refused)) from None

    def _list_events(self, calendar: Calendar, pending: Pending) -> Iterator[Mapping[str, Any]]:
        """Yield what is left of a listing; nothing of a calendar that cannot be read now."""
        return _pages(partial(self._ask_events, calendar, _bounds(pending)), pending.page)

    def _ask_events(
        self, calendar: Calendar, bounds: Mapping[str, str], page: str
    ) -> Mapping[str, Any] | None:
        """Return one page; None where the calendar is only ticked, and is not there for us."""
        tokens = {"pageToken": page} if page else {}
        request = self._client.api.events().list(
            calendarId=calendar.id,
            singleEvents=True,
            eventTypes=list(MEETINGS),
            maxResults=min(self._settings.page, LARGEST_PAGE),
            fields=f"nextPageToken,nextSyncToken,items({event_fields(self._settings.read)})",
            **bounds,
            **tokens,
        )
        is_only_ticked = not (calendar.is_primary or self._settings.calendars)
        try:
            return self._client.ask(request, units=1)
        except Refused as refused:
            is_known = page or "syncToken" in bounds
            if refused.status == _GONE or (refused.status == _BAD and is_known):
                raise _Forgotten from None
            if not (is_only_ticked and refused.status == _NOT_FOUND):
                raise Unavailable(str(refused)) from None
        except Forbidden:
            if not is_only_ticked:
                raise
        return None


def _pages(
    ask: Callable[[str], Mapping[str, Any] | None], page: str = ""
) -> Iterator[Mapping[str, Any]]:
    """Yield one answer after the other, as long as there is a page after it.

    Raises:
        Unavailable: A page comes twice.
    """
    seen = {page}
    while (answer := ask(page)) is not None:
        yield answer
        page = _text(answer, "nextPageToken")
        if not page:
            return
        if page in seen:
            raise Unavailable("Google Calendar gives the same page again and again")
        seen.add(page)


def _bounds(pending: Pending) -> dict[str, str]:
    """Return what a listing is bounded by: the token of its changes, or two instants.

    Source: Calendar API reference, "Events: list": timeMin and timeMax may not go with a
    syncToken; timeMin is exclusive, and is compared with an event's end.
    """
    if pending.token:
        return {"syncToken": pending.token}
    since = max(_at(pending.since) - timedelta(seconds=1), _EPOCH)
    return {
        "timeMin": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "timeMax": f"{_at(pending.until):%Y-%m-%dT%H:%M:%SZ}",
    }


def _entered(observations: Iterable[Observation], horizon: int) -> set[str]:
    """Return the uids of the events that start at ``horizon`` or later."""
    seen_until = _at(horizon)
    events = (each for each in observations if isinstance(each, Event))
    return {each.uid for each in events if each.starts_at >= seen_until}


def _items(answer: Mapping[str, Any]) -> Sequence[Any]:
    items = answer.get("items", [])
    return items if isinstance(items, list) else []


def _text(answer: Mapping[str, Any], name: str) -> str:
    return str(answer.get(name) or "")


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
