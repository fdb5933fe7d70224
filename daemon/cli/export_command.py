"""``kithd export``: all that is stored, in a form that programs can read."""

import json

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.standing import as_dict, list_ties
from daemon.store.export import read_tables


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
) -> None:
    """Write all that is stored about your network as JSON.

    Example: kithd export --keep ~/kithd > network.json
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    facts = {
        "at": house.at.astimezone(house.basis.zone).isoformat(),
        "ties": [as_dict(house, one) for one in list_ties(house)],
        "stored": read_tables(house.engine),
    }
    typer.echo(json.dumps(facts, ensure_ascii=False, indent=1, default=str))
