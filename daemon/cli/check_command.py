"""``kithd check``: what is well, what is not, and what to type for each problem."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.house import CONFIG_NAME, find_state
from daemon.clock import Clock
from daemon.config.load import WrongSettings, find_config, load
from daemon.config.model import Settings
from daemon.errors import ExitCode, UserError
from daemon.house import DATABASE_NAME, furnish
from daemon.jobs.check import (
    Finding,
    Verdict,
    check_database,
    check_interpreter,
    check_owner,
    check_settings,
    check_state,
    end_with,
    object_to,
    well,
)
from daemon.jobs.reach import reach
from daemon.store.database import open_scratch

Connect = Annotated[
    bool,
    typer.Option("--connect", help="Sign in to every account too, side by side. Nothing is kept."),
]
_MARGIN = " " * 10


def run(
    connect: Connect = False,
    as_json: options.Json = False,
    keep: options.Keep = None,
    config: options.Config = None,
) -> None:
    """Check the settings, and with --connect every account, and say what to type.

    Ends with 0 if nothing is wrong but warnings, 78 for a wrong setting, 77 where access is
    denied, 69 where nothing answers.

    Example: kithd check --connect
    """
    kept = keep / CONFIG_NAME if keep else None
    path = find_config(config or kept, os.environ, Path.home())
    findings = _find(path, find_state(keep, os.environ), is_connecting=connect)
    found = _list_as_json(findings) if as_json else _list_as_text(findings)
    if code := end_with(found):
        sys.exit(code)


def _find(path: Path | None, state: Path, *, is_connecting: bool) -> Iterator[Finding]:
    """Yield the findings as they come in, the quick ones first."""
    settings, about_settings = _read_settings(path)
    yield from about_settings
    yield check_state(state)
    about_database, examined = check_database(state / DATABASE_NAME)
    yield about_database
    yield check_interpreter(sys.version_info[:3])
    if settings is None:
        return
    yield check_owner(settings, examined)
    yield from check_settings(settings)
    if is_connecting:
        yield from _reach(settings)


def _read_settings(path: Path | None) -> tuple[Settings | None, list[Finding]]:
    if path is None:
        says = "there are none yet, neither in ~/.config/kithd nor in /etc/kithd"
        return None, [object_to("settings", says, "kithd setup", ExitCode.CONFIG)]
    try:
        return load(path), [well("settings", str(path))]
    except WrongSettings as wrong:
        told = [(says, f"edit {path}, line {line}") for line, says in wrong.problems]
    except UserError as problem:
        told = [(f"{problem.problem} {problem.where}", problem.remedy)]
    return None, [object_to("settings", says, remedy, ExitCode.CONFIG) for says, remedy in told]


def _reach(settings: Settings) -> Iterator[Finding]:
    now = Clock().now()
    house = furnish(settings, open_scratch(), state=None, now=now)
    try:
        yield from reach(settings, house.sources, house.basis, at=now)
    finally:
        house.engine.dispose()


def _list_as_text(findings: Iterable[Finding]) -> list[Finding]:
    """Print each finding when it comes in: accounts may take their time."""
    found = []
    for finding in findings:
        found.append(finding)
        typer.echo(f"{finding.verdict:<{len(_MARGIN)}}{finding.subject}: {finding.says}")
        if finding.remedy:
            typer.echo(f"{_MARGIN}Try: {finding.remedy}")
    typer.echo(_sum_up(found))
    return found


def _sum_up(found: list[Finding]) -> str:
    n_problems = sum(finding.verdict is Verdict.PROBLEM for finding in found)
    n_warnings = sum(finding.verdict is Verdict.WARNING for finding in found)
    if n_problems:
        return f"{n_problems} of {len(found)} must be put right."
    if not n_warnings:
        return "All is well."
    return f"Nothing stands in the way ({n_warnings} warning{'s' * (n_warnings > 1)})."


def _list_as_json(findings: Iterable[Finding]) -> list[Finding]:
    found = list(findings)
    facts = {"exit_code": int(end_with(found)), "items": [_facts(it) for it in found]}
    typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    return found


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "says": finding.says,
        "remedy": finding.remedy,
    }
