"""What the owner calls somebody -> the person meant, or a clear question back."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from daemon.cli.house import Wishes, open_house
from daemon.clock import Clock
from daemon.errors import UserError
from daemon.people.model import Person, PersonId
from daemon.store import people


def find_person(wanted: str, known: Mapping[PersonId, Person]) -> Person:
    """Return the one person whom ``wanted`` (an address or a name) can mean.

    Raises:
        UserError: It can mean nobody, or several.
    """
    word = wanted.strip().casefold()
    everybody = list(known.values())
    for matches in (
        [p for p in everybody if word in p.identities],
        [p for p in everybody if word in {n.casefold() for n in (p.name, *p.names)}],
        [p for p in everybody if any(word in n.casefold() for n in (p.name, *p.names))],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise _ambiguous(wanted, matches)
    raise _unknown(wanted, everybody)


def find_addresses(*wanted: str, keep: Path | None, config: Path | None) -> tuple[str, ...]:
    """Return for each of ``wanted`` an address: itself, or one of the person so called.

    Raises:
        UserError: A name can mean nobody, or several.
    """
    if all("@" in one for one in wanted):
        return wanted
    house = open_house(Wishes(keep=keep, config=config), environ=os.environ, clock=Clock())
    with house.engine.connect() as connection:
        known = people.read_people(connection)
    return tuple(one if "@" in one else min(find_person(one, known).identities) for one in wanted)


def _ambiguous(wanted: str, matches: list[Person]) -> UserError:
    some = ", ".join(f"{p.name} <{min(p.identities)}>" for p in matches[:5])
    return UserError(
        f"{wanted!r} can mean {len(matches)} people: {some}.",
        "the PERSON argument",
        f'Use an address: "{min(matches[0].identities)}"',
    )


def _unknown(wanted: str, everybody: list[Person]) -> UserError:
    names = {n.casefold(): p.name for p in everybody for n in (p.name, *p.names, *p.identities)}
    near = get_close_matches(wanted.casefold(), list(names), n=1, cutoff=0.5)
    remedy = f'Did you mean "{names[near[0]]}"?' if near else "kithd ties lists everybody"
    return UserError(f"Nobody here is called {wanted!r}.", "the PERSON argument", remedy)
