"""``kithd backtest``: how good kithd's forecasts would have been on the owner's own past."""

import json
from dataclasses import replace

import numpy as np
import typer

from daemon.cli import options
from daemon.cli.backtest_facts import list_facts
from daemon.cli.backtest_page import write_page
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.house import House
from daemon.jobs.backtest import Report, run_backtest

SEED = 2018
"""The interval is drawn by chance, the same at every run: a figure that moves tells nothing."""


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Replay your own past, and say how often kithd would have been right about a silence.

    Goes through all your contact day by day, as if kithd had been running with your present
    settings and had known on each day only what was known then. Tells how many silences it
    would have flagged and how many of them lasted, beside two simpler rules.

    Example: kithd backtest --from mail.mbox --me you@example.org
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    report = replay_house(house)
    is_fitted = house.basis.model != house.set_model
    if as_json:
        facts = list_facts(report, house, is_fitted=is_fitted)
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(write_page(report, house.settings.ties, is_fitted=is_fitted)))


def replay_house(house: House) -> Report:
    """Replay the past with the numbers of the settings.

    Those fitted to this very past would look better on it than they are.
    """
    return run_backtest(
        house.engine,
        replace(house.basis, model=house.set_model),
        at=house.at,
        rules=house.rules,
        orders=house.orders,
        chance=np.random.default_rng(SEED),
    )
