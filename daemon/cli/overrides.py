"""``--set ties.fading_at=0.6`` and its like -> settings, checked as those in a file are."""

import tomllib
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from daemon.config.model import Settings
from daemon.config.render import show
from daemon.config.wording import name_nearest, read_problems, write_name
from daemon.errors import ExitCode, UserError
from daemon.people.model import Person

EXAMPLE = "--set ties.fading_at=0.6"
TRIED = ("ties", "people", "circles")
"""The parts of the settings that say when a tie is flagged."""


def override(settings: Settings, changes: Iterable[str]) -> Settings:
    """Return ``settings`` with ``changes``, each written as ``ties.fading_at=0.6``.

    Raises:
        UserError: One is not so written, there is no such setting, or its value cannot be
            right: all that is wrong at once, with the nearest correct name.
    """
    written = tomllib.loads(show(settings))
    given = tuple(changes)
    if not given:
        raise UserError("Say which setting to try.", "the --set option is missing", EXAMPLE)
    parts = [_put(written, change) for change in given]
    try:
        checked = Settings.model_validate(written)
    except ValidationError as error:
        told = [
            f"{write_name(path)}: {what}"
            for path, what in read_problems(error, written)
            if path[0] in parts
        ]
        raise _explain("; ".join(told), given) from error
    return settings.model_copy(update={part: getattr(checked, part) for part in parts})


def check_addresses(changes: Iterable[str], people: Iterable[Person]) -> None:
    """Make sure that the rules for single people are about people there are.

    Raises:
        UserError: One of them is about nobody.
    """
    known = {str(email) for person in people for email in person.identities}
    for change in changes:
        part, *path = _split(change.partition("=")[0].strip())
        if part == "people" and path[0] not in known:
            near = get_close_matches(path[0], known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "kithd ties --json has every address"
            raise UserError(f"Nobody here uses {path[0]}.", f"--set {change}", remedy)


def _put(written: dict[str, Any], change: str) -> str:
    """Put one change into the settings as written; return the part of them it is in."""
    name, equals, value = change.partition("=")
    path = _split(name.strip())
    if not equals or len(path) < 2:
        raise _explain(f"{change}: write it as PART.NAME=VALUE", (change,))
    if path[0] not in TRIED:
        raise _explain(_refuse(path[0]), (change,))
    table = written
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise _explain(f"{part}: holds no settings of its own", (change,))
    table[path[-1]] = _read_value(value.strip())
    return path[0]


def _split(name: str) -> tuple[str, ...]:
    """Split a name at its dots, but for those in the address of a person."""
    part, _, rest = name.partition(".")
    if part == "people" and "." in rest:
        address, _, last = rest.rpartition(".")
        return part, address.strip("\"'").lower(), last
    return tuple(name.split("."))


def _read_value(text: str) -> Any:
    """Return a value as it would be read from the file; a bare word is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        with suppress(ValueError):
            return float(text)  # ".6", as people write it and TOML does not
        return text


def _refuse(part: str) -> str:
    if part in Settings.model_fields:
        return f"{part}: has no say in when a tie is flagged; what can be tried is {_list_tried()}"
    return f"{part}: no such part of the settings{name_nearest(part, _known())}"


def _known() -> tuple[str, ...]:
    return tuple(part for part in TRIED if part in Settings.model_fields)


def _list_tried() -> str:
    return " and ".join(f"{part}.*" for part in _known())


def _explain(problem: str, changes: tuple[str, ...]) -> UserError:
    where = " ".join(f"--set {change}" for change in changes)
    remedy = f"{EXAMPLE}   (kithd config example has every setting)"
    return UserError(problem, where, remedy, exit_code=ExitCode.USAGE)
