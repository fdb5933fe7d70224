"""Strings that came from mail -> strings that can only ever be read, on any page and screen."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from daemon.digest.model import Page

NAME_CHARS = 80
TITLE_CHARS = 160
QUOTE_CHARS = 240
SENTENCE_CHARS = 360
BLOCK_CHARS = 1200

_LIMITS: Mapping[str, int] = {
    "who": 120,
    "people": NAME_CHARS,
    "name": NAME_CHARS,
    "came_back": NAME_CHARS,
    "recovering": NAME_CHARS,
    "topics": NAME_CHARS,
    "held": NAME_CHARS,
    "kind": NAME_CHARS,
    "state": NAME_CHARS,
    "to": 254,  # the longest address there is. Source: RFC 5321, section 4.5.3.1.3
    "subject": TITLE_CHARS,
    "preheader": TITLE_CHARS,
    "says": TITLE_CHARS,
    "quote": QUOTE_CHARS,
    # What a program reads back is bounded, but wide enough never to be cut in practice.
    "url": 500,
    "reply_to": 254,
    "key": BLOCK_CHARS,
    "uid": BLOCK_CHARS,
}
"""Longest value of each field by its name; any other field holds SENTENCE_CHARS."""

_BLOCKS = frozenset({"body"})
"""Fields whose line feeds mean something."""

# Letters and marks by category, yet drawn as nothing: they hide or forge words as well as the
# format characters do. Source: Unicode DerivedCoreProperties, Default_Ignorable_Code_Point;
# U+2800 is a braille cell without dots.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")

# Cc controls; Cf bidi and zero-width marks, soft hyphens and tags; Cs lone surrogates;
# Co and Cn have no agreed look. Source: Unicode Standard, section 4.5, general category.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_MARKS_IN_A_ROW = 4
"""More marks on one letter than any script writes climb over the lines around them."""


def line(text: str, limit: int = SENTENCE_CHARS) -> str:
    """Return ``text`` as one visible line of at most ``limit`` characters.

    Control, bidi and zero-width characters are dropped, white space is folded to single
    blanks, and what is longer ends in an ellipsis. Idempotent.
    """
    spaced = " ".join(text[: limit * 8].split())  # bounds the work on a hostile string
    return cut(" ".join(_visible(spaced).split()), limit)


def block(text: str, limit: int = BLOCK_CHARS) -> str:
    """Return ``text`` like ``line`` does, but keep its line feeds, two in a row at most."""
    rows = (line(row, limit) for row in text[: limit * 8].splitlines())
    return cut(re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip("\n"), limit)


def cut(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters, an ellipsis standing for what is lost."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clean(page: Page) -> Page:
    """Return ``page`` with every string in it made safe, in whatever field it stands.

    Walks the dataclasses themselves, so that a field added tomorrow is covered by itself.
    """
    cleaned: Page = _clean(page, "")
    return cleaned


def _clean(value: Any, name: str) -> Any:
    match value:
        case Enum():
            return value
        case str():
            return _clean_string(value, name)
        case tuple():
            return tuple(_clean(each, name) for each in value)
        case Mapping():
            return {_clean(key, name): _clean(each, name) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _clean(getattr(value, f.name), f.name) for f in fields(value)}
        )
    return value


def _clean_string(text: str, name: str) -> str:
    if name in _BLOCKS:
        return block(text)
    return line(text, _LIMITS.get(name, SENTENCE_CHARS))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    shown, marks = [], 0
    for char in text:
        category = unicodedata.category(char)
        if category in _UNSEEN or char in _BLANK:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            shown.append(char)
    return "".join(shown)
