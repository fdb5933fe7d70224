"""Builders of small networks: by hand, or made up from a seed so that models can learn."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.decay.columns import Field, survey
from benchmarks.decay.histories import History, trace_ties
from benchmarks.decay.networks import DAY_SECONDS, Network, Row, assemble

NOON = DAY_SECONDS // 2


def on_days(src: str, dst: str, days: Iterable[int]) -> list[Row]:
    """Return one message at noon of each of ``days``."""
    return [(day * DAY_SECONDS + NOON, src, (dst,)) for day in days]


def talk(one: str, other: str, days: Sequence[int]) -> list[Row]:
    """Return a message on each of ``days``, written in turn, ``one`` first."""
    return on_days(one, other, days[::2]) + on_days(other, one, days[1::2])


def network_of(*rows: Sequence[Row], name: str = "made") -> Network:
    """Return the network of all ``rows``."""
    return assemble(name, [row for some in rows for row in some])


def only_tie(*rows: Sequence[Row]) -> History:
    """Return the one tie there is in ``rows``."""
    (tie,) = trace_ties(network_of(*rows))
    return tie


def make_up(seed: int, *, n_people: int = 16, n_days: int = 420) -> list[Row]:
    """Return a network in which each pair has a rhythm of its own, and some ties end."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    for one in range(n_people):
        for other in range(one + 1, n_people):
            rows += _make_tie(chance, one, other, n_days)
        rows += _make_circulars(chance, one, n_people, n_days)
    return rows


def _make_tie(chance: np.random.Generator, one: int, other: int, n_days: int) -> list[Row]:
    rows: list[Row] = []
    gap = chance.lognormal(2.2, 0.8)
    day = chance.uniform(0, n_days / 2)
    while day < n_days and chance.random() > 0.06:
        src, dst = (one, other) if chance.random() < 0.5 else (other, one)
        rows.append((int(day * DAY_SECONDS), str(src), (str(dst),)))
        day += gap * chance.lognormal(0, 0.8)
    return rows


def _make_circulars(chance: np.random.Generator, one: int, n_people: int, n_days: int) -> list[Row]:
    others = tuple(str(k) for k in range(n_people) if k != one)
    days = chance.uniform(0, n_days, 4)
    return [(int(day * DAY_SECONDS), str(one), others) for day in days]


def made_field(seed: int, **size: int) -> Field:
    """Return the made-up network of ``seed`` and its ties."""
    return survey(assemble(f"made{seed}", make_up(seed, **size)))


def write_gz(path: Path, text: str) -> Path:
    """Write ``text`` as a gzipped file."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


def as_csv(rows: Sequence[Row]) -> str:
    """Return ``rows`` in the form with ``dsts``."""
    lines = (f"{t},{src},{' '.join(dsts)}" for t, src, dsts in rows)
    return "\n".join(["t,src,dsts", *lines, ""])


def named(ties: Iterable[History], network: Network) -> Mapping[tuple[str, str], History]:
    """Return ``ties`` by the names of the owner and the contact."""
    people = network.people
    return {(people[tie.owner.person], people[tie.contact]): tie for tie in ties}
