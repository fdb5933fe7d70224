"""``kithd forget``: every trace of one person, erased."""

import os
from typing import Annotated

import typer

from daemon.cli import options
from daemon.cli.find_person import find_person
from daemon.cli.house import Wishes, open_house
from daemon.clock import Clock
from daemon.errors import UserError
from daemon.jobs.refresh import derive
from daemon.store import people
from daemon.store.forget import forget


def run(
    person: options.Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do it: this cannot be undone.")] = False,
    keep: options.Keep = None,
    config: options.Config = None,
) -> None:
    """Erase a person: what was read of them, and every trace of it.

    The mailbox itself is not touched. A hash of each address stays, so that the next
    reading does not bring the person back.

    Example: kithd forget ana@example.org --yes --keep ~/kithd
    """
    house = open_house(Wishes(keep=keep, config=config), environ=os.environ, clock=Clock())
    with house.engine.connect() as connection:
        found = find_person(person, people.read_people(connection))
    if not yes:
        raise UserError(
            f"This erases all that is stored about {found.name}, and cannot be undone.",
            ", ".join(sorted(found.identities)),
            f"kithd forget {min(found.identities)} --yes",
        )
    n = forget(house.engine, min(found.identities))
    derive(house.engine, house.basis, at=house.now)
    typer.echo(f"{found.name} is forgotten: {n} entries erased or rewritten.")
