"""The connectors' own code and ``connectors.toml`` -> the reference page of what can be read."""

import ast
import inspect
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors import registry

NOTES = Path(__file__).with_name("connectors.toml")


def connectors_page() -> str:
    """Return the page.

    What is read, and what a cursor is, is said in ``connectors.toml``; settings and limits
    are those of the code: every constant in capitals with a sentence below it is a limit.
    """
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    return "\n".join(
        (
            f"# Connectors\n\n{notes['intro'].strip()}\n",
            *(_section(kind, it) for kind, it in notes["kinds"].items()),
            f"## Limits that messages of all kinds share\n\n{notes['shared'].strip()}\n",
            _limits(notes["shared_modules"]),
        )
    )


def _section(kind: str, notes: Mapping[str, Any]) -> str:
    settings = registry.load(kind).settings_type
    return "\n".join(
        (
            f"## `{kind}`\n\n{notes['what'].strip()}\n",
            f"**Read:** {notes['reads'].strip()}\n",
            f"**Named by:** {notes['uid'].strip()}\n",
            f"**Cursor:** {notes['cursor'].strip()}\n",
            f"**Traps:** {notes['traps'].strip()}\n",
            f"Settings of its own: {', '.join(map(_setting, fields(settings)))}.\n",
            _limits(notes["modules"]),
        )
    )


def _setting(field: Field[Any]) -> str:
    if field.default is MISSING:
        return f"`{field.name}`"
    return f"`{field.name}` ({field.default if field.default not in ('', None) else 'empty'})"


def _limits(modules: list[str]) -> str:
    found = [row for name in modules for row in limits_of(import_module(name))]
    rows = "\n".join(f"| {_say(value, says)} | {' '.join(says.split())} |" for value, says in found)
    return f"| limit | what it bounds |\n|---|---|\n{rows}\n"


def limits_of(module: ModuleType) -> Iterator[tuple[int | float, str]]:
    """Yield the value of each constant with a sentence below it, and the sentence."""
    body = ast.parse(inspect.getsource(module)).body
    for line, below in pairwise(body):
        match line, below:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(says))),
            ):
                value = getattr(module, name)
                if isinstance(value, int | float):
                    yield value, says


def _say(value: float, says: str) -> str:
    sizes = ((2**20, "Mi"), (2**10, "Ki")) if says.startswith("Bytes") else ()
    for size, unit in sizes:
        if value >= size and value % size == 0:
            return f"{value // size:,} {unit}B"
    return f"{value:,}"
