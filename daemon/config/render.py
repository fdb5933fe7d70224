"""The settings -> text: the commented example, the effective settings, the JSON schema."""

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from daemon.config.model import Owner, PersonRule, Section, Settings, Source, Suggestions, Ties

_HEAD = """\
# Settings of kithd: every one of them, with its meaning, range and default.
# This file is made from the program's own settings (kithd config example).
# Only owner.addresses and a source are needed: see minimal.toml.
"""
_SECTIONS: dict[str, type[Section]] = {"owner": Owner, "ties": Ties, "suggestions": Suggestions}
_TABLES: dict[str, type[Section]] = {'people."ana@example.org"': PersonRule, "sources.mail": Source}
_BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "to below {}"}


def example_toml() -> str:
    """Return a settings file that sets everything to its default, each setting explained."""
    parts = [_HEAD]
    for header, section in _SECTIONS.items():
        parts.append("\n".join((*_intro(section), f"[{header}]", *_explained(section))))
    for header, section in _TABLES.items():
        lines = map(_commented, (f"[{header}]", *_explained(section)))
        parts.append("\n".join((*_intro(section), *lines)))
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def show(settings: Settings) -> str:
    """Return the settings in force as TOML, which loads to the same settings again."""
    parts = [_table(name, getattr(settings, name)) for name in _SECTIONS]
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


def _explained(section: type[Section]) -> Iterator[str]:
    """Yield for each setting its comment and its line, commented out where there is no default."""
    for name, field in section.model_fields.items():
        yield from ("", *(f"# {line}" for line in textwrap.wrap(_meaning(field), 90)))
        if field.is_required() or field.default is None:
            line = f"{name} = {toml_value((field.examples or ('',))[0])}"
            yield line if field.is_required() else f"# {line}"
        else:
            yield f"{name} = {toml_value(field.default)}"


def _meaning(field: FieldInfo) -> str:
    parts = [field.description or ""]
    if bounds := _bounds(field):
        parts.append(f"Range: {bounds}.")
    if choices := _choices(field.annotation):
        parts.append(f"One of {', '.join(choices)}.")
    if not field.is_required():
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
