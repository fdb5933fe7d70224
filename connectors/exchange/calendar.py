"""Changes in a calendar -> events, series unfolded within a window by the server itself."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from connectors.document import Outcome
from connectors.exchange.elements import id_of, instant_of, kind_of, named_after, text_of
from connectors.exchange.events import FIELDS, WORDS, Face, read_face
from connectors.exchange.folders import Listed
from connectors.exchange.server import Change, Found, Server, fields_of
from connectors.observations import Event, Gone, Observation
from connectors.protocol import Reading, Rejected

N_OCCURRENCES_LIMIT = 2_000
"""Of one series, the latest. Source: reliability notes, limits on input."""
VIEW_ENTRIES = 500
"""Events that one view may show. Source: Microsoft, "EWS throttling": 1,000 for a search."""
VIEW_SPAN = timedelta(days=700)
"""How long a time one view may span. Source: Microsoft, "CalendarView": two years."""
EXCEPTIONS_AT_ONCE = 100
"""Occurrences that differ from their series, asked for in one request."""

_MASTER, _SINGLE, _EXCEPTION = "RecurringMaster", "Single", "Exception"
_TOLD = ("Create", "Update")
_STEP = timedelta(minutes=1)
_MOVED = timedelta(days=62)  # How far from its series an exception is looked for.
_VIEW = fields_of("event", "uid", "type", "start", "end", "original_start")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event as a view shows it: one occurrence, and nothing of who comes."""

    id: str
    uid: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    instance: str


@dataclass(frozen=True, slots=True)
class _Series:
    """A series: what it is called, and what its occurrences have in common."""

    name: str
    face: Face


