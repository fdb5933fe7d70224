"""``kithd setup``: from an e-mail address to settings that work and a first reading."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.setup_answers import Told, take_by_asking, take_from_file, tell_of_secrets
from daemon.cli.setup_files import (
    folder_of_tokens,
    in_memory,
    is_of_machine,
    keep_client,
    keep_password,
    place_of,
    write_settings,
    zone_of_machine,
)
from daemon.cli.setup_questions import ask
from daemon.cli.setup_reading import reach_all, read_for_the_first_time, sign_in_now
from daemon.config.model import Settings
from daemon.errors import ExitCode, UserError
from daemon.jobs.check import Finding, end_with
from daemon.setup import screens
from daemon.setup.answers import CREDENTIAL
from daemon.setup.questions import SECRET, Draft
from daemon.setup.render import render
from daemon.setup.settle import Unsettled, refer, settle, takes_password

MAX_TRIES = 3
"""Passwords that may be typed in vain; servers lock accounts that see more."""


def run(
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Take the answers from this file; ask nothing."),
    ] = None,
    no_backfill: Annotated[
        bool, typer.Option("--no-backfill", help="Do not begin to read; the service will.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace settings that are there; they go to .old.")
    ] = False,
    config: options.Config = None,
) -> None:
    """Set kithd up, from your e-mail address to a first digest.

    Example: kithd setup
    """
    place = place_of(config, os.environ, Path.home())
    _may_write(place, force=force, is_asking=answers is None)
    zone = zone_of_machine(os.environ)
    told = take_by_asking(place, zone) if answers is None else take_from_file(answers)
    settings = _write(told, place, zone)
    if not (takes_password(told.answers) or _let_in(place, config, is_asking=answers is None)):
        typer.echo(f"\n{_say_goodbye(config, settings)}", nl=False)
        return
    findings = _sign_in(told, settings, place, is_asking=answers is None)
    if code := end_with(findings):
        typer.echo(f"\nThe settings are in {place}. When that is put right: kithd check --connect")
        sys.exit(code)
    if told.answers.keep == "credential" and told.password:
        typer.echo(f"\n{screens.credential(CREDENTIAL)}", nl=False)
    elif not no_backfill:
        read_for_the_first_time(place)
    typer.echo(f"\n{_say_goodbye(config, settings)}", nl=False)


def _may_write(place: Path, *, force: bool, is_asking: bool) -> None:
    if is_asking and not sys.stdin.isatty():
        raise UserError(
            "Setup asks questions, and there is no terminal to answer at.",
            "standard input",
            "kithd setup --answers answers.toml",
        )
    if not place.exists() or force:
        return
    if is_asking and typer.confirm(f"There are settings in {place}. Replace them", default=False):
        return
    raise UserError(
        "There are settings already; they were left as they are.",
        str(place),
        "kithd setup --force   (what is there goes to .old)",
        exit_code=ExitCode.CONFIG,
    )


def _write(told: Told, place: Path, zone: str) -> Settings:
    try:
        tokens = folder_of_tokens(place)
        settings = settle(told.answers, told.found, zone=zone, tokens=tokens)
    except Unsettled as unsettled:
        n = len(unsettled.problems)
        listed = "".join(f"\n  {problem}" for problem in unsettled.problems)
        raise UserError(
            f"{n} answer{'s are' if n > 1 else ' is'} missing:{listed}",
            "the answers",
            "add them; docs/how-to/connect-your-accounts.md lists all",
            exit_code=ExitCode.CONFIG,
        ) from unsettled
    with tell_of_secrets(place):
        written = write_settings(render(settings), place)
        _keep(told, place)
    typer.echo(f"\nWritten: {place}")
    return written


def _keep(told: Told, place: Path) -> None:
    if told.password and told.answers.keep != "credential":
        keep_password(refer(told.answers), told.password, place.parent)
    if told.client:
        keep_client(told.client, place.parent)


def _let_in(place: Path, config: Path | None, *, is_asking: bool) -> bool:
    """Let the owner sign in by the browser, if there is one; return whether that was done."""
    if is_of_machine(place):
        typer.echo(f"\n{screens.SIGN_IN_OF_MACHINE}", nl=False)
        return False
    code = 0
    if is_asking and typer.confirm("\nSign in now, in your browser", default=True):
        code = sign_in_now(place)
        if code == 0:
            return True
    typer.echo(f"\n{screens.sign_in(str(config or ''))}", nl=False)
    if code:
        sys.exit(code)
    return False


def _sign_in(told: Told, settings: Settings, place: Path, *, is_asking: bool) -> list[Finding]:
    """Sign in everywhere; let another password be typed where the first is refused."""
    typer.echo("Asking every account ...")
    for _ in range(MAX_TRIES):
        findings = list(_reach(told, settings))
        for finding in findings:
            typer.echo(f"  {finding.subject}: {finding.says}")
            if finding.remedy and not is_asking:
                typer.echo(f"    Try: {finding.remedy}")
        is_refused = ExitCode.NO_PERMISSION in {finding.exit_code for finding in findings}
        if not (is_refused and is_asking and told.password):
            break
        told = replace(told, password=_ask_again(told))
        with tell_of_secrets(place):
            _keep(told, place)
    return findings


def _ask_again(told: Told) -> str:
    typer.echo("\nThat password was refused. Ctrl-C ends this; what is written stays.")
    draft = Draft(said={"account": told.answers.account}, found=told.found)
    return str(ask(SECRET[0], draft))


def _reach(told: Told, settings: Settings) -> Iterator[Finding]:
    if told.answers.keep != "credential" or not told.password:
        yield from reach_all(settings)
        return
    with in_memory(told.password) as reference:
        yield from reach_all(_with_secret(settings, reference))


def _with_secret(settings: Settings, reference: str) -> Settings:
    """The same settings, with the password to be had now where systemd will have it later."""
    fresh: dict[str, Any] = {"secret": reference}
    sources = {
        name: it.model_copy(update=fresh) if it.secret else it
        for name, it in settings.sources.items()
    }
    delivery = settings.delivery
    if delivery.secret:
        delivery = delivery.model_copy(update=fresh)
    return settings.model_copy(update={"sources": sources, "delivery": delivery})


def _say_goodbye(config: Path | None, settings: Settings) -> str:
    return screens.farewell(
        str(config or ""),
        is_delivered=settings.delivery.kind is not None,
        hour=f"{settings.owner.digest_hour:%H:%M}",
    )
