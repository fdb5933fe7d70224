"""``kithd rebuild``: all that is derived, derived anew."""

import os
from typing import Annotated

import typer

from daemon.cli import options
from daemon.cli.house import Wishes, open_house
from daemon.cli.reading import read_again
from daemon.clock import Clock
from daemon.jobs.refresh import derive
from daemon.store.rebuild import empty_derived
from daemon.store.status import read_held


def run(
    text: Annotated[
        bool,
        typer.Option("--text", help="Read the sources again too: what was said is read anew."),
    ] = False,
    keep: options.Keep = None,
    config: options.Config = None,
) -> None:
    """Derive interactions, people and ties anew from what was read.

    Observations, your decisions and digests stay as they are.

    Example: kithd rebuild --keep ~/kithd
    """
    house = open_house(Wishes(keep=keep, config=config), environ=os.environ, clock=Clock())
    empty_derived(house.engine)
    if text:
        read_again(house)
    derive(house.engine, house.basis, at=house.now)
    counts = read_held(house.engine).counts
    typer.echo(
        f"Derived anew: {counts['interactions']} interactions, {counts['people']} people, "
        f"{counts['ties']} ties."
    )
