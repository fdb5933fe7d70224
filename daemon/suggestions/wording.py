"""Turns names, dates and quotes into plain words for the owner."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

MAX_QUOTE = 160
"""Characters of a quote that still read as one breath; longer ones end in an ellipsis."""

MAX_TITLE = 120

_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_OPEN, _CLOSE = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"
_EDGES = f" \t'\",;{_OPEN}{_CLOSE}\N{LEFT SINGLE QUOTATION MARK}{_APOSTROPHE}"

_TITLES = frozenset(
    "dr prof professor mr mrs ms miss mx sir dame herr frau ing dipl-ing rev fr mag "
    "monsieur madame sr sra don doña".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv phd md mba msc bsc esq cpa pe dds jd".split())
_ORGANISATIONS = frozenset(
    "inc ltd llc gmbh ag sa bv plc corp co company group team support sales service services "
    "office list info admin department university institute newsletter press board committee "
    "foundation association".split()
)
# Where the family name is written first, the first word is not how to call somebody. These
# are among the commonest such names; the full name, used instead, is right in any case.
_FAMILY_FIRST = frozenset(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin luo liang song "
    "nguyen tran pham hoang phan vu vo dang bui do kim lee park choi jung kang cho yoon jang lim "
    "nagy kovacs kovács szabo szabó toth tóth horvath horváth".split()
)
_PARTICLES = frozenset("van von de der den da di du la le el al bin ibn ten ter".split())
_ASIDE = re.compile(r"\s*[(\[<].*?[)\]>]\s*|\s+(?:via|on behalf of)\s+.*$", re.IGNORECASE)
_MAX_WORDS = 5


def first_name(name: str) -> str:
    """Says how to call somebody: the first name where it is plain, else the full name.

    "Rey, Tomás", "Dr. Tomás Rey" and "REY Tomás" give "Tomás". Handles, addresses, names
    in a script other than Latin, initials, organisations and names that may be written
    family name first are returned whole: a wrong first name is worse than a long one.
    """
    whole = full_name(name)
    words = [word for word in whole.split() if not _is_one_of(word, _SUFFIXES)]
    if words and _is_one_of(words[0], _TITLES):
        words = _drop_titles(words)
        if len(words) < 2:
            return whole
    if not 2 <= len(words) <= _MAX_WORDS or _is_shouted(name) or not _is_given(words[0]):
        return whole
    if any(_is_one_of(word, _ORGANISATIONS) for word in words):
        return whole
    return words[0]


def full_name(name: str) -> str:
    """Puts a name into reading order and ordinary case: "REY, TOMÁS" gives "Tomás Rey"."""
    plain = " ".join(_ASIDE.sub(" ", name).strip(_EDGES).split())
    if not plain or "@" in plain:
        return plain or name.strip()
    plain = _turn(plain)
    words = [_settle(word) for word in plain.split()] if _is_shouted(plain) else plain.split()
    if len(words) == 2 and _is_capitals(words[0]) and not _is_capitals(words[1]):
        words = [words[1], _settle(words[0])]
    return " ".join(words)


def join_names(names: Sequence[str]) -> str:
    """Joins names as in "Sana, Marek and Joy"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def possessive(name: str) -> str:
    """Says that something is somebody's."""
    return f"{name}{_APOSTROPHE}s"


def quote(words: str, limit: int = MAX_QUOTE) -> str:
    """Puts words into curly quotes exactly as said, cut after a word where too long."""
    plain = " ".join(words.split())
    if len(plain) > limit:
        plain = f"{plain[: limit - 1].rsplit(' ', 1)[0]}…"
    return f"{_OPEN}{plain}{_CLOSE}"


def say_day(on: date, today: date) -> str:
    """Says a date as people do: "yesterday", "on Thursday", "on 11 October 2019".

    Weekdays stand for the six days before and after today; the year is said where it is
    not this one.
    """
    away = (on - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if away in near:
        return near[away]
    if abs(away) < 7:
        return f"on {on:%A}"
    return f"on {say_date(on, today)}"


def say_date(on: date, today: date) -> str:
    """Says "11 October", with the year where it is not this one."""
    year = f" {on.year}" if on.year != today.year else ""
    return f"{on.day} {on:%B}{year}"


def say_month(on: date, today: date) -> str:
    """Says "in October": for a draft, which may be read on any later day."""
    return f"in {on:%B}" if on.year == today.year else f"in {on:%B} {on.year}"


def say_due(on: date, today: date) -> str:
    """Says what day a sentence speaks of: "the day it names is Thursday".

    It may be the last day for an answer or the day of what is asked about: who reads the
    quote beside it knows which.
    """
    verb = "was" if on < today else "is"
    return f"the day it names {verb} {say_day(on, today).removeprefix('on ')}"


def say_years(n_years: int) -> str:
    """Says "1 year", "5 years"."""
    return f"{n_years} year{'s' if n_years != 1 else ''}"


def say_span(days: float) -> str:
    """Says a duration in days: "a day", "6 days", "3 weeks"."""
    whole = max(1, round(days))
    if whole == 1:
        return "a day"
    return f"{whole} days" if whole < 14 else f"{round(whole / 7)} weeks"


def _turn(name: str) -> str:
    """Turns "Rey, Tomás" round; a suffix or firm after the comma stays where it is."""
    last, comma, first = (part.strip() for part in name.partition(","))
    is_person = comma and first and "," not in first
    if not is_person or any(_is_one_of(w, _SUFFIXES | _ORGANISATIONS) for w in first.split()):
        return name
    return f"{first} {last}"


def _drop_titles(words: list[str]) -> list[str]:
    while words and _is_one_of(words[0], _TITLES):
        words = words[1:]
    return words


def _settle(word: str) -> str:
    return "-".join(part.capitalize() for part in word.split("-"))


def _is_one_of(word: str, known: frozenset[str]) -> bool:
    return word.replace(".", "").casefold() in known


def _is_capitals(word: str) -> bool:
    return len(word) > 2 and word.isupper() and "." not in word


def _is_shouted(name: str) -> bool:
    return " " in name and name.isupper()


def _is_given(word: str) -> bool:
    """Whether a first word reads as a given name written in Latin letters."""
    letters = [c for c in word if c.isalpha()]
    return (
        len(letters) >= 2
        and word[0].isupper()
        and not any(c.isdigit() or c in "._@/:" for c in word)
        and all(unicodedata.name(c, "").startswith("LATIN") for c in letters)
        and word.casefold() not in _FAMILY_FIRST | _PARTICLES
    )
