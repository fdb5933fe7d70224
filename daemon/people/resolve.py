"""Identities and evidence -> people: a partition, the same whatever arrived first."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from daemon.people.evidence import Evidence, gather
from daemon.people.lists import is_mailing_list
from daemon.people.model import (
    Identity,
    IdentityDecision,
    NotSame,
    Person,
    PersonId,
    Same,
    Sighting,
)
from daemon.people.names import clean_name, name_key, name_of_address

_INITIALS = re.compile(r"(?:\b\w\.){2,}")


def resolve(
    sightings: Sequence[Sighting],
    *,
    cards: Iterable[tuple[Identity, ...]] = (),
    decisions: Iterable[IdentityDecision] = (),
    extra: Iterable[Identity] = (),
) -> tuple[Person, ...]:
    """Return the people behind ``sightings``, sorted by id.

    Every identity that is not a mailing list is in exactly one person. The owner's
    decisions go first and are never overruled; of two about the same pair, or of two that
    cannot both hold, the later holds. Evidence follows, strongest first, skipping whatever
    would join two that the owner keeps apart.

    Args:
        sightings: One per identity.
        cards: The addresses of each card in the owner's address books.
        decisions: What the owner said, in any order.
        extra: Identities that were met without a sighting.
    """
    lists = {s.identity for s in sightings if is_mailing_list(s)}
    by_identity = {s.identity: s for s in sightings if s.identity not in lists}
    groups = _Groups({*by_identity, *extra} - lists)
    same, apart = _latest(decisions)
    groups.keep_apart(apart)
    for one, other in same:
        groups.join(one, other)
    for evidence in gather(by_identity.values(), cards):
        groups.join_if_known(evidence)
    return tuple(
        _describe(members, by_identity) for members in sorted(map(sorted, groups.members()))
    )


def _latest(
    decisions: Iterable[IdentityDecision],
) -> tuple[list[tuple[Identity, Identity]], set[tuple[Identity, Identity]]]:
    """Return the pairs said to be the same, latest first, and those said not to be."""
    last: dict[tuple[Identity, Identity], IdentityDecision] = {}
    for decision in sorted(decisions, key=lambda d: (d.decided_at, isinstance(d, NotSame))):
        last[_pair(decision.one, decision.other)] = decision
    said = [(last[pair].decided_at, pair) for pair in sorted(last) if isinstance(last[pair], Same)]
    same = [pair for _, pair in sorted(said, key=lambda one: one[0], reverse=True)]
    return same, last.keys() - set(same)


def _pair(one: Identity, other: Identity) -> tuple[Identity, Identity]:
    return (one, other) if one <= other else (other, one)


class _Groups:
    """Disjoint sets that refuse to join what is to stay apart."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._group = {identity: {identity} for identity in identities}
        self._apart: defaultdict[Identity, set[Identity]] = defaultdict(set)

    def keep_apart(self, pairs: Iterable[tuple[Identity, Identity]]) -> None:
        for one, other in pairs:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def join(self, one: Identity, other: Identity) -> None:
        left = self._group.setdefault(one, {one})
        right = self._group.setdefault(other, {other})
        if left is right or self._clash(left, right):
            return
        small, large = sorted((left, right), key=len)
        large |= small
        self._group.update(dict.fromkeys(small, large))

    def join_if_known(self, evidence: Evidence) -> None:
        if evidence.one in self._group and evidence.other in self._group:
            self.join(evidence.one, evidence.other)

    def members(self) -> list[set[Identity]]:
        return list({id(group): group for group in self._group.values()}.values())

    def _clash(self, left: set[Identity], right: set[Identity]) -> bool:
        if not self._apart:
            return False
        return any(self._apart[identity] & right for identity in left if identity in self._apart)


def _describe(members: list[Identity], sightings: dict[Identity, Sighting]) -> Person:
    names = _names(members, sightings)
    return Person(
        id=PersonId(members[0]),
        name=names[0] if names else name_of_address(members[0]),
        names=tuple(names),
        identities=frozenset(members),
    )


def _names(members: list[Identity], sightings: dict[Identity, Sighting]) -> list[str]:
    """Full names first, then names the person writes under, then the most used.

    A form with a row of initials ("Houten K.H.C. van") is for filing: of two forms the other
    is what people say.
    """
    own: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for identity in members:
        if sighting := sightings.get(identity):
            _count(own, sighting.own_names)
            _count(seen, sighting.names)
    return sorted(
        seen | own,
        key=lambda name: (
            not name_key(name),
            not own[name],
            bool(_INITIALS.search(name)),
            -own[name],
            -seen[name],
            name,
        ),
    )


def _count(into: Counter[str], names: Mapping[str, int]) -> None:
    for written, n in names.items():
        if name := clean_name(written):
            into[name] += n
