"""``kithd digest``: read, and say what could be given today."""

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.house import House, Wishes
from daemon.cli.reading import open_and_read
from daemon.digest.render_json import page_as_dict
from daemon.digest.render_text import render_text
from daemon.jobs.compose import Composed, compose, remember


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Print exactly what would be sent; write nothing.")
    ] = False,
    send_to: Annotated[
        Path | None,
        typer.Option("--send-to", help="Put the digest into this Maildir.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write the digest as HTML to this file.", show_default=False),
    ] = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """Read the sources and print what you could give today, to whom, and why.

    Example: kithd digest --from mail.mbox --from calendar.ics --me you@example.org
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone, preview)
    house = open_and_read(wishes)
    composed = compose(
        house.engine,
        house.basis,
        at=house.at,
        rules=house.rules,
        orders=house.orders,
        keeps_at=str(house.state or ""),
        answer_with=f"--keep {keep}" if keep else "",
    )
    if html and not preview:
        _outputs().write_html(composed, html)
    _answer(house, composed, preview=preview, send_to=send_to, as_json=as_json)


def _answer(
    house: House, composed: Composed, *, preview: bool, send_to: Path | None, as_json: bool
) -> None:
    page = composed.page
    if as_json:
        typer.echo(json.dumps(page_as_dict(page), ensure_ascii=False, indent=2))
    elif preview or send_to is None:
        typer.echo(render_text(page), nl=False)
    if preview:
        return
    if send_to is None:
        remember(house.kept, composed, now=house.now)
    elif not page.items:
        typer.echo("Nothing to give today, so nothing was sent.", err=True)
    elif _outputs().send(house, composed, send_to):
        typer.echo(f"{page.subject} -> {send_to}", err=True)
    else:
        typer.echo(f"The digest of {page.on} was sent before; it was not sent again.", err=True)


def _outputs() -> Any:
    return import_module("daemon.cli.digest_outputs")
