"""A Google Calendar of our own: the list of calendars, and what is in them, by sync tokens.

Requests and answers are as the Calendar API reference ("CalendarList: list", "Events: list") and
its guide "Synchronize resources efficiently" describe them, and Google's discovery document
checks each. Recurring events lie there as occurrences, for ``singleEvents`` is all that is asked.
Measured by others, and done here: a token's changes hold every occurrence of a series that was
touched, for decades ahead, whatever window the first listing had; but of those that are cancelled,
no more than half a year (googleapis/google-api-ruby-client, issue 860).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.pace import Clock
from tests.servers.api import Call, Reply, Served, running
from tests.servers.google_accounts import Accounts
from tests.servers.google_api import Door, Listing, Shelf, asked_for, error, opaque

OWNER = "mara@example.org"
_NOT_WITH_A_TOKEN = frozenset(
    "iCalUID orderBy privateExtendedProperty q sharedExtendedProperty timeMin timeMax updatedMin"
    " showDeleted".split()
)
"""Source: Calendar API reference, "Events: list", syncToken."""
_BOUNDS = ("timeMin", "timeMax")
_ROLES = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")

Json = dict[str, Any]


@dataclass
class Diary:
    """One calendar: its entry in the list, its events, and when each was changed last."""

    entry: Json
    events: dict[str, Json] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    n_changes: int = 0
    n_expiries: int = 0
    is_closed: bool = False
    lone: set[str] = field(default_factory=set)
    """Series of which some occurrences are here, by invitation, and not the series itself."""

    def put(self, *events: Json) -> None:
        """Add or replace events."""
        for event in events:
            self.n_changes += 1
            self.events[event["id"]] = event
            self.changed_at[event["id"]] = self.n_changes

    def delete(self, *ids: str) -> None:
        """Delete events: only what is guaranteed of them is left.

        Source: Calendar API reference, "Events", status.
        """
        left = ("id", "recurringEventId", "originalStartTime")
        for each in ids:
            event = self.events[each]
            self.put(
                {name: event[name] for name in left if name in event} | {"status": "cancelled"}
            )

    def expire(self) -> None:
        """Make every sync token useless."""
        self.n_expiries += 1

    def changes_since(self, n_seen: int) -> list[Json]:
        """Return what was changed after the ``n_seen``-th change.

        Of the cancelled occurrences of a series there are those of half a year.
        """
        changed = [e for key, e in self.events.items() if self.changed_at[key] > n_seen]
        first: dict[str, datetime] = {}
        for at, name in ((_original(each), each.get("recurringEventId")) for each in changed):
            if at and name:
                first[name] = min(at, first.get(name, at))
        return [each for each in changed if not _is_cut(each, first)]

    def instances(self, series: str, low: datetime, high: datetime) -> list[Json] | None:
        """Return the occurrences of a series; None where it is not there, or not any more."""
        there = [each for each in self.events.values() if each.get("recurringEventId") == series]
        if series in self.lone or all(each["status"] == "cancelled" for each in there):
            return None
        return [each for each in self.between(low, high) if each in there]

    def between(self, low: datetime, high: datetime) -> list[Json]:
        """Return what ends after ``low`` and starts before ``high``, and is not deleted."""
        there = [each for each in self.events.values() if each["status"] != "cancelled"]
        return [each for each in there if _lies_between(each, low, high)]


@dataclass
class GoogleCalendar:
    """The calendars of one account, the primary one first."""

    accounts: Accounts
    diaries: dict[str, Diary] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)
    door: Door = field(init=False)
    _tokens: dict[str, tuple[str, int, int, tuple[tuple[str, str], ...]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.door = Door.of("calendar", "v3", self.accounts, self._respond)
        self.add(OWNER, primary=True, selected=True)

    @property
    def own(self) -> Diary:
        return self.diaries[OWNER]

    def add(self, name: str, **entry: Any) -> Diary:
        """Add a calendar to the list."""
        usual = {"kind": "calendar#calendarListEntry", "summary": name, "timeZone": "Europe/Berlin"}
        self.diaries[name] = Diary(usual | {"accessRole": "owner"} | entry | {"id": name})
        return self.diaries[name]

    def expire(self) -> None:
        """Make every token useless: of changes, and of pages."""
        self.shelf.forget()
        for diary in self.diaries.values():
            diary.expire()

    def state(self) -> str:
        """Return all that another client could see."""
        seen = [(each.entry, each.events) for each in self.diaries.values()]
        return json.dumps(seen, sort_keys=True)

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        return self.door.answer(call)

    def _respond(self, call: Call) -> Reply:
        method = self.door.checked.check_call(call)["id"]
        if method == "calendar.calendarList.list":
            return self._list_calendars(call)
        if method == "calendar.events.instances":
            return self._list_instances(call)
        assert method == "calendar.events.list", f"kithd does not need {method}"
        return self._list_events(call)

    def _list_instances(self, call: Call) -> Reply:
        given = self.door.checked.params_of(call)
        diary, series = self.diaries[given["calendarId"]], given["eventId"]
        found = diary.instances(series, *self._bounds(call))
        if found is None and series not in diary.lone:
            return error(410, "deleted", "GONE", "Resource has been deleted")
        if found is None:
            return error(404, "notFound", "NOT_FOUND", "Not Found")
        listing = self._listing(call, found, "")
        return _no_such_page() if listing is None else self._page(call, listing, "events", 250)

    def _bounds(self, call: Call) -> tuple[datetime, datetime]:
        low, high = (_instant(call.one(name, "")) for name in _BOUNDS)
        return low or _FIRST, high or _LAST

    def _list_calendars(self, call: Call) -> Reply:
        least = _ROLES.index(call.one("minAccessRole", _ROLES[0]))
        there = [
            each.entry
            for each in self.diaries.values()
            if _ROLES.index(each.entry["accessRole"]) >= least
            and not each.entry.get("hidden")
            and not each.entry.get("deleted")
        ]
        listing = self._listing(call, there, "")
        return (
            _no_such_page() if listing is None else self._page(call, listing, "calendarList", 100)
        )

    def _list_events(self, call: Call) -> Reply:
        name = self.door.checked.params_of(call)["calendarId"]
        diary = self.diaries.get(OWNER if name == "primary" else name)
        if diary is None:
            return error(404, "notFound", "NOT_FOUND", "Not Found")
        if diary.is_closed:
            return error(403, "forbidden", "PERMISSION_DENIED", "Forbidden")
        assert call.one("singleEvents") == "true", "recurring events lie here as occurrences"
        events = self._events(call, diary)
        if isinstance(events, Reply):
            return events
        listing = self._listing(call, events, self._token(call, diary))
        return _no_such_page() if listing is None else self._page(call, listing, "events", 250)

    def _events(self, call: Call, diary: Diary) -> list[Json] | Reply:
        if "syncToken" not in call.query:
            found = diary.between(*self._bounds(call))
        else:
            barred = sorted(_NOT_WITH_A_TOKEN & call.query.keys())
            if barred:
                return error(400, "badRequest", "INVALID_ARGUMENT", f"Not with syncToken: {barred}")
            changed = self._changed(call, diary)
            if changed is None:
                return error(
                    410,
                    "fullSyncRequired",
                    "FAILED_PRECONDITION",
                    "Sync token is no longer valid, a full sync is required.",
                )
            found = changed
        kinds = call.query.get("eventTypes")
        return [each for each in found if not kinds or _kind(each) in kinds]

    def _changed(self, call: Call, diary: Diary) -> list[Json] | None:
        issued = self._tokens.get(call.one("syncToken"))
        if issued is None or issued[:2] != (diary.entry["id"], diary.n_expiries):
            return None
        now = _lasting(call)
        assert now == issued[3], f"changes are asked for by {now}, after {issued[3]}"
        return diary.changes_since(issued[2])

    def _token(self, call: Call, diary: Diary) -> str:
        issued = (diary.entry["id"], diary.n_expiries, diary.n_changes, _lasting(call))
        token = opaque("sync", diary.entry["id"], diary.n_expiries, diary.n_changes)
        self._tokens[token] = issued
        return token

    def _listing(self, call: Call, items: list[Json], end: str) -> Listing | None:
        if "pageToken" in call.query:
            return self.shelf.resume(call)
        return self.shelf.begin(call, items, end)

    def _page(self, call: Call, listing: Listing, kind: str, size: int) -> Reply:
        items, token = self.shelf.turn(listing, int(call.one("maxResults", str(size))))
        answer = {"kind": f"calendar#{kind}", "items": items}
        if token:
            return Reply.of(answer | {"nextPageToken": token})
        return Reply.of(answer | ({"nextSyncToken": listing.end} if listing.end else {}))


@contextmanager
def open_calendar(
    accounts: Accounts, *, quota: int | None = None, clock: Clock | None = None
) -> Iterator[tuple[GoogleCalendar, Served]]:
    """Run an account's calendars on loopback, and say in the end what Google had not allowed."""
    calendar = GoogleCalendar(accounts)
    calendar.door.quota, calendar.door.clock = quota, clock
    with running(calendar) as served:
        yield calendar, served
    assert not calendar.door.guard.problems, calendar.door.guard.problems


