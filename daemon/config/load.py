"""A settings file -> :class:`Settings`, or one error that lists all that is wrong with it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from daemon.config.consistency import find_contradictions
from daemon.config.lines import find_lines, line_of
from daemon.config.model import Settings
from daemon.config.values import Section
from daemon.config.wording import read_problems, write_name
from daemon.errors import ExitCode, UserError

T = TypeVar("T")

SYSTEM_CONFIG = Path("/etc/kithd/config.toml")


class WrongSettings(UserError):
    """Settings that cannot be right.

    Attributes:
        problems: Each with its line, from 1, in the order of the lines.
    """

    def __init__(self, problem: str, where: str, problems: tuple[tuple[int, str], ...]) -> None:
        super().__init__(problem, where, "kithd config example", exit_code=ExitCode.CONFIG)
        self.problems = problems


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
    written = _parse(text, path)
    problems = list(find_contradictions(written))
    try:
        settings = Settings.model_validate(written, context={"folder": path.parent})
    except ValidationError as error:
        problems += read_problems(error, written)
    if not problems:
        return settings
    lines = find_lines(text)
    told = {(line_of(at, lines), f"{write_name(at)}: {what}") for at, what in problems}
    raise _explain(sorted(told), path)


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
        what = _say_plainly(re.sub(r" \(at .*\)$", "", str(error)))
    raise _explain([(line, what)], path)


def _say_plainly(what: str) -> str:
    """Word what is wrong with TOML; to its owner, one name used twice is no matter of syntax."""
    names = re.match(r"Cannot declare \((.+?),?\) twice", what)
    if not names:
        return f"not TOML: {what[:1].lower()}{what[1:]}"
    path = tuple(name.strip(" '\"") for name in names[1].split(", "))
    remedy = "give each a name of its own" if path[0] == "sources" else "put both into one"
    return f"{write_name(path)}: is there twice; {remedy}"


def _explain(problems: Sequence[tuple[int, str]], path: Path) -> WrongSettings:
    problems = tuple(problems)
    if len(problems) == 1:
        line, problem = problems[0]
        where = f"{path}, line {line}"
    else:
        listed = "".join(f"\n  line {line}: {problem}" for line, problem in problems)
        problem, where = f"{len(problems)} settings cannot be right:{listed}", str(path)
    return WrongSettings(problem, where, problems)
