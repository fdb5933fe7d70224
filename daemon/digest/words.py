"""Numbers, dates, names and kinds -> the plain words for them."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from daemon.suggestions.model import Lane, Value
from daemon.suggestions.wording import first_name
from daemon.ties.model import State

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

LANES = (Lane.BRING, Lane.OWE, Lane.STAY_CLOSE)
"""In the order they are read: giving first, then what is owed, then the pleasant rest."""

STATE_WORDS: Mapping[State, str] = {
    State.NEW: "new",
    State.ACTIVE: "warm",
    State.COOLING: "cooling",
    State.FADING: "fading",
    State.DORMANT: "quiet",
}

_LANE_HEADINGS: Mapping[Lane, str] = {
    Lane.BRING: "Something to bring",
    Lane.OWE: "You owe",
    Lane.STAY_CLOSE: "Stay close",
}
_OWED_HEADINGS: Mapping[frozenset[str], str] = {
    frozenset({"reply"}): "You owe a reply",
    frozenset({"promise"}): "You promised",
}
_VALUE_LABELS: Mapping[str, str] = {
    Value.INFORMATION: "Information",
    Value.CONNECTION: "Connection",
    Value.ENTERTAINMENT: "A good moment",
    Value.HELP: "Help",
}
_KIND_LABELS: Mapping[str, str] = {
    "follow_up": "Follow-up",
    "reply": "Reply",
    "promise": "Promise",
}


def say_number(n: int) -> str:
    """Return ``n`` (at least 0) in words up to twelve, in digits above: "three", "1,204"."""
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def say_count(n: int, one: str, many: str = "") -> str:
    """Return "one thing", "two things": ``many`` is ``one`` with an s where not given."""
    return f"{say_number(n)} {one if n == 1 else many or one + 's'}"


def count(n: int, one: str, many: str = "") -> str:
    """Return "1 tie", "312 ties"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def say_period(days: int) -> str:
    """Return "this week", "for two weeks", "for 10 days"."""
    weeks, rest = divmod(days, 7)
    if days == 7:
        return "this week"
    return f"for {count(days, 'day') if rest else say_count(weeks, 'week')}"


def capitalise(sentence: str) -> str:
    """Return ``sentence`` with a capital first letter and nothing else changed."""
    return sentence[:1].upper() + sentence[1:]


def say_day(on: date, *, today: date) -> str:
    """Return "today", "yesterday", "tomorrow", "18 November", or "18 November 2024".

    The year is left out within a year of ``today``, where the day and month name one day.
    """
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((on - today).days)
    short = f"{on.day} {_MONTHS[on.month - 1]}"
    return near or (short if abs((on - today).days) < 365 else f"{short} {on.year}")


def say_date(on: date) -> str:
    """Return "Saturday 21 November 2026"."""
    return f"{_WEEKDAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def call_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return what to call each of ``names`` beside the others: given names where they are clear.

    Two people of one given name keep their whole names.
    """
    given = [first_name(name) for name in names]
    clashes = {g for g in given if given.count(g) > 1}
    return tuple(
        name if short in clashes else short for name, short in zip(names, given, strict=True)
    )


def say_lane(lane: Lane, kinds: Iterable[str]) -> str:
    """Return the heading over the items of ``lane``, which are of ``kinds``."""
    if lane is Lane.OWE:
        return _OWED_HEADINGS.get(frozenset(kinds), _LANE_HEADINGS[lane])
    return _LANE_HEADINGS[lane]


def say_kind(kind: str, value: str) -> str:
    """Return the small label over an action: what is given, or what sort of act it is."""
    return _KIND_LABELS.get(kind) or _VALUE_LABELS.get(value) or capitalise(value)


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes. Source: Unicode Annex 11."""
    return sum(_columns_of(char) for char in text)


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns; an address of the web stays whole."""
    rows: list[str] = []
    for word in text.split():
        for piece in _pieces(word, width):
            if rows and columns(rows[-1]) + 1 + columns(piece) <= width:
                rows[-1] += f" {piece}"
            else:
                rows.append(piece)
    return rows


def _pieces(word: str, width: int) -> list[str]:
    if columns(word) <= width or word.lstrip("(<“\"'").startswith(("http://", "https://")):
        return [word]
    pieces = [""]
    for char in word:
        if columns(pieces[-1]) + _columns_of(char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