def meeting(name: str, at: datetime, *, minutes: int = 0, **more: Any) -> Json:
    """Return an event that has a beginning and an end."""
    ends = at + timedelta(minutes=minutes)
    return {
        "kind": "calendar#event",
        "id": name,
        "status": "confirmed",
        "created": (at - timedelta(days=7)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "start": {"dateTime": at.isoformat()},
        "end": {"dateTime": ends.isoformat()},
        "summary": f"About {name}",
        "eventType": "default",
    } | more


def series(name: str, at: datetime, n: int, *, days: int = 7, **more: Any) -> list[Json]:
    """Return the occurrences of an event that recurs, called as Google calls them."""
    starts = [at + timedelta(days=days * k) for k in range(n)]
    return [
        meeting(
            f"{name}_{each.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            each,
            recurringEventId=name,
            originalStartTime={"dateTime": each.isoformat(), "timeZone": "Europe/Berlin"},
            **more,
        )
        for each in starts
    ]


_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def _lasting(call: Call) -> tuple[tuple[str, str], ...]:
    """Return what must be asked for in the same way as long as a token is used."""
    passing = ("syncToken", *_BOUNDS)
    return tuple(pair for pair in asked_for(call) if pair[0] not in passing)


def _kind(event: Mapping[str, Any]) -> str:
    return str(event.get("eventType", "default"))


def _lies_between(event: Json, low: datetime, high: datetime) -> bool:
    """Say so as timeMin and timeMax do; what says no time lies everywhere."""
    starts, ends = (_when(event.get(name, {})) for name in ("start", "end"))
    return starts is None or ends is None or (ends > low and starts < high)


def _when(time: Json) -> datetime | None:
    if "date" in time:
        return datetime.fromisoformat(f"{time['date']}T00:00:00+00:00")
    return _instant(time.get("dateTime", ""))


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _original(event: Json) -> datetime | None:
    """Return when a cancelled occurrence would have been; None for any other event."""
    is_cancelled = event["status"] == "cancelled"
    return _when(event.get("originalStartTime", {})) if is_cancelled else None


def _is_cut(event: Json, first: Mapping[str, datetime]) -> bool:
    at = _original(event)
    return at is not None and at > first[event["recurringEventId"]] + timedelta(days=183)


def _no_such_page() -> Reply:
    return error(400, "invalid", "INVALID_ARGUMENT", "Invalid Value")
