"""The list of an account's calendars -> those that are read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import Misconfigured
from connectors.formats.text import scrub

N_CALENDARS_LIMIT = 200
"""Calendars of one account that are read. Their tokens have to fit into a cursor."""
NAME_LIMIT = 200

CALENDAR_FIELDS = "id,summary,summaryOverride,timeZone,primary,selected,hidden,deleted,accessRole"
"""What is asked for of each calendar."""

_OWNED = "calendar.google.com"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar to read. ``key`` names it where neither names nor addresses may stand."""

    id: str
    zone: tzinfo = UTC
    is_primary: bool = False
    names: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def key(self) -> str:
        return sha256(self.id.encode("utf-8", "replace")).hexdigest()[:8]


def choose(entries: Iterable[Any], names: Sequence[str]) -> tuple[Calendar, ...]:
    """Return the calendars to read: those of ``names``, else what the owner has ticked.

    Without names another person's own calendar is left out, even where it is ticked to be seen
    beside one's own: it tells whom that person meets. What both go to is in the owner's.

    Args:
        entries: Items of ``calendarList.list``.
        names: Of calendars, in whatever case; ``primary`` is the account's own.

    Raises:
        Misconfigured: There is none of a name.

    Source: Calendar API reference, "CalendarList" (selected, hidden, deleted, primary,
    accessRole).
    """
    there = [entry for entry in entries if _is_there(entry)]
    if names:
        found = tuple(_select([_calendar(entry) for entry in there], names))
    else:
        found = tuple(_calendar(entry) for entry in there if _is_wanted(entry))
    # The owner's own comes first: if some have to wait, it is not that one.
    return tuple(sorted(found, key=lambda each: not each.is_primary))[:N_CALENDARS_LIMIT]


def is_calendar(address: str) -> bool:
    """Say whether an address is that of a calendar, a room or a thing, and of nobody."""
    domain = address.rpartition("@")[2].lower()
    return domain == _OWNED or domain.endswith(f".{_OWNED}")


def _is_there(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return False
    return bool(entry.get("primary")) or not (entry.get("deleted") or entry.get("hidden"))


def _is_wanted(entry: Mapping[str, Any]) -> bool:
    if entry.get("primary"):
        return True
    is_own = entry.get("accessRole") == "owner" or is_calendar(entry["id"])
    return bool(entry.get("selected")) and is_own


def _calendar(entry: Mapping[str, Any]) -> Calendar:
    titles = (str(entry.get(name) or "") for name in ("summaryOverride", "summary"))
    names = {scrub(title, NAME_LIMIT).casefold() for title in (*titles, entry["id"])}
    is_primary = bool(entry.get("primary"))
    names |= {"primary"} if is_primary else set()
    return Calendar(entry["id"], _zone(entry.get("timeZone")), is_primary, frozenset(names - {""}))


def _zone(name: Any) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, TypeError, ValueError, OSError):
        return UTC


def _select(calendars: Sequence[Calendar], names: Sequence[str]) -> Iterator[Calendar]:
    wanted = {scrub(name, NAME_LIMIT).casefold() for name in names}
    chosen = [each for each in calendars if wanted & each.names]
    if lacking := wanted.difference(*(each.names for each in chosen)):
        known = sorted({name for each in calendars for name in each.names if "@" not in name})
        raise Misconfigured(
            f"no calendar is called {min(lacking)!r}; there are: {', '.join(known)}"
        )
    yield from chosen
