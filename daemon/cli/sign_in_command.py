"""``kithd sign-in``: let kithd in at Google or Microsoft, on their own pages."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.desk import Terminal, has_browser
from daemon.cli.house import Wishes, find_settings, find_state
from daemon.cli.permissions import explain_permission
from daemon.config.load import load
from daemon.config.open import DELIVERY
from daemon.config.sign_in import asks_to_sign_in, tell_sign_in
from daemon.config.wording import name_nearest
from daemon.errors import ExitCode, UserError
from daemon.house import DATABASE_NAME, open_kept
from daemon.jobs.sign_in import Entrance, is_signed_in, list_entrances, list_permissions, sign_in
from daemon.store import outbox, sources
from daemon.store.database import Database


def run(
    source: Annotated[
        str | None,
        typer.Argument(
            help="The source, by its name, or delivery for what sends the digest. Without it, all "
            "that nobody has signed in for yet, one after the other.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Sign in anew everywhere, wherever you are signed in.")
    ] = False,
    remote: Annotated[
        bool,
        typer.Option(
            "--remote",
            help="Your browser runs on another machine: the page is shown to be opened there, and "
            "you paste what it leads to. So it is over SSH, and where there is no screen.",
        ),
    ] = False,
    as_json: options.Json = False,
    keep: options.Keep = None,
    config: options.Config = None,
) -> None:
    """Sign in at Google or Microsoft, so that kithd may read there, or send your digest.

    It says what will be asked for before it opens the page; nothing else is taken. What comes
    back is kept where secret says in the settings, for you alone to read.

    Example: kithd sign-in gmail
    """
    wishes = Wishes(keep=keep, config=config)
    counter = _Counter(
        find_state(keep, os.environ) / DATABASE_NAME,
        Terminal(is_remote=remote or not has_browser(os.environ, sys.platform)),
        is_quiet=as_json,
    )
    entrances = list_entrances(load(find_settings(wishes, os.environ)))
    wanted = _choose(entrances, source, counter.list_shut_out(), is_every=every)
    done = [counter.serve(entrance) for entrance in wanted]
    if as_json:
        typer.echo(json.dumps(_facts(done), ensure_ascii=False, indent=2))
    elif not wanted:
        names = ", ".join(entrance.name for entrance in entrances)
        typer.echo(f"You are signed in already: {names}.\nAnew: {tell_sign_in(entrances[0].name)}")
    if problems := [it.problem for it in done if it.problem]:
        sys.exit(problems[0].exit_code)


@dataclass(frozen=True, slots=True)
class _Done:
    """How one sign-in ended: who signed in and what was granted, or what went wrong."""

    entrance: Entrance
    who: str = ""
    permissions: tuple[str, ...] = ()
    problem: UserError | None = None

    @property
    def follows(self) -> str:
        """What to type next."""
        is_delivery = self.entrance.name == DELIVERY
        return "kithd check --connect" if is_delivery else f"kithd poll {self.entrance.name}"


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where one after the other signs in; ``database`` need not be there yet."""

    database: Path
    desk: Terminal
    is_quiet: bool

    def serve(self, entrance: Entrance) -> _Done:
        """Let the owner sign in, and say how it ended."""
        try:
            permissions = list_permissions(entrance)
            _say(_announce(entrance, permissions))
            who = sign_in(entrance, self.desk)
            self._resume(entrance)
        except UserError as problem:
            _say(f"{problem}\n")
            return _Done(entrance, problem=problem)
        except KeyboardInterrupt:
            _say(f"\nStopped. Nothing was changed for {entrance.name}.")
            raise typer.Abort from None
        done = _Done(entrance, who, permissions)
        typer.echo(
            f"Signed in for {entrance.name} as {who}.\n"
            f"Kept for you alone at {entrance.secret.reference}.\nNext: {done.follows}\n",
            err=self.is_quiet,
        )
        return done

    def list_shut_out(self) -> frozenset[str]:
        """Return the sections that wait for a sign-in: their service takes the present no more."""
        engine = self._open()
        if engine is None:
            return frozenset()
        with engine.connect() as connection:
            known = {it.name: it.needs for it in sources.read_schedule(connection)}
        known[DELIVERY] = _find_last_problem(engine)
        engine.dispose()
        return frozenset(name for name, why in known.items() if asks_to_sign_in(why, name))

    def _resume(self, entrance: Entrance) -> None:
        """Let the source be read again; a service that runs sees it within a minute."""
        engine = None if entrance.name == DELIVERY else self._open()
        if engine is not None:
            sources.resume(engine, entrance.name)
            engine.dispose()

    def _open(self) -> Database | None:
        """Return the database; None where there is none, or none that this user can open.

        A sign-in does not need it, and other commands say what is wrong with it.
        """
        try:
            return open_kept(self.database.parent) if self.database.exists() else None
        except (OSError, UserError):
            return None


def _find_last_problem(engine: Database) -> str:
    """Return why the latest mail could not be sent; empty where a digest was sent since."""
    with engine.connect() as connection:
        sent_at = outbox.last_sent_at(connection)
        troubled = outbox.list_troubled(connection, limit=1)
    for latest in troubled:
        if sent_at is None or (latest.changed_at is not None and latest.changed_at > sent_at):
            return latest.problem
    return ""


def _choose(
    entrances: tuple[Entrance, ...], name: str | None, shut_out: frozenset[str], *, is_every: bool
) -> tuple[Entrance, ...]:
    """Return where to sign in: where it was asked for, or where it is needed."""
    if not entrances:
        raise UserError(
            "Nothing in the settings is opened by a sign-in.",
            "kinds that are: gmail, google_calendar, google_contacts, graph",
            "kithd setup   (or kithd check --connect, for accounts with a password)",
            exit_code=ExitCode.CONFIG,
        )
    if name is not None:
        return (_find(entrances, name),)
    if is_every:
        return entrances
    return tuple(it for it in entrances if it.name in shut_out or not _is_in(it))


def _is_in(entrance: Entrance) -> bool:
    try:
        return is_signed_in(entrance)
    except UserError:
        return False  # what is wrong there is told when its turn comes


def _find(entrances: Iterable[Entrance], name: str) -> Entrance:
    known = {entrance.name: entrance for entrance in entrances}
    if name not in known:
        raise UserError(
            f"Nobody signs in for {name!r}{name_nearest(name, known)}",
            "the sections of the settings that are opened by a sign-in",
            tell_sign_in(next(iter(known))),
        )
    return known[name]


def _announce(entrance: Entrance, permissions: Iterable[str]) -> str:
    asked = "".join(f"  - {explain_permission(it)}\n" for it in permissions)
    return f"Signing in for {entrance.name} ({entrance.kind}). You are asked to let kithd\n{asked}"


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _facts(done: Iterable[_Done]) -> Mapping[str, Any]:
    return {
        "items": [
            {
                "name": it.entrance.name,
                "kind": it.entrance.kind,
                "who": it.who,
                "permissions": list(it.permissions),
                "kept_at": it.entrance.secret.reference if it.who else "",
                "next": it.follows if it.who else "",
                "problem": it.problem.problem if it.problem else "",
                "remedy": it.problem.remedy if it.problem else "",
            }
            for it in done
        ]
    }
