"""A sentence and the day it was written -> the day it names, if it names one."""

import re
from datetime import date, timedelta

_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "a couple of": 2,
    "three": 3,
    "four": 4,
    "a few": 3,
}
_FRIDAY, _SUNDAY = 4, 6
_GRACE_DAYS = 300  # "12 March", written in April, means next year's; longer ago it is unclear

_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? " + _MONTH + r",?(?: ((?:19|20)\d\d)\b)?"
)
_MONTH_DAY = re.compile(
    r"\b" + _MONTH + r" (\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d),?(?: ((?:19|20)\d\d)\b)?"
)
_DAY_OF_MONTH = re.compile(r"\b(?:by|on|before|until|till) the (\d{1,2})(?:st|nd|rd|th)\b")
_WEEKDAY = re.compile(
    r"\b(?:(last|next|this|past|on|by|before|until|till) )?"
    r"(?:(mon|tues|wednes|thurs|fri|satur|sun)day|(?<= )(mon|tue|wed|thu|thurs|fri|sat|sun))\b"
)
_RELATIVE = re.compile(
    r"\b(?:in|within) (a couple of|a few|an?|one|two|three|four|\d{1,2}) (day|week|month)s?\b"
)
_NEAR = re.compile(
    r"\b(day after tomorrow|today|tonight|this (?:morning|afternoon|evening)|eod|cob"
    r"|end of (?:the |this |)day|tomorrow|(?:this|the) weekend|(?:end of (?:the |this )?|this )week"
    r"|eow|end of next week|next week|end of (?:the |this )?month|eom|end of next month"
    r"|next month|end of (?:the |this )?year)\b"
)
_HINTS = re.compile(
    r"day|week|month|tomorrow|tonight|\beo|\bcob|morning|evening|year|\d"
    r"|\b(?:mon|tue|wed|thu|thurs|fri|sat|sun)\b"
)


def find_due(lowered: str, written_on: date) -> date | None:
    """Return the day that a lower-case English sentence names, seen from ``written_on``.

    The first kind of date found counts, an exact one before a near one. A weekday is the
    next one after the day of writing; "next Friday" is that of the following week, weeks
    starting on Monday. "This week" and "next week" end on their Friday, "the weekend" on
    its Sunday. A day without a year is the next one to come. Dates that exist in no
    calendar, days past and ambiguous ones (3/4) give None.
    """
    if _HINTS.search(lowered) is None:
        return None
    try:
        return _find_exact(lowered, written_on) or _find_near(lowered, written_on)
    except (ValueError, OverflowError):  # 31 February; a day beyond the calendar's last
        return None


def _find_exact(lowered: str, written_on: date) -> date | None:
    if found := _ISO.search(lowered):
        return _if_ahead(date(int(found[1]), int(found[2]), int(found[3])), written_on)
    if found := _DAY_MONTH.search(lowered):
        return _on_month_day(found[2], found[1], found[3], written_on)
    if found := _MONTH_DAY.search(lowered):
        return _on_month_day(found[1], found[2], found[3], written_on)
    if found := _DAY_OF_MONTH.search(lowered):
        return _on_day_of_month(int(found[1]), written_on)
    return None


def _on_month_day(month: str, day: str, year: str | None, written_on: date) -> date | None:
    if year is not None:
        return _if_ahead(date(int(year), _MONTHS[month[:3]], int(day)), written_on)
    named = date(written_on.year, _MONTHS[month[:3]], int(day))
    if named >= written_on:
        return named
    coming = date(written_on.year + 1, named.month, named.day)
    return coming if (coming - written_on).days <= _GRACE_DAYS else None


def _on_day_of_month(day: int, written_on: date) -> date:
    if day >= written_on.day:
        return written_on.replace(day=day)
    year, month = _next_month(written_on.year, written_on.month)
    return date(year, month, day)


def _find_near(lowered: str, written_on: date) -> date | None:
    if found := _NEAR.search(lowered):
        return _near_day(found[1], written_on)
    if found := _RELATIVE.search(lowered):
        return _after(_NUMBERS.get(found[1]) or int(found[1]), found[2], written_on)
    for found in _WEEKDAY.finditer(lowered):
        name = found[2] or (found[3] if found[1] else None)  # "sat" may be a verb, "on sat" not
        if name:
            return _on_weekday(found[1] or "", _WEEKDAYS[name[:3]], written_on)
    return None


def _near_day(phrase: str, written_on: date) -> date:
    if phrase == "day after tomorrow":
        return written_on + timedelta(days=2)
    if phrase == "tomorrow":
        return written_on + timedelta(days=1)
    if phrase.endswith("weekend"):
        return _in_week(written_on, _SUNDAY)
    if phrase.endswith("next week"):
        return _in_week(written_on + timedelta(weeks=1), _FRIDAY)
    if phrase.endswith("week") or phrase == "eow":
        return max(written_on, _in_week(written_on, _FRIDAY))
    return _near_month(phrase, written_on)


def _near_month(phrase: str, written_on: date) -> date:
    if phrase.endswith("next month"):
        return _month_end(_month_end(written_on) + timedelta(days=1))
    if phrase.endswith("month") or phrase == "eom":
        return _month_end(written_on)
    if phrase.endswith("year"):
        return date(written_on.year, 12, 31)
    return written_on


def _after(number: int, unit: str, written_on: date) -> date:
    days = {"day": 1, "week": 7, "month": 30}[unit]
    return written_on + timedelta(days=number * days)


def _on_weekday(which: str, weekday: int, written_on: date) -> date | None:
    if which in ("last", "past"):
        return None
    if which == "next":
        return _in_week(written_on + timedelta(weeks=1), weekday)
    ahead = (weekday - written_on.weekday()) % 7
    return written_on + timedelta(days=ahead or (0 if which == "this" else 7))


def _in_week(day: date, weekday: int) -> date:
    """Return that weekday (Monday 0) of the week that ``day`` lies in."""
    return day + timedelta(days=weekday - day.weekday())


def _month_end(day: date) -> date:
    year, month = _next_month(day.year, day.month)
    return date(year, month, 1) - timedelta(days=1)


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _if_ahead(day: date, written_on: date) -> date | None:
    return day if day >= written_on else None
