"""Series of calendar components to their occurrences in a window: the part that may hang.

Rules can be written that keep the libraries busy for ever, and an exception in the middle of
dateutil's cached rule blocks its next reader; so this runs only inside ``connectors.worker``,
takes and returns what JSON can say, and builds every rule anew for every question.

Source: reliability notes, limits on input (calendars).
"""

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.timezone import tzp

from connectors.formats.addresses import NAME_LIMIT, normalise
from connectors.formats.text import scrub

N_OCCURRENCES_LIMIT = 2_000  # Source: reliability notes, limits on input.
N_ATTENDEES_LIMIT = 500
SUMMARY_LIMIT = 300
LOCATION_LIMIT = 200

_FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"}
_VITAL = {"DTSTART", "RRULE", "RECURRENCE-ID"}
_RECURRING = ("RRULE", "RDATE", "RECURRENCE-ID")
_FACE = (
    "ATTENDEE", "CLASS", "LOCATION", "ORGANIZER", "STATUS", "SUMMARY", "TRANSP",
)  # fmt: skip
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_THINGS = {"ROOM", "RESOURCE", "GROUP"}
_REPEATABLE = {"ATTENDEE", "EXDATE", "RDATE", "RRULE"}
_DAY = timedelta(days=1)
_LIFETIME = 36_500 * _DAY
_MARGIN = 2 * _DAY  # More than any zone's distance from another.

# What the two libraries raise over a calendar that they did not expect (measured on 325).
UNEXPECTED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Refused(ValueError):
    """A component that says what it should not; the message says what, and quotes nothing."""


def expand(question: dict[str, Any]) -> dict[str, Any]:
    """Work out the occurrences of one series.

    Args:
        question: ``key``, ``parts``, ``calendar_zone`` and ``zones`` of a ``rfc5545.Series``;
            ``zone``, the name of the zone for floating times and whole days; ``since`` and
            ``until``, in seconds of the epoch.

    Returns:
        ``events``: uid, starts, ends, known (seconds of the epoch), whether it is all day, and
        the index of its face, for every occurrence that ends at ``since`` or later and starts
        before ``until``, in order; of more than 2,000 the latest. ``faces``: all that
        occurrences have in common. ``gone``: the uids of the excepted. ``problems``: reasons
        why components were set aside.

    An occurrence of a recurring event is named by the instant (or day) at which the rule sets
    it, so that it keeps its name when it is moved. An event without a rule is named by its key
    alone.
    """
    problems: list[str] = []
    components = list(_components(question, problems))
    answer: dict[str, Any] = {"events": [], "faces": [], "gone": [], "problems": problems}
    if not components:
        return answer
    try:
        return answer | _expand(question, components)
    except Refused as refused:
        problems.append(str(refused))
    except UNEXPECTED as error:
        problems.append(f"no occurrences: {type(error).__name__}")
    return answer


def _expand(question: dict[str, Any], components: list[Component]) -> dict[str, Any]:
    zone = ZoneInfo(question["zone"])
    floating = _zone(question["calendar_zone"]) or zone
    since, until = (datetime.fromtimestamp(question[at], UTC) for at in ("since", "until"))
    is_recurring = any(name in part for part in components for name in _RECURRING)
    faces: dict[tuple[int, ...], int] = {}
    answer: dict[str, Any] = {"events": [], "faces": [], "gone": []}
    for component in _occurrences(question, components, since, until):
        starts, ends = _span(component, zone, floating)
        if not (ends >= since and starts < until):
            continue
        face = faces.setdefault(_identity(component), len(faces))
        if face == len(answer["faces"]):
            answer["faces"].append(_face(component))
        uid = question["key"]
        if is_recurring:
            uid += "/" + _instance(component, floating)
        known = _known(component, starts)
        row = (uid, starts.timestamp(), ends.timestamp(), known, _is_all_day(component), face)
        answer["events"].append(row)
    answer["events"] = sorted(answer["events"], key=lambda row: row[1])[-N_OCCURRENCES_LIMIT:]
    uids = {row[0] for row in answer["events"]}
    gone = (f"{question['key']}/{name}" for name in _excepted(components, floating))
    answer["gone"] = [uid for uid in dict.fromkeys(gone) if uid not in uids][:N_OCCURRENCES_LIMIT]
    return answer


