"""What a validator found -> where it is, and words for it that never show a password."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args, get_type_hints
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from daemon.config.kinds import COMMON, find_terms
from daemon.config.lines import KeyPath
from daemon.config.model import Settings

Problem: TypeAlias = tuple[KeyPath, str]
"""The setting that is wrong, and what is wrong with it."""


def read_problems(error: ValidationError, written: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each problem in ``error``, found in the settings as ``written``."""
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"] if part != "[key]")
        yield path, _wording(path, detail, written)


def write_name(path: KeyPath) -> str:
    """Return the key path as the owner would write it."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in path)


def name_nearest(wrong: str, known: Collection[str]) -> str:
    """Return the end of a sentence: which of ``known`` was meant, or what there is."""
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(known)}" if known else "; there are none"


def _wording(path: KeyPath, detail: Mapping[str, Any], written: Mapping[str, Any]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return "no such setting" + name_nearest(path[-1], _known_beside(path, written))
        case "missing":
            return "missing, and there is no default for it"
        case "value_error":
            return f"{detail['ctx']['error']}" + _nearest_zone(path, detail["input"])
    said = str(detail["msg"]).removeprefix("Input ")
    return said + _quoted(path, detail["input"])


def _quoted(path: KeyPath, value: Any) -> str:
    """Repeat a wrong value, where no password can be in it."""
    is_harmless = path[-1] != "secret" and not isinstance(value, Mapping | list)
    return f", not {value!r}" if is_harmless else ""


def _nearest_zone(path: KeyPath, value: Any) -> str:
    if path != ("owner", "zone"):
        return ""
    close = get_close_matches(str(value), sorted(available_timezones()), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _known_beside(path: KeyPath, written: Mapping[str, Any]) -> list[str]:
    """Return the names of the settings there are where ``path`` names one in vain."""
    if path[0] == "sources" and len(path) == 3:
        terms = find_terms(written["sources"][path[1]].get("kind"))
        if terms:
            return [*COMMON, *terms.takes]
    section: type[BaseModel] = Settings
    for part in path[:-1]:
        if part in section.model_fields:
            section = _section_in(get_type_hints(section)[part])
    return list(section.model_fields)


def _section_in(hint: Any) -> type[BaseModel]:
    """Return the section in a hint: itself, or the values of a mapping of sections."""
    section: type[BaseModel] = next(
        (it for it in get_args(hint) if hasattr(it, "model_fields")), hint
    )
    return section
