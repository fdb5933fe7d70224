"""A Network -> its ties: all that passed between an owner and one contact, in order.

A pair of people is one tie. Its owner is the one with the smaller number: that is settled
before anything happens between them, so nothing that happens later can change it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from benchmarks.decay.arrays import Bools, Ints
from benchmarks.decay.networks import DAY_SECONDS, Network

MAX_RECIPIENTS = 10
"""A message to more people than this is ambient. Source: design notes, decay model."""
MIN_DAYS = 3
"""With fewer interaction days there is no rhythm yet. Source: design notes, benchmark."""


class Ambient(IntEnum):
    """How a message reached both without being from one to the other alone."""

    OUT = 0  # the owner's, to many
    IN = 1  # the contact's, to many
    SHARED = 2  # somebody else's, to both


@dataclass(frozen=True, eq=False)
class Owner:
    """One person who writes, and when: ``at`` in seconds, ascending, once a message."""

    person: int
    at: Ints

    @cached_property
    def days(self) -> Ints:
        """The days on which this owner wrote to anybody, ascending and distinct."""
        return np.unique(self.at // DAY_SECONDS)


@dataclass(frozen=True, eq=False)
class History:
    """Everything that passed between ``owner`` and ``contact``, the future included.

    Direct messages have at most `MAX_RECIPIENTS` recipients and went from one of the two
    to the other: ``at`` (seconds, ascending), ``is_out`` (the owner wrote) and
    ``n_recipients``. Ambient ones had more, or reached both of them from somebody else:
    ``ambient_at`` (seconds, ascending), ``ambient_kind`` and ``ambient_recipients``.
    ``posted_at`` is when the contact wrote anything to a list that all read; empty elsewhere.
    """

    network: str
    owner: Owner
    contact: int
    at: Ints
    is_out: Bools
    n_recipients: Ints
    ambient_at: Ints
    ambient_kind: Ints
    ambient_recipients: Ints
    posted_at: Ints

    @cached_property
    def days(self) -> Ints:
        """The interaction days: with at least one direct message, ascending and distinct."""
        return np.unique(self.at // DAY_SECONDS)

    @cached_property
    def mutual_from(self) -> int:
        """The first day by whose end both have written; needs a message each way."""
        return int(max(self.at[self.is_out][0], self.at[~self.is_out][0])) // DAY_SECONDS


def trace_ties(network: Network) -> tuple[History, ...]:
    """Return the ties that ever have `MIN_DAYS` interaction days and both directions."""
    owners = [Owner(person, at) for person, at in enumerate(_split(network, network.src))]
    received = _receive(network)
    is_direct = network.n_recipients <= MAX_RECIPIENTS
    low, high = np.minimum(network.src, network.dst), np.maximum(network.src, network.dst)
    pair = low * len(network.people) + high
    ambient = _group(pair, np.flatnonzero(~is_direct))
    return tuple(
        _trace(network, owners, received, arcs, ambient.get(key, _NONE))
        for key, arcs in _group(pair, np.flatnonzero(is_direct)).items()
        if _is_tie(network, arcs)
    )


_NONE: Ints = np.zeros(0, dtype=np.int64)


def _group(key: Ints, arcs: Ints) -> dict[int, Ints]:
    """Return the ``arcs``, in the order of time, by the pair they belong to."""
    ordered = arcs[np.argsort(key[arcs], kind="stable")]
    starts = np.flatnonzero(np.diff(key[ordered], prepend=-1))
    groups = np.split(ordered, starts[1:])
    return {int(key[group[0]]): group for group in groups if len(group)}


def _split(network: Network, who: Ints) -> Iterator[Ints]:
    """Yield when each person wrote, once a message."""
    first = np.flatnonzero(np.diff(network.message, prepend=-1))
    mine = _group(who, first)
    return (network.at[mine.get(person, _NONE)] for person in range(len(network.people)))


def _receive(network: Network) -> dict[int, Ints]:
    """Return the arcs that reached each person, ascending."""
    return _group(network.dst, np.arange(len(network.at)))


def _is_tie(network: Network, arcs: Ints) -> bool:
    src = network.src[arcs]
    n_days = 1 + np.count_nonzero(np.diff(network.at[arcs] // DAY_SECONDS))
    return bool(n_days >= MIN_DAYS and (src != src[0]).any())


def _trace(
    network: Network, owners: list[Owner], received: dict[int, Ints], arcs: Ints, ambient: Ints
) -> History:
    ends = int(network.src[arcs[0]]), int(network.dst[arcs[0]])
    owner, contact = min(ends), max(ends)
    shared = _share(network, received[owner], received[contact])
    kinds = np.where(network.src[ambient] == owner, Ambient.OUT, Ambient.IN)
    kinds = np.concatenate([kinds, np.full(len(shared), Ambient.SHARED)])
    ambient = np.concatenate([ambient, shared])
    order = np.argsort(network.at[ambient], kind="stable")
    return History(
        network.name,
        owners[owner],
        contact,
        network.at[arcs],
        network.src[arcs] == owner,
        network.n_recipients[arcs],
        network.at[ambient][order],
        kinds[order],
        network.n_recipients[ambient][order],
        owners[contact].at if network.is_list else _NONE,
    )


def _share(network: Network, to_owner: Ints, to_contact: Ints) -> Ints:
    """Return an arc of each message that reached both."""
    messages = network.message[to_owner]
    _, places, _ = np.intersect1d(
        messages, network.message[to_contact], assume_unique=True, return_indices=True
    )
    return to_owner[places]
