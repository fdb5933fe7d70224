"""The calendars of an account at Microsoft -> events, by Graph's delta query of a window.

The window is fixed in the token that Graph gives out. So once the present has moved on by a
month, what is left of the old window's changes is read, and then the new window from its
beginning: what was told before is told again under the same name, which changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from connectors.document import Outcome
from connectors.errors import Misconfigured
from connectors.formats.addresses import normalise
from connectors.graph.client import Graph, Item
from connectors.graph.cursors import Place, key_of
from connectors.graph.deltas import Collection
from connectors.graph.events import EventReader, Unreadable
from connectors.graph.settings import GraphSettings
from connectors.graph.troubles import Absent
from connectors.graph.values import is_true, text_in, uid_of
from connectors.observations import Event, Gone
from connectors.occurrences import checked_zone, end_of_window
from connectors.protocol import Rejected

WIDEST = timedelta(days=1825)
"""How wide a window may be. Source: Graph's own refusal, microsoft-graph-docs issue 6284."""
STEP = timedelta(days=31)
"""How far the present moves before a new window is begun."""

_FULL = (
    "type", "start", "end", "isAllDay", "isCancelled", "showAs", "sensitivity", "organizer",
    "attendees", "subject",
)  # fmt: skip
"""What every event has; one that lacks some of it is told of in part."""
_MASTER, _WITHIN = "seriesmaster", frozenset({"occurrence", "exception"})
_SHOWN = "id,name,owner,canEdit,isDefaultCalendar"
_IN_UTC = 'outlook.timezone="UTC"'