def _components(question: dict[str, Any], problems: list[str]) -> Iterator[Component]:
    _define_zones(tuple(question["zones"]))
    for part in question["parts"]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
                component = Event.from_ical(part)
            _check(component)
            yield component
        except Refused as refused:
            problems.append(str(refused))
        except UNEXPECTED as error:
            problems.append(f"an unreadable component: {type(error).__name__}")


@lru_cache(maxsize=1)
def _define_zones(zones: tuple[str, ...]) -> None:
    """Forget the custom zones of other calendars, and learn these.

    The library keeps them by name for the life of the process, and two calendars may well
    give one name to two zones. The cache holds one entry: the zones defined at the moment.
    """
    tzp.use_zoneinfo()
    for zone in zones:
        try:
            Calendar.from_ical(f"BEGIN:VCALENDAR\n{zone}\nEND:VCALENDAR\n")
        except UNEXPECTED:  # The times in that zone then count as floating.
            continue


def _check(component: Component) -> None:
    """Refuse what cannot or must not be expanded, and drop what is broken but not needed."""
    broken = {name for name, _ in component.errors if name}
    if vital := broken & _VITAL:
        raise Refused(f"an unreadable {min(vital)}")
    for name in broken & component.keys():
        component.pop(name)
    for name in component.keys() - _REPEATABLE:
        value: Any = component[name]
        component[name] = value[0] if isinstance(value, list) else value
    if not isinstance(_when(component, "DTSTART"), date):
        raise Refused("no DTSTART")
    for rule in _rules(component):
        _check_rule(rule)


def _check_rule(rule: dict[str, list[Any]]) -> None:
    if not _FREQUENCIES.issuperset(rule.get("FREQ", [""])):
        raise Refused("a rule that repeats by the minute or the second, or does not say how often")
    if any(interval < 1 for interval in rule.get("INTERVAL", [])):
        raise Refused("a rule with an interval below 1")


def _occurrences(
    question: dict[str, Any], components: list[Component], since: datetime, until: datetime
) -> list[Component]:
    if len(components) == 1 and not any(name in components[0] for name in _RECURRING):
        return list(components)  # Nearly all events are so, and are had at a third of the time.
    calendar = Calendar()
    if zone := _zone(question["calendar_zone"]):
        calendar["X-WR-TIMEZONE"] = zone
    for component in components:
        calendar.add_component(component)
    start = max(since, until - _reach(components)) - _MARGIN
    query = recurring_ical_events.of(calendar, keep_recurrence_attributes=True)
    found: list[Component] = query.between(start, until + _MARGIN)
    return found


def _reach(components: list[Component]) -> timedelta:
    """Return how far back the latest 2,000 occurrences may lie, at the most."""
    rules = (rule for component in components for rule in _rules(component))
    n_per_day = max((_n_per_day(rule) for rule in rules), default=0)
    return N_OCCURRENCES_LIMIT * _DAY / n_per_day if n_per_day else _LIFETIME


def _n_per_day(rule: dict[str, list[Any]]) -> int:
    """Return how many occurrences at most the rule makes on a day; 0 where one is rare."""
    is_hourly = rule["FREQ"] == ["HOURLY"]
    n_hours = 24 if is_hourly else len(rule.get("BYHOUR", [0]))
    n = n_hours * len(rule.get("BYMINUTE", [0])) * len(rule.get("BYSECOND", [0]))
    return n if n > 1 or rule["FREQ"] == ["DAILY"] else 0


def _rules(component: Component) -> list[dict[str, list[Any]]]:
    rules: Any = component.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    """Return a zone by its Olson or Windows name; None for one that nobody knows."""
    return tzp.timezone(name) if name else None


def _when(component: Component, name: str) -> Any:
    return getattr(component.get(name), "dt", None)


