"""The accounts that were set up -> signed in, whether they answer, what a first reading finds."""

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from daemon.cli import sign_in_command
from daemon.cli.house import Wishes, open_house
from daemon.cli.progress import show_progress
from daemon.clock import Clock
from daemon.config.model import Settings
from daemon.house import House, furnish
from daemon.jobs.check import Finding
from daemon.jobs.reach import reach
from daemon.jobs.refresh import refresh
from daemon.setup import screens
from daemon.store import progress
from daemon.store.database import open_scratch


def sign_in_now(place: Path) -> int:
    """Do what ``kithd sign-in`` does with these settings, and return what it would end with."""
    try:
        sign_in_command.run(config=place)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def reach_all(settings: Settings) -> Iterator[Finding]:
    """Sign in to every account, storing nothing; yield how each answers."""
    now = Clock().now()
    house = furnish(settings, open_scratch(), state=None, now=now)
    try:
        yield from reach(settings, house.sources, house.basis, at=now)
    finally:
        house.engine.dispose()


def read_for_the_first_time(place: Path) -> None:
    """Begin to read all sources, with a progress bar; being stopped loses nothing."""
    typer.echo("\nReading, your sent mail first. Ctrl-C stops it; nothing read is lost.")
    house = open_house(Wishes(config=place), environ=os.environ, clock=Clock())
    try:
        with show_progress() as on_progress:
            troubles = refresh(
                house.kept, house.basis, house.sources, at=house.now, on_progress=on_progress
            )
    except KeyboardInterrupt:
        typer.echo("\nStopped. kithd run goes on from here.")
        return
    finally:
        _close(house)
    for trouble in troubles:
        typer.echo(f"  {trouble.source}: {trouble.needs}")


def _close(house: House) -> None:
    with house.kept.connect() as connection:
        found = progress.recall(connection, "aliases", [])
    if found:
        typer.echo(f"\n{screens.aliases(found)}", nl=False)
    house.kept.dispose()
