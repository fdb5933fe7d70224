"""``kithd status``: what is read, what was held and why, and what needs the owner."""

import json
from typing import Any

import typer

from daemon.cli import options
from daemon.cli.house import House, Wishes
from daemon.cli.reading import open_and_read
from daemon.digest.model import Funnel, Page
from daemon.jobs.compose import compose
from daemon.store.status import Held, read_held


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Show what is read, what was held and why, and what needs you.

    Example: kithd status --keep ~/kithd
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    page = compose(
        house.engine, house.basis, at=house.at, rules=house.rules, orders=house.orders
    ).page
    held = read_held(house.engine)
    if as_json:
        typer.echo(json.dumps(_facts(house, page, held), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(house, page, held)))


def _facts(house: House, page: Page, held: Held) -> dict[str, Any]:
    return {
        "at": house.at.astimezone(house.basis.zone).isoformat(),
        "owner": {"addresses": sorted(house.basis.addresses), "found": list(held.aliases)},
        "sources": [
            {
                "name": s.name,
                "read_at": s.read_at and s.read_at.astimezone(house.basis.zone).isoformat(),
                "n_observations": s.n_observations,
                "n_quarantined": s.n_quarantined,
                "needs": s.needs,
            }
            for s in page.sources
        ],
        "stored": held.counts,
        "quarantine": held.aside,
        "states": dict(page.network.states),
        "funnel": _funnel(page.funnel),
        "database_bytes": held.n_bytes,
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    return {
        "n_ties": funnel.n_ties,
        "n_due": funnel.n_due,
        "n_offered": funnel.n_offered,
        "held": dict(funnel.held),
    }


def _lines(house: House, page: Page, held: Held) -> list[str]:
    lines = [f"Yours          {', '.join(sorted(house.basis.addresses))}"]
    if held.aliases:
        lines.append(f"Yours too      {', '.join(held.aliases)} (found in your mail)")
    for source in page.sources:
        read = (
            f"{source.read_at.astimezone(house.basis.zone):%Y-%m-%d %H:%M}"
            if source.read_at
            else "never"
        )
        aside = f", {source.n_quarantined} set aside" if source.n_quarantined else ""
        lines.append(f"Source         {source.name}: {source.n_observations} read{aside}, {read}")
        lines += [f"               {source.needs}"] if source.needs else []
    lines += [f"Set aside      {n} x {reason}" for reason, n in sorted(held.aside.items())]
    lines.append("Ties           " + ", ".join(f"{n} {s}" for s, n in page.network.states.items()))
    funnel = page.funnel
    lines.append(f"Today          {funnel.n_due} could be suggested, {funnel.n_offered} are")
    lines += [f"Held           {n} {reason}" for reason, n in sorted(funnel.held.items())]
    lines += [f"Database       {held.n_bytes / 1e6:.1f} MB"] if held.n_bytes else []
    return lines
