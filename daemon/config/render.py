"""The settings -> text: the commented example, the effective settings, the JSON schema."""

import json
import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import time
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from pydantic.fields import FieldInfo

from daemon.config.kinds import Terms, terms_of
from daemon.config.model import (
    CircleRule,
    Delivery,
    Owner,
    PersonRule,
    Replies,
    Settings,
    Source,
    Suggestions,
    Ties,
)
from daemon.config.values import Section

_HEAD = """\
# Settings of kithd: every one of them, with its meaning, range and default.
# This file is made from the program's own settings (kithd config example).
# Only owner.addresses and a source are needed: see minimal.toml. kithd setup writes a file
# for you, and kithd check says what is wrong with it.
"""
_SECTIONS: Mapping[str, type[Section]] = {
    "owner": Owner,
    "delivery": Delivery,
    "replies": Replies,
    "ties": Ties,
    "suggestions": Suggestions,
}
_RULES: Mapping[str, type[Section]] = {
    "circles.close": CircleRule,
    'people."ana@example.org"': PersonRule,
}
"""One circle and one person: what the owner may say of each."""

_SOURCES: Mapping[str, Mapping[str, Any]] = {
    "mail": {"kind": "imap"},
    "calendar": {"kind": "caldav", "url": "https://dav.example.org/"},
    "contacts": {"kind": "carddav", "url": "https://dav.example.org/"},
    "gmail": {"kind": "gmail", "secret": "file:gmail.tokens"},
    "google-calendar": {"kind": "google_calendar", "secret": "file:google-calendar.tokens"},
    "google-contacts": {"kind": "google_contacts", "secret": "file:google-contacts.tokens"},
    "microsoft": {"kind": "graph", "secret": "file:microsoft.tokens"},
    "office": {
        "kind": "exchange",
        "url": "https://mail.example.org/EWS/Exchange.asmx",
        "secret": "file:office.secret",
        "sign_in": "ntlm",
    },
    "blog": {"kind": "feed", "url": "https://blog.example.org/feed.xml", "poll_minutes": 60},
    "holidays": {"kind": "ics", "url": "https://calendar.example.org/holidays.ics"},
    "archive": {"kind": "maildir", "path": "~/Mail"},
}
"""One source of each common kind, with what differs from the settings' own examples."""
_BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "to below {}"}


def example_toml() -> str:
    """Return a settings file that sets everything to its default, each setting explained."""
    parts = [_HEAD]
    for header, section in _SECTIONS.items():
        lines = _explained(section, section.model_fields)
        parts.append("\n".join((*_intro(section), f"[{header}]", *lines)))
    for header, section in _RULES.items():
        lines = map(_commented, _explained(section, section.model_fields))
        parts.append("\n".join((*_intro(section), f"# [{header}]", *lines)))
    parts.append("\n".join((*_intro(Source), *_explained_sources())))
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def show(settings: Settings) -> str:
    """Return the settings in force as TOML, which loads to the same settings again."""
    parts = [_table(name, getattr(settings, name)) for name in _SECTIONS]
    parts += [_table(f"circles.{name}", rule) for name, rule in settings.circles.items()]
    parts += [_table(f"people.{_key(name)}", rule) for name, rule in settings.people.items()]
    parts += [_table(f"sources.{_key(name)}", it) for name, it in settings.sources.items()]
    return "\n".join(parts)


def schema_json() -> str:
    """Return the JSON schema of a settings file, indented, keys in the order of the file."""
    return json.dumps(Settings.model_json_schema(), indent=2) + "\n"


def toml_value(value: Any) -> str:
    """Return a bool, number, text, path, time of day or sequence of these as TOML.

    Source: TOML 1.0.0. JSON's strings are TOML's basic strings, but for DEL.
    """
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case time():
            return json.dumps(value.isoformat("minutes"))
        case str() | Path():
            return _quote(str(value))
        case _:
            return f"[{', '.join(map(toml_value, value))}]"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quote(name)


def _table(header: str, section: Section) -> str:
    known = {name: getattr(section, name) for name in type(section).model_fields}
    lines = [f"{name} = {toml_value(it)}" for name, it in known.items() if it is not None]
    return "\n".join((f"[{header}]", *lines, ""))


def _intro(section: type[Section]) -> Iterator[str]:
    first = (section.__doc__ or "").split("\n\n")[0]
    return (f"# {line}" for line in textwrap.wrap(first, 90))


def _explained_sources() -> Iterator[str]:
    """Yield one source of each common kind, commented out, a setting explained where it is new."""
    explained: set[str] = set()
    for name, given in _SOURCES.items():
        yield from ("", f"# [sources.{name}]")
        terms = terms_of(given["kind"])
        known = _settings_of(given, terms)
        new = [it for it in known if it not in explained]
        old = [it for it in known if it in explained]
        yield from (_commented(_line(it, Source.model_fields[it], given)) for it in old)
        yield from map(_commented, _explained(Source, new, given, terms.needs))
        explained.update(new)


def _settings_of(given: Mapping[str, Any], terms: Terms) -> list[str]:
    """Return the settings of a kind in their order, of path and url the one that is given.

    Where a service has one place for all, its place is shown neither.
    """
    takes = {*terms.heeds, *terms.takes}
    if {"url", "path"} <= takes:
        takes -= {"url", "path"} - given.keys()
    elif "url" in takes and "url" not in given:
        takes -= {"url", "ca_file", "allow_private"}
    return [name for name in Source.model_fields if name in takes]


def _explained(
    section: type[Section],
    names: Iterable[str],
    given: Mapping[str, Any] = MappingProxyType({}),
    needed: Collection[str] = (),
) -> Iterator[str]:
    """Yield for each setting its comment and its line, commented out where there is no default."""
    for name in names:
        field = section.model_fields[name]
        yield from (
            "",
            *(f"# {line}" for line in textwrap.wrap(_meaning(field, name in needed), 90)),
        )
        yield _line(name, field, given)


def _line(name: str, field: FieldInfo, given: Mapping[str, Any]) -> str:
    """Return a setting with its value given, or its default, or else an example of it."""
    if name in given:
        return f"{name} = {toml_value(given[name])}"
    if field.is_required() or field.default is None:
        line = f"{name} = {toml_value((field.examples or ('',))[0])}"
        return line if field.is_required() else f"# {line}"
    return f"{name} = {toml_value(field.default)}"


def _meaning(field: FieldInfo, is_needed: bool) -> str:
    parts = [field.description or ""]
    if bounds := _bounds(field):
        parts.append(f"Range: {bounds}.")
    if choices := _choices(field.annotation):
        parts.append(f"One of {', '.join(choices)}.")
    if is_needed:
        parts.append("Needed.")
    elif not field.is_required():
        default = "none" if field.default is None else toml_value(field.default)
        parts.append(f"Default: {default}.")
    return " ".join(parts)


def _bounds(field: FieldInfo) -> str:
    found = ((key, getattr(item, key, None)) for item in field.metadata for key in _BOUNDS)
    return " ".join(_BOUNDS[key].format(bound) for key, bound in found if bound is not None)


def _choices(hint: Any) -> list[str]:
    """Return the words a setting may be, where there are only so many."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return [str(word) for word in hint]
    parts = ([part] if isinstance(part, str) else _choices(part) for part in get_args(hint))
    return [word for words in parts for word in words]


def _commented(line: str) -> str:
    return line if not line or line.startswith("#") else f"# {line}"
