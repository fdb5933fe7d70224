"""``kithd setup``: from an e-mail address to settings that work and a first reading."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.credentials.secrets import Secret
from connectors.discovery.live import look_up
from connectors.discovery.model import Servers
from connectors.errors import AccessDenied, ConnectorError
from daemon.cli import options
from daemon.cli.setup_files import (
    in_memory,
    keep_password,
    name_of_user,
    place_of,
    write_settings,
    zone_of_machine,
)
from daemon.cli.setup_questions import ask, ask_all
from daemon.cli.setup_reading import reach_all, read_for_the_first_time
from daemon.config.model import Settings
from daemon.errors import ExitCode, UserError
from daemon.jobs.check import Finding, end_with
from daemon.setup import screens
from daemon.setup.answers import CREDENTIAL, Answers, read_answers
from daemon.setup.questions import BACK, READING, SECRET, WHERE, WHO, Draft
from daemon.setup.render import render
from daemon.setup.settle import Unsettled, mail_account, refer, settle, smtp_account

MAX_TRIES = 3
"""Passwords that may be typed in vain; servers lock accounts that see more."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that setup was told: answers, the servers found, the password if there is one."""

    answers: Answers
    found: Servers
    password: str = ""


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
    told = _ask(place, zone) if answers is None else _read(answers)
    settings = _write(told, place, zone)
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


def _ask(place: Path, zone: str) -> Told:
    typer.echo(screens.HELLO)
    is_of_machine = place.is_relative_to("/etc")
    draft = Draft(zone=zone, name=name_of_user(), keep="credential" if is_of_machine else "file")
    draft = ask_all(WHO, draft)
    typer.echo(f"\nLooking for the servers of {draft.address} ...")
    draft = replace(draft, found=look_up(draft.address))
    draft = ask_all((*WHERE, *SECRET, *READING, *BACK), draft)
    said = {key: it for key, it in draft.said.items() if key in Answers.model_fields}
    password = str(draft.said.get("password", ""))
    if password:
        said["password_file"] = Path("typed")
    found = draft.found if draft.is_found_right() else Servers()
    return Told(Answers.model_validate(said), found, password)


def _read(file: Path) -> Told:
    """Take the answers from a file; only what they leave open is looked up."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(
            f"The answers cannot be read ({type(problem).__name__}).",
            str(file),
            "kithd setup --answers answers.toml",
            exit_code=ExitCode.CONFIG,
        ) from problem
    answers = read_answers(text, str(file), folder=file.absolute().parent)
    found = look_up(answers.addresses[0]) if _is_open(answers) else Servers()
    with _told(file):
        given = answers.password_file
        return Told(answers, found, Secret(f"file:{given}").reveal() if given else "")


def _is_open(answers: Answers) -> bool:
    """Whether the answers leave anything to be looked up."""
    nowhere = Servers()
    sends = answers.deliver != "smtp" or smtp_account(answers, nowhere)
    return not (mail_account(answers, nowhere) and sends)


@contextmanager
def _told(where: Path) -> Iterator[None]:
    """Tell the owner of what a keeper of secrets refuses.

    Raises:
        UserError: In place of a ConnectorError or an OSError.
    """
    try:
        yield
    except (ConnectorError, OSError) as problem:
        is_denied = isinstance(problem, AccessDenied | PermissionError)
        raise UserError(
            f"{problem}.",
            str(where),
            "kithd setup, and keep the password another way",
            exit_code=ExitCode.NO_PERMISSION if is_denied else ExitCode.CONFIG,
        ) from problem


def _write(told: Told, place: Path, zone: str) -> Settings:
    try:
        settings = settle(told.answers, told.found, zone=zone)
    except Unsettled as unsettled:
        n = len(unsettled.problems)
        listed = "".join(f"\n  {problem}" for problem in unsettled.problems)
        raise UserError(
            f"{n} answer{'s are' if n > 1 else ' is'} missing:{listed}",
            "the answers",
            "add them; docs/how-to/connect-your-accounts.md lists all",
            exit_code=ExitCode.CONFIG,
        ) from unsettled
    with _told(place):
        written = write_settings(render(settings), place)
        _keep(told, place)
    typer.echo(f"\nWritten: {place}")
    return written


def _keep(told: Told, place: Path) -> None:
    if told.password and told.answers.keep != "credential":
        keep_password(refer(told.answers), told.password, place.parent)


def _sign_in(told: Told, settings: Settings, place: Path, *, is_asking: bool) -> list[Finding]:
    """Sign in everywhere; let another password be typed where the first is refused."""
    typer.echo("Signing in ...")
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
        with _told(place):
            _keep(told, place)
    return findings


def _ask_again(told: Told) -> str:
    typer.echo("\nThat password was refused. Ctrl-C ends this; what is written stays.")
    return str(ask(SECRET[0], Draft(found=told.found)))


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
