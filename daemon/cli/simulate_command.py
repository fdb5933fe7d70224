"""``kithd simulate``: what other settings would change, before they are set."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.overrides import check_addresses, override
from daemon.cli.reading import open_and_read
from daemon.cli.simulate_facts import list_facts
from daemon.cli.simulate_page import write_page
from daemon.house import House, furnish
from daemon.jobs.simulate import Choice, Simulation, simulate


def run(
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Try this setting: any of ties.*, circles.*, or people.ADDRESS.*, such as "
            "ties.fading_at=0.6. May be given more than once.",
            show_default=False,
        ),
    ] = None,
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Try other settings: who would be flagged, and how often, before you set them.

    Tells by name who would stand otherwise today, and how many silences both settings would
    have flagged in the past. Nothing is kept: to set it, put it in your settings.

    Example: kithd simulate --set ties.fading_at=0.6 --from mail.mbox --me you@example.org
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    tried = tuple(changes or ())
    found = simulate_house(house, tried)
    if as_json:
        facts = list_facts(found, house, tried)
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        is_fitted = house.basis.model != house.set_model
        typer.echo("\n".join(write_page(found, tried, is_fitted=is_fitted)))


def simulate_house(house: House, changes: Sequence[str]) -> Simulation:
    """Hold the settings of ``house`` beside the same with ``changes``.

    Raises:
        UserError: They cannot be right.
    """
    other = furnish(
        override(house.settings, changes), house.kept, state=None, now=house.now, at=house.at
    )
    found = simulate(house.engine, _choose(house), _choose(other), at=house.at)
    check_addresses(changes, found.then.replayed.past.people.values())
    return found


def _choose(house: House) -> Choice:
    """Take the numbers of the settings on both sides: a fit belongs to the settings it was made
    from, and would look better on its own past than it is."""
    return Choice(replace(house.basis, model=house.set_model), house.rules, house.orders)
