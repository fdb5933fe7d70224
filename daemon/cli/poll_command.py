"""``kithd poll``: read what is new, now."""

import json
import os
import sys
from typing import Annotated

import typer

from connectors.protocol import Progress
from daemon.cli import options
from daemon.cli.house import Wishes, open_house
from daemon.cli.progress import show_progress
from daemon.clock import Clock
from daemon.errors import ExitCode, UserError
from daemon.house import House
from daemon.jobs.gather import Gathered, Gatherer
from daemon.jobs.refresh import derive, enrol
from daemon.post import open_way, send_mail
from daemon.replying import answer_replies
from daemon.store.sources import Source


def run(
    source: Annotated[
        str | None,
        typer.Argument(help="Read this source alone, by its name.", show_default=False),
    ] = None,
    keep: options.Keep = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Read what is new at the sources, whether or not it is time, and obey your replies.

    It may run beside the service: what one of them stores the other does not store again.

    Example: kithd poll
    """
    wishes = Wishes(keep=keep, config=config)
    house = open_house(wishes, environ=os.environ, clock=Clock())
    found = _gather(house, _choose(house, source))
    derive(house.kept, house.basis, at=house.now)
    n_obeyed = _answer(house)
    if as_json:
        typer.echo(json.dumps(_facts(found, n_obeyed), ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{found.n_stored:,} new" if found.n_stored else "Nothing new")
        if n_obeyed:
            typer.echo(f"{n_obeyed} repl{'y' if n_obeyed == 1 else 'ies'} obeyed")
        for trouble in found.troubles:
            typer.echo(f"{trouble.source}: {trouble.needs}", err=True)
    if found.troubles:
        sys.exit(ExitCode.UNAVAILABLE)


def _choose(house: House, name: str | None) -> tuple[Source, ...]:
    wanted = tuple(s for s in house.sources if name in (None, s.name))
    if not wanted:
        raise UserError(
            f"There is no source called {name!r}." if name else "There is no source to read.",
            "the sections [sources.NAME] of the settings",
            f"kithd poll {house.sources[0].name}" if house.sources else "kithd setup",
            exit_code=ExitCode.USAGE if house.sources else ExitCode.CONFIG,
        )
    return wanted


def _gather(house: House, wanted: tuple[Source, ...]) -> Gathered:
    with show_progress() as on_progress:

        def tell(name: str, progress: Progress | None) -> None:
            if progress:
                on_progress(name, progress)

        gatherer = Gatherer(house.kept, house.basis, trust=house.trust, on_batch=tell)
        try:
            return gatherer.gather(enrol(house.kept, wanted), at=house.now)
        finally:
            gatherer.close()


def _answer(house: House) -> int:
    """Obey the replies that wait, send what is to be said back, and return how many there were."""
    n_obeyed = answer_replies(house, at=house.now).n_obeyed
    transport = open_way(house) if n_obeyed else None
    if transport is not None:
        for problem in send_mail(house, transport, at=house.now).problems:
            typer.echo(problem, err=True)
    return n_obeyed


def _facts(found: Gathered, n_obeyed: int) -> dict[str, object]:
    return {
        "n_stored": found.n_stored,
        "n_obeyed": n_obeyed,
        "troubles": [
            {"source": t.source, "needs": t.needs, "is_final": t.is_final} for t in found.troubles
        ],
    }