class CalendarReader:
    """Reads the calendars of a mailbox.

    A uid is made of an event's identifier, and for one that recurs of the instant at which its
    rule sets it. What is left of a series when it changes is reported as gone, and so is what
    was deleted.
    """

    listed = ()

    def __init__(
        self, server: Server, *, own: str, read: Reading, since: datetime, until: datetime
    ) -> None:
        """Remember what to read.

        Args:
            server: Whom to ask.
            own: The mailbox's address.
            read: With ``headers`` no words are asked for.
            since: What ends before is left out,
            until: and what starts at this instant or later.
        """
        self._server, self._own, self._read_level = server, own, read
        self._since, self._until = since, until
        words = () if read is Reading.HEADERS else WORDS
        self._fields = fields_of("event", *FIELDS, *words)
        self._told: set[str] = set()

    def read(self, folder: Listed, changes: Sequence[Change]) -> Outcome:
        """Report what is new, has changed, or was deleted; a series whole."""
        gone = [one for change in changes for one in _leftovers(change)]
        told = [c.id for c in changes if c.kind in _TOLD and kind_of(c.item) == "CalendarItem"]
        found = self._server.items(told, self._fields)
        self._told |= {named_after(one.id) for one in found}
        outcomes = [self._read_one(one) for one in found]
        masters = [one.item for one in found if one.item is not None and _is_master(one.item)]
        observations: list[Observation] = [*gone, *self._unfold_all(folder, masters)]
        observations += [one for one in outcomes if isinstance(one, Event)]
        return Outcome(observations, [one for one in outcomes if isinstance(one, Rejected)])

    def read_entering(self, folder: Listed, seen_until: datetime) -> Iterator[Observation]:
        """Report what starts at ``seen_until`` or later, but for what was told already."""
        entries = [
            entry
            for entry in self._view(folder, seen_until, self._until)
            if entry.starts_at >= seen_until
        ]
        singles = [one.id for one in entries if one.kind == _SINGLE]
        for found in self._server.items(singles, self._fields):
            event = self._read_one(found)
            if isinstance(event, Event) and event.uid not in self._told:
                yield event
        recurring = {one.uid: one.id for one in entries if one.kind != _SINGLE}
        masters = self._server.masters([*recurring.values()], self._fields)
        series = self._series(one.item for one in masters if one.item is not None)
        yield from self._unfold(
            {uid: one for uid, one in series.items() if one.name not in self._told}, entries
        )

    def _read_one(self, found: Found) -> Event | Rejected | None:
        """Report an event that does not recur; None where there is nothing to report yet."""
        uid = named_after(found.id)
        if found.item is None:
            return Rejected(uid, found.problem) if found.problem else None
        if _is_master(found.item):
            return None
        starts_at, ends_at = instant_of(found.item, "Start"), instant_of(found.item, "End")
        if starts_at is None or ends_at is None:
            return Rejected(uid, "it does not say when it begins or ends")
        event = read_face(found.item, self._own, self._read_level).at(uid, starts_at, ends_at)
        return event if self._is_wanted(event) else None

    def _is_wanted(self, event: Event) -> bool:
        return event.ends_at >= self._since and event.starts_at < self._until

    def _unfold_all(self, folder: Listed, masters: Sequence[etree._Element]) -> Iterator[Event]:
        """Report the occurrences of series, the latest ones where there are too many."""
        if not masters:
            return
        series = self._series(masters)
        kept: defaultdict[str, deque[_Entry]] = defaultdict(
            lambda: deque(maxlen=N_OCCURRENCES_LIMIT)
        )
        for entry in self._view(folder, *self._span(masters)):
            if entry.uid in series:
                kept[entry.uid].append(entry)
        yield from self._unfold(series, [one for entries in kept.values() for one in entries])

    def _series(self, masters: Iterable[etree._Element]) -> dict[str, _Series]:
        """Return series by the UID that their occurrences share with them."""
        return {
            text_of(one, "UID"): _Series(
                named_after(id_of(one)), read_face(one, self._own, self._read_level)
            )
            for one in masters
        }

    def _span(self, masters: Sequence[etree._Element]) -> tuple[datetime, datetime]:
        """Return from when to when some series may take place, within the window."""
        firsts = (instant_of(one, "FirstOccurrence", "Start") for one in masters)
        lasts = [instant_of(one, "LastOccurrence", "End") for one in masters]
        first = min((at for at in firsts if at), default=self._since)
        last = self._until if None in lasts else max(at for at in lasts if at)
        start = max(self._since, first - _MOVED)
        return start, max(start, min(self._until, last + _MOVED))

    def _unfold(self, series: Mapping[str, _Series], entries: Sequence[_Entry]) -> Iterator[Event]:
        """Report occurrences as their series says, or where one is an exception, as that says."""
        of_series = [entry for entry in entries if entry.uid in series]
        faces = self._faces([entry.id for entry in of_series if entry.kind == _EXCEPTION])
        for entry in of_series:
            known = series[entry.uid]
            face = faces.get(entry.id, known.face)
            yield face.at(f"{known.name}/{entry.instance}", entry.starts_at, entry.ends_at)

    def _faces(self, exceptions: Sequence[str]) -> dict[str, Face]:
        found = [
            one
            for start in range(0, len(exceptions), EXCEPTIONS_AT_ONCE)
            for one in self._server.items(
                exceptions[start : start + EXCEPTIONS_AT_ONCE], self._fields
            )
        ]
        return {
            one.id: read_face(one.item, self._own, self._read_level)
            for one in found
            if one.item is not None
        }

    def _view(self, folder: Listed, start: datetime, end: datetime) -> Iterator[_Entry]:
        """Show a calendar between two instants, in as many views as that takes.

        Of more than VIEW_ENTRIES events at one and the same minute the rest is passed over.
        """
        known: dict[str, datetime] = {}
        while start < end:
            stop = min(end, start + VIEW_SPAN)
            shown = self._server.view(folder.id, start, stop, VIEW_ENTRIES, _VIEW)
            entries = [entry for item in shown if (entry := _read_entry(item))]
            yield from (entry for entry in entries if entry.id not in known)
            if len(shown) >= VIEW_ENTRIES:
                latest = max((entry.starts_at for entry in entries), default=start)
                stop = max(latest, start + _STEP)
            # What lasts longer is shown again by the next view.
            known |= {entry.id: entry.ends_at for entry in entries}
            known = {name: ends_at for name, ends_at in known.items() if ends_at >= stop}
            start = stop


def _read_entry(item: etree._Element) -> _Entry | None:
    starts_at, ends_at = instant_of(item, "Start"), instant_of(item, "End")
    if starts_at is None or ends_at is None:
        return None
    set_at = instant_of(item, "OriginalStart") or starts_at
    return _Entry(
        id_of(item),
        text_of(item, "UID"),
        text_of(item, "CalendarItemType"),
        starts_at,
        ends_at,
        f"{set_at:%Y%m%dT%H%M%SZ}",
    )


def _is_master(item: etree._Element) -> bool:
    return text_of(item, "CalendarItemType") == _MASTER


def _leftovers(change: Change) -> Iterator[Gone]:
    """Say what may have been reported of an item that was deleted, or is another one now."""
    if change.kind in ("Delete", "Update"):
        name = named_after(change.id)
        yield from (Gone(name), Gone(f"{name}/", is_prefix=True))
