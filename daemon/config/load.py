"""A settings file -> :class:`Settings`, or one error that lists all that is wrong with it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from daemon.config.lines import KeyPath, find_lines, line_of
from daemon.config.model import Section, Settings
from daemon.errors import ExitCode, UserError

T = TypeVar("T")

SYSTEM_CONFIG = Path("/etc/kithd/config.toml")
_SEE_EXAMPLE = "kithd config example"


def find_config(
    explicit: Path | None,
    environ: Mapping[str, str],
    home: Path,
    *,
    system: Path = SYSTEM_CONFIG,
) -> Path | None:
    """Return the settings file to read, or None where there is none.

    The order is ``explicit`` (the option), ``KITHD_CONFIG``, the user's, the machine's.
    The first two are returned whether or not they exist: who names a file wants that
    one or an error.

    Source: design notes, the command line.
    """
    if explicit is not None:
        return explicit
    if named := environ.get("KITHD_CONFIG"):
        return Path(named)
    usual = home / ".config" / "kithd" / "config.toml"
    return next((path for path in (usual, system) if path.is_file()), None)


def load(path: Path) -> Settings:
    """Read and check the settings in the TOML file at ``path``.

    Relative paths in it start at its folder.

    Raises:
        UserError: It cannot be read, is not TOML, or has settings that cannot be right:
            all of them, each with its line and the nearest correct name.
    """
    text = _read(path)
    try:
        return Settings.model_validate(_parse(text, path), context={"folder": path.parent})
    except ValidationError as error:
        lines = find_lines(text)
        problems = sorted(_problems(error, lines))
    raise _explain(problems, path)


def build(kind: type[T], *sections: Section) -> T:
    """Return the dataclass ``kind`` with every field that the sections have a setting for.

    This is how the core gets its rules without knowing the settings:
    ``build(Rules, settings.suggestions, settings.ties)``.
    """
    wanted = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    chosen = {
        name: getattr(section, name)
        for section in sections
        for name in wanted.intersection(type(section).model_fields)
    }
    return kind(**chosen)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem, remedy = "There is no settings file.", f"kithd config example > {path}"
    except PermissionError:
        problem, remedy = "The settings file may not be read.", f"chmod u+r {path}"
    except IsADirectoryError:
        problem, remedy = "This is a folder, not a settings file.", "name the file inside it"
    except UnicodeDecodeError:
        problem, remedy = "The settings file is not UTF-8 text.", "save it as UTF-8"
    raise UserError(problem, str(path), remedy, exit_code=ExitCode.CONFIG)


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has the line as an attribute; before that only the message has it.
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        what = re.sub(r" \(at .*\)$", "", str(error))
    raise _explain([(line, f"not TOML: {what[:1].lower()}{what[1:]}")], path)


def _problems(error: ValidationError, lines: Mapping[KeyPath, int]) -> Iterator[tuple[int, str]]:
    """Yield the line and the wording of each problem."""
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"] if part != "[key]")
        yield line_of(path, lines), f"{_name(path)}: {_wording(path, detail)}"


def _name(path: KeyPath) -> str:
    """Return the key path as the owner would write it."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in path)


def _wording(path: KeyPath, detail: Mapping[str, Any]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return "no such setting" + _nearest(path[-1], _known_beside(path))
        case "missing":
            return "missing, and there is no default for it"
        case "value_error":
            return f"{detail['ctx']['error']}" + _nearest_zone(path, detail["input"])
    said = str(detail["msg"]).removeprefix("Input ")
    return f"{said}, not {detail['input']!r}"


def _nearest(wrong: str, known: list[str]) -> str:
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _nearest_zone(path: KeyPath, value: Any) -> str:
    if path != ("owner", "zone"):
        return ""
    close = get_close_matches(str(value), sorted(available_timezones()), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _known_beside(path: KeyPath) -> list[str]:
    """Return the names of the settings there are where ``path`` names one in vain."""
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


def _explain(problems: list[tuple[int, str]], path: Path) -> UserError:
    if len(problems) == 1:
        line, problem = problems[0]
        where = f"{path}, line {line}"
    else:
        listed = "".join(f"\n  line {line}: {problem}" for line, problem in problems)
        problem, where = f"{len(problems)} settings cannot be right:{listed}", str(path)
    return UserError(problem, where, _SEE_EXAMPLE, exit_code=ExitCode.CONFIG)
