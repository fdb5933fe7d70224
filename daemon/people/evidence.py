"""Sightings of addresses -> evidence that two of them are one person."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations

from daemon.people.model import Identity, Sighting
from daemon.people.names import is_role, name_key, name_of_address

MAX_ADDRESSES_OF_ONE_NAME = 12
"""A full name seen beside more addresses than this is no name of one person.

Source: the busiest person of a twenty-year list archive wrote from 6 addresses.
"""


class Strength(IntEnum):
    """How much a piece of evidence says, strongest first."""

    CARD = 0  # one card of the owner's address book lists both
    MAILBOX = 1  # the same mailbox by the provider's own rules
    OWN_NAME = 2  # both wrote under the same full name
    NAME = 3  # one wrote under the full name that others give the other
    LOCAL_PART = 4  # the name that one writes under is spelled in the other


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Two identities that may be one person. ``one`` sorts before ``other``."""

    strength: Strength
    one: Identity
    other: Identity


def gather(
    sightings: Iterable[Sighting], cards: Iterable[tuple[Identity, ...]]
) -> tuple[Evidence, ...]:
    """Return all evidence, sorted, so that the order of arrival leaves no trace."""
    people = list(sightings)
    found = {*_from_cards(cards), *_from_mailboxes(people), *_from_names(people)}
    return tuple(sorted(found))


def _from_cards(cards: Iterable[tuple[Identity, ...]]) -> Iterator[Evidence]:
    for emails in cards:
        personal = sorted(e for e in emails if not is_role(e.partition("@")[0]))
        yield from _pairs(personal, Strength.CARD)


def _from_mailboxes(people: Iterable[Sighting]) -> Iterator[Evidence]:
    groups: defaultdict[str, list[Identity]] = defaultdict(list)
    for sighting in people:
        groups[mailbox_of(sighting.identity)].append(sighting.identity)
    for members in groups.values():
        yield from _pairs(sorted(members), Strength.MAILBOX)


def _from_names(people: Iterable[Sighting]) -> Iterator[Evidence]:
    own: defaultdict[tuple[str, ...], set[Identity]] = defaultdict(set)
    given: defaultdict[tuple[str, ...], set[Identity]] = defaultdict(set)
    spelled: defaultdict[tuple[str, ...], set[Identity]] = defaultdict(set)
    for sighting in people:
        for key in _keys(sighting.own_names):
            own[key].add(sighting.identity)
        for key in _keys(sighting.names):
            given[key].add(sighting.identity)
        if key := name_key(name_of_address(sighting.identity)):
            spelled[key].add(sighting.identity)
    for key in own.keys() | given.keys():
        yield from _of_one_name(own[key], given[key], spelled[key])


def _of_one_name(
    own: set[Identity], given: set[Identity], spelled: set[Identity]
) -> Iterator[Evidence]:
    if len(own | given) > MAX_ADDRESSES_OF_ONE_NAME:
        return
    yield from _pairs(sorted(own), Strength.OWN_NAME)
    yield from _pairs(sorted(own | given), Strength.NAME)
    if own | given:
        yield from _pairs(sorted(own | given | spelled), Strength.LOCAL_PART)


def _keys(names: Iterable[str]) -> set[tuple[str, ...]]:
    return {key for name in names if (key := name_key(name))}


def _pairs(members: list[Identity], strength: Strength) -> Iterator[Evidence]:
    """Every pair, so that one pair kept apart by the owner does not part the rest."""
    for one, other in combinations(members[:MAX_ADDRESSES_OF_ONE_NAME], 2):
        yield Evidence(strength, one, other)


_DOTLESS = re.compile(r"^(?:gmail|googlemail)\.com$")


def mailbox_of(email: str) -> str:
    """Return the mailbox behind ``email``: tags dropped; at Gmail, dots too.

    Source: RFC 5233 (subaddress); Google Account Help, "dots don't matter".
    """
    local, _, domain = email.partition("@")
    local = local.partition("+")[0] or local
    if _DOTLESS.match(domain):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
