"""``kithd digest``: read, and say what could be given today."""

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.digest.references import token_for
from daemon.digest.render_json import page_as_dict
from daemon.digest.render_text import render_text
from daemon.house import House
from daemon.jobs.compose import Composed, compose, remember


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Print exactly what would be sent; write nothing.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send the digest now, as the settings say, once a day.")
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
    is_mail = send or (preview and house.settings.delivery.kind is not None)
    composed = _compose(house, keep, is_mail=is_mail)
    if html and not preview:
        _outputs().write_html(composed, html)
    if as_json:
        typer.echo(json.dumps(page_as_dict(composed.page), ensure_ascii=False, indent=2))
    elif preview or not (send or send_to):
        typer.echo(_show(house, composed, is_mail=is_mail), nl=False)
    if preview:
        return
    if send or send_to:
        _send(house, composed, send_to)
    else:
        remember(house.kept, composed, now=house.now)


def _compose(house: House, keep: Path | None, *, is_mail: bool) -> Composed:
    """A mail says how to reply to it, if replies are looked for; a page how to type an answer."""
    is_answered = is_mail and house.trust is not None
    return compose(
        house.engine,
        house.basis,
        at=house.at,
        rules=house.rules,
        orders=house.orders,
        keeps_at=str(house.state or ""),
        answer_with=f"--keep {keep}" if keep else "",
        reply_to=house.reply_to if is_answered else "",
        token=token_for(house.owner, house.today, key=house.key) if is_answered else "",
    )


def _show(house: House, composed: Composed, *, is_mail: bool) -> str:
    if not is_mail or not composed.page.items:
        return render_text(composed.page)
    mail: str = _outputs().show_mail(house, composed)
    return mail


def _send(house: House, composed: Composed, maildir: Path | None) -> None:
    page = composed.page
    if not page.items:
        typer.echo("Nothing to give today, so nothing was sent.", err=True)
        return
    outputs = _outputs()
    is_sent = (
        outputs.send_to(house, composed, maildir) if maildir else outputs.send(house, composed)
    )
    if is_sent:
        typer.echo(f"{page.subject} -> {maildir or house.settings.delivery.kind}", err=True)
    else:
        typer.echo(f"The digest of {page.on} was sent before; it was not sent again.", err=True)


def _outputs() -> Any:
    return import_module("daemon.cli.digest_outputs")
