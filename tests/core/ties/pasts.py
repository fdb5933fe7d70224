"""Pasts to replay: contact written as gaps, and hypothesis strategies for many of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.flags import Wanted
from daemon.ties.model import ContactHistory, State
from daemon.ties.models.renewal import Renewal
from daemon.ties.replay import Silences, replay
from daemon.ties.states import Thresholds

START = date(2020, 1, 1)
END = START + timedelta(1500)
ANA, BEN, CEM = (PersonId(f"{name}@example.org") for name in ("ana", "ben", "cem"))
NOTHING = Wanted()
MODEL = Renewal(odds_per_seen=-0.5)
"""One to which it matters whether the two saw each other in passing."""


def after(days: int) -> date:
    return START + timedelta(days)


def history(
    alter: PersonId,
    gaps: Sequence[int],
    *,
    ways: Iterable[str] = (),
    begins: int = 0,
    passing: Iterable[int] = (),
) -> ContactHistory:
    """Contact on a first day and after each of ``gaps``; a way is "out", "in" or "both".

    ``passing`` are the days, from ``START``, on which the two saw each other in passing.
    """
    days = [after(begins + passed) for passed in accumulate(gaps, initial=0)]
    said = [*ways, *["both"] * len(days)][: len(days)]
    out = tuple(day for day, way in zip(days, said, strict=True) if way != "in")
    into = tuple(day for day, way in zip(days, said, strict=True) if way != "out")
    seen = tuple(map(after, sorted(set(passing))))
    return ContactHistory(alter, tuple(days), len(out), len(into), END, out, into, seen)


def played(
    *histories: ContactHistory,
    until: date = END,
    thresholds: Thresholds = Thresholds(),  # noqa: B008 -- immutable: one instance serves
) -> Silences:
    return replay(histories, model=MODEL, thresholds=thresholds, until=until)


GAPS = st.lists(
    st.one_of(st.integers(1, 20), st.integers(1, 90), st.integers(1, 400)), min_size=0, max_size=15
)
PASSING = st.lists(st.integers(0, 1500), max_size=6)
WAYS = st.lists(st.sampled_from(("out", "in", "both")), max_size=4)


@st.composite
def pasts(draw: st.DrawFn) -> tuple[ContactHistory, ...]:
    """Up to three ties, begun on different days."""
    alters = (ANA, BEN, CEM)[: draw(st.integers(1, 3))]
    return tuple(
        history(
            alter,
            draw(GAPS),
            ways=draw(WAYS),
            begins=draw(st.integers(0, 300)),
            passing=draw(PASSING),
        )
        for alter in alters
    )


CUTS = st.integers(0, 1500).map(after)
THRESHOLDS = st.builds(
    lambda low, more, unusual_at, mutual: Thresholds(
        cooling_at=low, fading_at=low + more, unusual_at=unusual_at, mutual=mutual
    ),
    st.floats(0.05, 0.5),
    st.floats(0.05, 0.45),
    st.sampled_from((0.0, 0.9)),
    st.booleans(),
)


def list_changes(silences: Silences, alter: PersonId) -> tuple[tuple[date, State], ...]:
    """Return the days on which the state of a tie changed, ascending, each with the new state."""
    changes: list[tuple[date, State]] = []
    for place in np.flatnonzero(silences.tie == silences.alters.index(alter)).tolist():
        for on, state in _changes_of(silences, place):
            if not changes or changes[-1][1] is not state:
                changes.append((on, state))
    return tuple(changes)


def _changes_of(silences: Silences, place: int) -> Iterator[tuple[date, State]]:
    began = date.fromordinal(int(silences.began[place]))
    first, end = int(silences.from_after[place]), int(silences.to_after[place])
    # Of several on one day the last holds: a tie may pass over a state.
    of_day = {first: tuple(State)[int(silences.first_state[place])]}
    for state, after in (
        (State.COOLING, silences.cooling_after),
        (State.FADING, silences.fading_after),
        (State.DORMANT, silences.dormant_after),
    ):
        if first < int(after[place]) < end:
            of_day[int(after[place])] = state
    for after_days, state in sorted(of_day.items()):
        yield began + timedelta(after_days), state
