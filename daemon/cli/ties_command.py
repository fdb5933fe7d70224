"""``kithd ties``: the people the owner is in touch with, and how each tie stands."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.standing import Standing, as_dict, list_ties, say_recovery
from daemon.cli.terminal import count_columns, wrap
from daemon.suggestions.rulings import say_ruling_short
from daemon.ties.model import State
from daemon.ties.sentence import say_short

WORTH_WAKING = (
    "Dormant, those worth waking first: old trust keeps, and the time apart brings news. "
    "Something useful is reason enough to write."
)
"""Source: Levin, Walter and Murnighan (2011), Organization Science 22(4), 923-939."""

_STATE = 9
_NAME = 30
_ROOM = 36
"""Columns a sentence needs beside the name; with fewer it stands below."""

_NO_LIMIT = 10_000


def run(
    sources: options.From = None,
    me: options.Me = None,
    at: options.At = None,
    state: Annotated[
        State | None, typer.Option("--state", help="Only ties in this state.", show_default=False)
    ] = None,
    keep: options.Keep = None,
    config: options.Config = None,
    zone: options.Zone = None,
    as_json: options.Json = False,
) -> None:
    """List the people you are in touch with and how each tie stands.

    Example: kithd ties --from mail.mbox --me you@example.org --state fading
    """
    wishes = Wishes(tuple(sources or ()), tuple(me or ()), at, keep, config, zone)
    house = open_and_read(wishes, is_polled=False)
    found = list_ties(house)
    wanted = [one for one in found if state is None or one.tie.state is state]
    if as_json:
        rows = [as_dict(house, one) for one in wanted]
        facts = {"at": house.at.astimezone(house.basis.zone).isoformat(), "ties": rows}
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        # Where no terminal shows it, a line stays a line: for grep.
        columns = count_columns() if sys.stdout.isatty() else _NO_LIMIT
        for line in _lines(wanted, columns):
            typer.echo(line)


def _lines(found: list[Standing], columns: int) -> Iterator[str]:
    if not found:
        yield "No ties to show."
        return
    asleep = [one for one in found if _is_asleep(one)]
    awake = [one for one in found if not _is_asleep(one)]
    width = min(_NAME, max(len(one.person.name) for one in found))
    yield from _rows(awake, width, columns)
    if asleep:
        yield from [""] if awake else []
        yield from wrap(WORTH_WAKING, min(columns, count_columns()))
        yield from _rows(asleep, width, columns)


def _is_asleep(one: Standing) -> bool:
    return one.tie.state is State.DORMANT and not one.ruling.is_flagged


def _rows(found: Iterable[Standing], width: int, columns: int) -> Iterator[str]:
    for one in found:
        name = one.person.name[:width]
        head, says = f"{one.tie.state.value:<{_STATE}}{name:<{width}}  ", _say(one)
        if len(head) + _ROOM <= columns:
            yield from wrap(head + says, columns, " " * len(head))
        else:
            yield head.rstrip()
            yield from wrap(" " * _STATE + says, columns, " " * _STATE)


def _say(one: Standing) -> str:
    notes = (say_short(one.tie), say_recovery(one), say_ruling_short(one.tie, one.ruling))
    return "; ".join(filter(None, notes))
