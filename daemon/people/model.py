"""People, the identities by which sources know them, and what the owner says of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, TypeAlias

PersonId = NewType("PersonId", str)
"""The alphabetically first address of a person: the same whatever arrived first."""

Identity = NewType("Identity", str)
"""One address, lower-cased."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the sources showed of one identity.

    ``names`` counts the display names seen beside it; those its holder wrote with count
    in ``own_names`` too. ``is_list`` is True where headers call it a mailing list.
    ``n_from_others`` counts the messages to it that neither it nor the ego wrote.
    """

    identity: Identity
    names: Mapping[str, int] = field(default_factory=dict)
    own_names: Mapping[str, int] = field(default_factory=dict)
    is_list: bool = False
    n_from_others: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One person. ``names`` is ordered most used first, and ``name`` is how to call them."""

    id: PersonId
    name: str
    names: tuple[str, ...]
    identities: frozenset[Identity]


@dataclass(frozen=True, slots=True)
class Same:
    """The owner says these are one person."""

    one: Identity
    other: Identity
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class NotSame:
    """The owner says these are different people."""

    one: Identity
    other: Identity
    decided_at: datetime


IdentityDecision: TypeAlias = Same | NotSame