def _instant(when: date, zone: tzinfo) -> datetime:
    """Return the instant in UTC; ``zone`` is that of whole days and floating times.

    Source: RFC 5545 section 3.3.5, form 1.
    """
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _span(component: Component, zone: tzinfo, floating: tzinfo) -> tuple[datetime, datetime]:
    """Return start and end, the end never before the start.

    Source: RFC 5545 section 3.6.1: without DTEND and DURATION a day lasts a day, and an
    instant no time.
    """
    start = _when(component, "DTSTART")
    if _is_all_day(component):
        floating = zone
    starts = _instant(start, floating)
    end, duration = _when(component, "DTEND"), _when(component, "DURATION")
    if isinstance(end, date):
        return starts, max(starts, _instant(end, floating))
    if isinstance(duration, timedelta):
        return starts, max(starts, starts + duration)
    return starts, starts + _DAY * _is_all_day(component)


def _is_all_day(component: Component) -> bool:
    return not isinstance(_when(component, "DTSTART"), datetime)


def _known(component: Component, starts: datetime) -> float:
    """Return when the calendar first held the event: CREATED, else DTSTAMP, else its start.

    Never later than the start, for a calendar that was filled afterwards knew nothing sooner.
    """
    stamps = (_when(component, name) for name in ("CREATED", "DTSTAMP"))
    known = next((stamp for stamp in stamps if isinstance(stamp, datetime)), starts)
    return min(_instant(known, UTC), starts).timestamp()


def _instance(component: Component, floating: tzinfo) -> str:
    """Return the name of one occurrence among those of its series.

    With RANGE=THISANDFUTURE one RECURRENCE-ID covers many, so their starts have to do.
    """
    recurrence: Any = component.get("RECURRENCE-ID")
    if recurrence is None or "RANGE" in recurrence.params:
        return _name(_when(component, "DTSTART"), floating)
    return _name(recurrence.dt, floating)


def _name(when: date, floating: tzinfo) -> str:
    if not isinstance(when, datetime):
        return f"{when:%Y%m%d}"
    return f"{_instant(when, floating):%Y%m%dT%H%M%SZ}"


def _excepted(components: list[Component], floating: tzinfo) -> Iterator[str]:
    for component in components:
        exceptions: Any = component.get("EXDATE", [])
        for group in exceptions if isinstance(exceptions, list) else [exceptions]:
            yield from (_name(day.dt, floating) for day in group.dts)


def _identity(component: Component) -> tuple[int, ...]:
    """Tell faces apart: the copies that the library makes share the values of their origin."""
    return tuple(id(component.get(name)) for name in _FACE)


def _face(component: Component) -> dict[str, Any]:
    is_private = str(component.get("CLASS", "PUBLIC")).upper() != "PUBLIC"
    return {
        "summary": "" if is_private else scrub(str(component.get("SUMMARY", "")), SUMMARY_LIMIT),
        "location": "" if is_private else scrub(str(component.get("LOCATION", "")), LOCATION_LIMIT),
        "organizer": _address(component.get("ORGANIZER")),
        "attendees": _attendees(component),
        "is_cancelled": str(component.get("STATUS", "")).upper() == "CANCELLED",
        "is_free": str(component.get("TRANSP", "")).upper() == "TRANSPARENT",
        "is_private": is_private,
    }


def _attendees(component: Component) -> list[tuple[str, str, str, bool]]:
    values: Any = component.get("ATTENDEE", [])
    found: dict[str, tuple[str, str, str, bool]] = {}
    for value in (values if isinstance(values, list) else [values])[:N_ATTENDEES_LIMIT]:
        if address := _address(value):
            answer = _ANSWERS.get(str(value.params.get("PARTSTAT", "")).upper(), "none")
            kind = str(value.params.get("CUTYPE", "")).upper()
            found.setdefault(address[0], (*address, answer, kind not in _THINGS))
    return list(found.values())


def _address(value: Any) -> tuple[str, str] | None:
    """Read a calendar address, or the EMAIL beside one that is no mail address.

    Source: RFC 5545 section 3.3.3; RFC 7986 section 6.2.
    """
    if value is None:
        return None
    written = re.sub(r"(?i)^\s*mailto:", "", str(value)).strip()
    email = normalise(written) or normalise(str(value.params.get("EMAIL", "")).strip())
    name = scrub(str(value.params.get("CN", "")), NAME_LIMIT)
    return (email, "" if name.lower() == email else name) if email else None
