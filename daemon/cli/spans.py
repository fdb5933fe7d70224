"""Days and lengths of time -> how one says them."""

from datetime import date

from daemon.digest.words import say_count

_DAYS_A_YEAR = 365.25
_DAYS_A_MONTH = _DAYS_A_YEAR / 12


def say_day(on: date) -> str:
    """Return "5 November 2019"."""
    return f"{on.day} {on:%B %Y}"


def say_length(days: float) -> str:
    """Return a length that was set: "half a year", "a year", "90 days"."""
    if 178 <= days <= 187:
        return "half a year"
    if 364 <= days <= 367:
        return "a year"
    return f"{days:.0f} days"


def say_span(first: date, last: date) -> str:
    """Return how long it is from one day to another: "19 years", "five months", "12 days"."""
    days = (last - first).days + 1
    if days >= 2 * _DAYS_A_YEAR:
        return say_count(int(days / _DAYS_A_YEAR), "year")
    if days >= 2 * _DAYS_A_MONTH:
        return say_count(int(days / _DAYS_A_MONTH), "month")
    return say_count(days, "day")
