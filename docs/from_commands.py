"""The command line's functions -> the reference page of commands, options and help.

The functions' own signatures are read, and not what the library makes of them, which looks
different from one of its versions to the next.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from daemon.cli.app import COMMANDS, load_command
from daemon.commands.grammar import list_verbs

_HEAD = """\
# Commands

Every command, as `kithd COMMAND --help` tells it. Errors come in three lines: what happened,
where, and what to try. A command ends with 0 when it did what it was asked, 64 when it was
asked wrongly, 69 when nothing could be read, 77 when it may not, 78 when a setting is wrong.
"""
_TYPES = {Path: "PATH", str: "TEXT", int: "NUMBER"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option or argument: how it is written, and what it does."""

    written: str
    does: str
    is_option: bool
    is_flag: bool = False
    is_repeatable: bool = False


def commands_page() -> str:
    """Return the page."""
    parts = [_HEAD, *(_section(words, run) for words, run in list_commands())]
    parts.append(
        "## The words of an answer\n\n"
        "`kithd do` takes one of these, or several with `;` between them. A number is that of an\n"
        "item in the last digest; what is about a person takes an address in its place.\n\n"
        f"```text\n{list_verbs()}\n```\n"
    )
    return "\n".join(parts)


def list_commands() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each command as one types it, with the function behind it."""
    for name in COMMANDS:
        module = load_command(name)
        if isinstance(group := getattr(module, "group", None), typer.Typer):
            for command in group.registered_commands:
                assert command.callback  # noqa: S101 - every registered command has a function
                yield f"{name} {command.name or command.callback.__name__}", command.callback
        else:
            yield name, module.run


def parameters_of(run: Callable[..., Any]) -> list[Parameter]:
    """Return the options and arguments of a command, in the order of its help."""
    hints = get_type_hints(run, include_extras=True)
    defaults = inspect.signature(run).parameters
    return [_parameter(name, hints[name], defaults[name].default) for name in defaults]


def _section(words: str, run: Callable[..., Any]) -> str:
    says, _, example = inspect.getdoc(run).partition("Example: ")  # type: ignore[union-attr]  # a test asks that all have one
    parameters = parameters_of(run)
    arguments = "".join(f" {p.written}" for p in parameters if not p.is_option)
    rows = "\n".join(f"| `{p.written}` | {p.does} |" for p in parameters)
    table = f"\n| argument or option | |\n|---|---|\n{rows}\n" if rows else ""
    return (
        f"## kithd {words}\n\n{says.strip()}\n\n"
        f"```\nkithd {words}{arguments}\n```\n\nExample: `{example.strip()}`\n{table}"
    )


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    kind, info = get_args(hint)
    is_repeatable = any(str(part).startswith("list[") for part in (kind, *get_args(kind)))
    does = " ".join((info.help or "").split())
    match info:
        case ArgumentInfo():
            return Parameter(name.upper(), does, is_option=False)
        case OptionInfo():
            # In an annotation the first flag stands where the library expects a default.
            flag = next(it for it in (*(info.param_decls or ()), info.default) if it != ...)
            takes = "" if kind is bool else f" {_takes(kind)}"
            given = [f"Default: {default}."] if isinstance(default, int) and default else []
            return Parameter(
                f"{flag}{takes}",
                " ".join([does, *given]),
                is_option=True,
                is_flag=kind is bool,
                is_repeatable=is_repeatable,
            )
    raise TypeError(f"{name} is neither an option nor an argument")


def _takes(kind: Any) -> str:
    for part in (kind, *get_args(kind), *(inner for p in get_args(kind) for inner in get_args(p))):
        if part in _TYPES:
            return _TYPES[part]
        if isinstance(part, type) and issubclass(part, StrEnum):
            return "\\|".join(part)
    raise TypeError(f"nobody knows what {kind} takes")
