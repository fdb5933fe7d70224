"""``kithd shelf``: things put there by hand, to be given to whom they fit."""

import os
import re
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from daemon.cli import options
from daemon.cli.house import Wishes, open_house
from daemon.clock import Clock
from daemon.cues.links import clean_url, is_offerable
from daemon.cues.topics import count_terms
from daemon.errors import UserError
from daemon.store.ingest import Found
from daemon.store.offerings import shelve

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@group.callback()
def shelf() -> None:
    """Put something on the shelf that could be given to somebody."""


@group.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of it.", show_default=False)],
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            help="What it is about: kithd fetches nothing. Left out, the words in its address.",
            show_default=False,
        ),
    ] = None,
    keep: options.Keep = None,
    config: options.Config = None,
) -> None:
    """Put an article on the shelf, to be suggested for whom it fits.

    Example: kithd shelf add https://example.org/cells --title "Second-life batteries"
    """
    title = title or _spell_out(url)
    if not url.startswith(("http://", "https://")) or not title or not is_offerable(url, title):
        raise UserError(
            "This address cannot be given to anybody: it is private, or no web page.",
            f"the URL argument: {url[:120]}",
            "Give the public address of a page, without tokens or tracking, and a --title",
        )
    house = open_house(Wishes(keep=keep, config=config), environ=os.environ, clock=Clock())
    found = Found(
        url=clean_url(url),
        title=title,
        terms=count_terms(f"{title}. {title}."),
        origin="your shelf",
        received_at=house.at,
    )
    shelve(house.engine, found)
    typer.echo(f"On the shelf: {title}")


def _spell_out(url: str) -> str:
    """The last words of an address: ".../second-life_batteries.html" -> "Second life batteries"."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]).partition(".")[0]
    words = [word for word in re.split(r"[-_+ ]+", last) if word]
    return " ".join(words).capitalize() if any(word.isalpha() for word in words) else ""
