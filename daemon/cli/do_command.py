"""``kithd do``: the words of a reply, typed."""

import json
import os
import sys
from typing import Annotated

import typer

from daemon.cli import options
from daemon.cli.house import Wishes, open_house
from daemon.clock import Clock
from daemon.commands.grammar import list_verbs
from daemon.digest.render_text import render_text
from daemon.errors import ExitCode
from daemon.house import House
from daemon.jobs.answer import NO_MORE
from daemon.jobs.more import compose_more
from daemon.jobs.obey import obey
from daemon.jobs.refresh import derive
from daemon.store import offers
from daemon.store.database import writing


def run(
    words: Annotated[
        str, typer.Argument(help='The commands: "done 1; snooze 2 2w".', show_default=False)
    ],
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Answer a digest: the same words as in a reply.

    Numbers are those of the digest shown last, or of the day of --at. "help" lists the words.

    Example: kithd do "done 1; snooze 2 2w" --keep ~/kithd
    """
    if words.strip().casefold() == "help":
        typer.echo(list_verbs())
        return
    house = open_house(Wishes(at=at, keep=keep, config=config), environ=os.environ, clock=Clock())
    origin = f"typed {house.at.isoformat()} {words}"
    found = obey(
        house.engine,
        words,
        origin=origin,
        at=house.at,
        today=house.today,
        on=house.today if house.is_at_given else None,
    )
    derive(house.engine, house.basis, at=house.now)
    if as_json:
        facts = {"answers": [{"says": o.says, "is_done": o.is_done} for o in found]}
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for one in found:
            typer.echo(_more(house) if one.wants_more else one.says)
    if not all(one.is_done for one in found):
        sys.exit(ExitCode.USAGE)


def _more(house: House) -> str:
    """What else there is, numbered after what was shown, so that a mail keeps its numbers."""
    with house.kept.connect() as connection:
        shown = offers.read_last(connection, house.today if house.is_at_given else None)
    on = shown[0].on if shown else house.today
    further = compose_more(
        house.kept,
        house.basis,
        on,
        at=house.at,
        rules=house.rules,
        orders=house.orders,
        keeps_at=str(house.state or ""),
    )
    with writing(house.kept) as tx:
        offers.add_offers(tx, on, further.offers, now=house.now)
    return render_text(further.page) if further.page.items else NO_MORE
