"""``kithd ties``: the people the owner is in touch with, and how each tie stands."""

import json
from typing import Annotated, Any

import typer

from daemon.cli import options
from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.house import House
from daemon.jobs.situate import estimate_ties
from daemon.people.model import Person
from daemon.store import people, ties
from daemon.store.instants import to_instant
from daemon.ties.model import State, Tie
from daemon.ties.sentence import say, say_short


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
    wanted = [one for one in found if state is None or one[1].state is state]
    if as_json:
        rows = [as_dict(house, *one) for one in wanted]
        facts = {"at": house.at.astimezone(house.basis.zone).isoformat(), "ties": rows}
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for line in _lines(wanted):
            typer.echo(line)


def list_ties(house: House) -> list[tuple[Person, Tie, int]]:
    """Return each person with the tie and the second of the last contact, most in need first."""
    with house.engine.connect() as connection:
        standing = estimate_ties(connection, house.basis, on=house.today)
        last = {folded.person: folded.last_at for folded in ties.read_ties(connection)}
        known = people.read_people(connection)
    ordered = sorted(standing.values(), key=_order)
    return [(known[tie.alter], tie, last[tie.alter]) for tie in ordered]


def as_dict(house: House, person: Person, tie: Tie, last_at: int) -> dict[str, Any]:
    """Return one tie as the documented JSON object."""
    return {
        "person": person.name,
        "names": list(person.names),
        "addresses": sorted(person.identities),
        "state": tie.state.value,
        "n_days": tie.n_days,
        "last_at": to_instant(last_at).astimezone(house.basis.zone).isoformat(),
        "silent_days": tie.silent_days,
        "typical_gap_days": round(tie.typical_gap_days, 1),
        "unusual": round(tie.unusual, 4),
        "p_dormant": round(tie.p_dormant, 4),
        "p_contact_30": round(tie.p_contact_30, 4),
        "sentence": say(tie),
    }


_ATTENTION = (State.FADING, State.COOLING, State.NEW, State.ACTIVE, State.DORMANT)


def _order(tie: Tie) -> tuple[int, int, str]:
    return _ATTENTION.index(tie.state), -tie.n_days, tie.alter


def _lines(found: list[tuple[Person, Tie, int]]) -> list[str]:
    if not found:
        return ["No ties to show."]
    width = min(30, max(len(person.name) for person, _, _ in found))
    return [
        f"{tie.state.value:<8} {person.name[:width]:<{width}}  {say_short(tie)}"
        for person, tie, _ in found
    ]