class CalendarReader:
    """Reads events, those of a series one by one.

    An occurrence is named after its series and itself. When a series changes, Graph tells all
    that is left of it in the window, and not what was taken out: so what is not told again is
    gone. An event that is moved out of the window, or lies outside and changes, is told as
    deleted, and is reported so. So of a series that changes, what lay before the window is gone
    as well, and so is a past meeting that is moved out of it: from Graph's answer neither can be
    told from what was deleted. Source: Graph, "event: delta"; measured by others,
    microsoft-graph-docs pull request 4501.
    """

    def __init__(
        self, graph: Graph, settings: GraphSettings, *, since: datetime, owner: str | None
    ) -> None:
        """Remember what to read.

        Args:
            graph: Who is asked.
            settings: The owner's settings.
            since: Events that end before are left out; of five years in all, at the most.
            owner: The owner's address, if it is known.

        Raises:
            Misconfigured: There is no such zone.
        """
        self._graph, self._settings, self._since = graph, settings, since
        self._owners = {owner} if owner else set()
        self._zone = ZoneInfo(checked_zone(settings.zone))
        self._until = settings.until or end_of_window(datetime.now(UTC))
        self._calendars: list[Item] | None = None
        self._masters: dict[str, Item] = {}
        self._begun: set[str] = set()

    def horizon(self, place: Place) -> int:
        """Return where the window ends, in seconds of the epoch: where it did, for a month."""
        wanted = int(self._until.timestamp())
        is_near = place.horizon and wanted - place.horizon <= STEP.total_seconds()
        return place.horizon if is_near else wanted

    def collections(self, horizon: int) -> list[Collection]:
        """List the calendars, each in the window that ends at ``horizon``.

        Raises:
            Misconfigured: A calendar is not to be found, or somebody else's.
            Unavailable, AccessDenied: As all of ``graph`` does.
        """
        if self._calendars is None:
            listed = self._graph.list_all("/me/calendars", _select=_SHOWN)
            self._calendars = self._choose([*listed])
        return [self._collection(each, horizon) for each in self._calendars]

    def _choose(self, calendars: Sequence[Item]) -> list[Item]:
        """Choose those that are named; else those that the owner may write to.

        So birthdays and holidays are left out, and always what others share: that would take
        another permission, Calendars.Read.Shared, without which it is refused.
        """
        wishes = {wish.casefold(): wish for wish in self._settings.calendars}
        default = next((each for each in calendars if is_true(each, "isDefaultCalendar")), {})
        mine = {_owner(default), None, *self._owners}
        own = [one for one in calendars if _owner(one) in mine]
        if not wishes:
            return [one for one in own if is_true(one, "canEdit")]
        chosen = [one for one in own if not wishes.keys().isdisjoint(_names(one))]
        found = {name for one in chosen for name in _names(one)}
        if missing := [wish for name, wish in wishes.items() if name not in found]:
            raise _explain_missing(missing[0], calendars)
        return chosen

    def _collection(self, calendar: Item, horizon: int) -> Collection:
        until = datetime.fromtimestamp(horizon, UTC)
        since = max(self._since, until - WIDEST)
        window = {"startDateTime": _write(since), "endDateTime": _write(until)}
        owner = _owner(calendar)
        owners = frozenset({*self._owners, owner} if owner else self._owners)
        reader = EventReader(owners, self._zone, self._settings.read)
        return Collection(
            key=key_of("calendar", calendar["id"], str(horizon)),
            path=f"/me/calendars/{quote(calendar['id'], safe='')}/calendarView/delta",
            first=urlencode(window, quote_via=quote),
            read=partial(self._read, reader),
            prefer=(_IN_UTC, f"odata.maxpagesize={self._settings.page}"),
            unit="events",
        )

    def _read(self, reader: EventReader, items: Sequence[Item], is_first: bool) -> Outcome:
        """Read a page. What a first reading leaves out is not gone: absence proves nothing."""
        found = _Found(reader)
        series: dict[str, list[Item]] = {}
        masters: dict[str, Item] = {}
        for item in self._whole(items):
            kind = text_in(item, "type").lower()
            if "@removed" in item:
                found.forget(item)
            elif kind == _MASTER:
                masters[item["id"]] = item
            elif kind in _WITHIN:
                series.setdefault(text_in(item, "seriesMasterId"), []).append(item)
            else:
                found.add(item, uid_of(item))
        for key, occurrences in series.items():
            self._add_series(found, key, masters.get(key), occurrences)
        return found.outcome(is_first=is_first)

    def _add_series(
        self, found: "_Found", key: str, told: Item | None, occurrences: Sequence[Item]
    ) -> None:
        """Add occurrences, completed by what they share.

        If the series itself is ``told``, these are all that is left of it: a page holds a series
        whole. Should it not, what an earlier page told of it is not taken back.
        """
        shared = told or self._master(key)
        if shared is None:
            return
        if told and key not in self._begun:
            found.forget(told)
        self._begun.add(key)
        self._masters[key] = shared
        for item in occurrences:
            own = {name: value for name, value in item.items() if value is not None}
            found.add({**shared, **own}, f"{uid_of(shared)}/{uid_of(item)}")

    def _master(self, key: str) -> Item | None:
        if key not in self._masters and (found := self._ask_for(key)):
            self._masters[key] = found
        return self._masters.get(key)

    def _whole(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield what is told whole, and the rest after asking for all of it.

        Occurrences hold no more than their times: the rest is that of their series.
        Source: microsoft-graph-docs issue 7632.
        """
        for item in items:
            is_within = text_in(item, "type").lower() in _WITHIN and {"start", "end"} <= {*item}
            if "@removed" in item or is_within or all(name in item for name in _FULL):
                yield item
            elif found := self._ask_for(item["id"]):
                yield found

    def _ask_for(self, key: str) -> Item | None:
        path = f"/me/events/{quote(key, safe='')}"
        try:
            return self._graph.get_item(path, prefer=(_IN_UTC,))
        except Absent:
            return None


@dataclass(slots=True)
class _Found:
    """What a page amounts to; an event that is in it twice counts as it was told last."""

    reader: EventReader
    gone: dict[Gone, None] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    rejected: dict[str, Rejected] = field(default_factory=dict)

    def add(self, item: Item, uid: str) -> None:
        try:
            self.events[uid] = self.reader.read(item, uid)
        except Unreadable as reason:
            self.rejected[uid] = Rejected(uid, str(reason))

    def forget(self, item: Item) -> None:
        uid = uid_of(item)
        self.gone |= {Gone(uid): None, Gone(f"{uid}/", is_prefix=True): None}

    def outcome(self, *, is_first: bool) -> Outcome:
        gone = () if is_first else self.gone
        return Outcome([*gone, *self.events.values()], [*self.rejected.values()])


def _owner(calendar: Item) -> str | None:
    return normalise(text_in(calendar, "owner", "address"))


def _explain_missing(wish: str, calendars: Sequence[Item]) -> Misconfigured:
    if any(wish.casefold() in _names(one) for one in calendars):
        return Misconfigured(
            f"calendar {wish!r} is shared with you; kithd reads your own calendars only"
        )
    return Misconfigured(f"no calendar of this account is called {wish!r}")


def _names(calendar: Item) -> set[str]:
    return {text_in(calendar, "name").casefold(), str(calendar["id"]).casefold()}


def _write(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
