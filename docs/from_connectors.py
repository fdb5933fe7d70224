"""The connectors' own code and ``connectors.toml`` -> the reference page of what can be read."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from daemon.config.kinds import terms_of

NOTES = Path(__file__).with_name("connectors.toml")
_TOLD = {
    "Read": "reads",
    "Permission": "permission",
    "To take it back": "take_back",
    "Expires": "expires",
    "Named by": "uid",
    "Cursor": "cursor",
    "Traps": "traps",
    "Tested": "tested",
}
"""What is told of each kind, in this order, and what the notes call it."""

COLUMNS = {
    "what is read": "reads",
    "permission": "permission",
    "how to revoke": "take_back",
    "what expires": "expires",
    "how tested": "tested",
}
"""The columns of the table of all sources, and what the notes call what stands in them."""

_END_OF_SENTENCE = re.compile(r"\.(\s+(?=[A-Z`])|$)")


def connectors_page() -> str:
    """Return the page.

    What is read, by what permission, and how that is tested is said in ``connectors.toml``;
    settings and limits are those of the code: every constant in capitals with a sentence
    below it is a limit.
    """
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    return "\n".join(
        (
            f"# Connectors\n\n{notes['overview'].strip()}\n",
            sources_table(notes["kinds"]),
            f"## What holds for all\n\n{notes['intro'].strip()}\n",
            *(_section(kind, it) for kind, it in notes["kinds"].items()),
            f"## Limits that messages of all kinds share\n\n{notes['shared'].strip()}\n",
            _limits(notes["shared_modules"]),
            f"## Limits of everything that is asked for on the web\n\n{notes['web'].strip()}\n",
            _limits(notes["web_modules"]),
            f"## Limits of what is asked of Google and Microsoft\n\n{notes['services'].strip()}\n",
            _limits(notes["services_modules"]),
        )
    )


def sources_table(kinds: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of all sources, a row each: of every note its first sentence."""
    rows = "\n".join(
        f"| [`{kind}`](#{kind}) | {' | '.join(_shorten(it[name]) for name in COLUMNS.values())} |"
        for kind, it in kinds.items()
    )
    return f"| source | {' | '.join(COLUMNS)} |\n|{'---|' * (1 + len(COLUMNS))}\n{rows}\n"


def _shorten(text: str) -> str:
    """Return the first sentence, without its full stop, as it can stand in a cell."""
    return _END_OF_SENTENCE.split(text.strip(), maxsplit=1)[0].replace("|", "\\|")


def _section(kind: str, notes: Mapping[str, Any]) -> str:
    told = (f"**{label}:** {notes[name].strip()}\n" for label, name in _TOLD.items())
    return "\n".join(
        (
            f"## `{kind}`\n\n{notes['what'].strip()}\n",
            *told,
            f"**Settings:** {_settings(kind)}\n",
            _limits(notes["modules"]),
        )
    )


def _settings(kind: str) -> str:
    terms = terms_of(kind)
    needed = ", ".join(f"`{name}`" for name in terms.needs)
    optional = [name for name in (*terms.takes, *terms.heeds) if name not in terms.needs]
    others = ", ".join(f"`{name}`" for name in optional if name != "kind")
    return f"{needed} (needed), {others}." if needed else f"{others}."


def _limits(modules: list[str]) -> str:
    found = [row for name in modules for row in limits_of(import_module(name))]
    rows = "\n".join(f"| {_say(value, says)} | {_tidy(says)} |" for value, says in found)
    return f"| limit | what it bounds |\n|---|---|\n{rows}\n"


def _tidy(says: str) -> str:
    return " ".join(says.split()).replace("``", "`")


def limits_of(module: ModuleType) -> Iterator[tuple[float | timedelta, str]]:
    """Yield the value of each constant with a sentence below it, and the sentence."""
    body = ast.parse(inspect.getsource(module)).body
    for line, below in pairwise(body):
        match line, below:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(says))),
            ):
                value = getattr(module, name)
                if isinstance(value, int | float | timedelta):
                    yield value, says


def _say(value: float | timedelta, says: str) -> str:
    if isinstance(value, timedelta):
        return _say_duration(value)
    sizes = ((2**20, "Mi"), (2**10, "Ki")) if says.startswith("Bytes") else ()
    for size, unit in sizes:
        if value >= size and value % size == 0:
            return f"{value // size:,} {unit}B"
    return f"{int(value) if value == int(value) else value:,}"


def _say_duration(value: timedelta) -> str:
    for unit in ("days", "hours", "minutes", "seconds"):
        n = value / timedelta(**{unit: 1})
        if n >= 1 and n == int(n):
            return f"{int(n)} {unit if n != 1 else unit.removesuffix('s')}"
    return str(value)
