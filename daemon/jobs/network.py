"""Ties now and a week ago -> how the network stands: states, and who came back."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from daemon.digest.model import Network, Quiet
from daemon.jobs.basis import Basis
from daemon.jobs.fold import fold_contacts
from daemon.people.model import Person, PersonId
from daemon.store import contacts, ties
from daemon.store.database import Connection
from daemon.suggestions.match import find_telling
from daemon.suggestions.model import Done, Helped, Situation
from daemon.ties.estimate import estimate
from daemon.ties.model import State, Tie

WEEK = timedelta(days=7)

N_TOPICS = 3
"""As many topics as one takes in at a glance."""


def draw_network(
    connection: Connection,
    basis: Basis,
    situation: Situation,
    *,
    quiet: Iterable[PersonId],
    now: int,
) -> Network:
    """Return the network of the last seven days. States are counted by name.

    ``quiet`` are those to name because nothing was found to bring them.
    """
    before = estimate_before(connection, basis, on=situation.today - WEEK, now=now)
    given, received = _count_help(situation)
    return Network(
        states=_count(situation.ties),
        before=_count(before),
        came_back=_came_back(situation.ties, before, situation.people),
        n_given=given,
        n_received=received,
        quiet=tuple(_describe(person, situation) for person in quiet),
    )


def _describe(person: PersonId, situation: Situation) -> Quiet:
    tie = situation.ties[person]
    every = max(1, round(tie.typical_gap_days))
    topics = find_telling(situation.topics.get(person, ()), situation)
    # One word alone ("waiting") seldom says what two people talk about; two words do.
    often = [t.term for t in topics if t.n_threads > 1 and " " in t.term]
    return Quiet(
        name=situation.people[person].name,
        says=f"usually every {every} day{'s' * (every > 1)}, now {tie.silent_days}",
        topics=tuple(often[:N_TOPICS]),
    )


def estimate_before(
    connection: Connection, basis: Basis, *, on: date, now: int
) -> dict[PersonId, Tie]:
    """Return the ties as they stood on an earlier day, nothing later known."""
    folded = ties.read_ties(connection)
    later = {t.person for t in folded if t.gaps.last_on > on}
    same = [t for t in folded if t.person not in later]
    theirs = contacts.read_contacts(connection, later, until=now)
    refolded = fold_contacts((c for c in theirs if basis.day_of(c.at) <= on), basis)
    rows = [(t.person, t.gaps, t.n_out, t.n_in) for t in [*same, *refolded]]
    found = estimate(rows, on=on, model=basis.model, thresholds=basis.thresholds)
    return {tie.alter: tie for tie in found}


def _count(standing: Mapping[PersonId, Tie]) -> dict[str, int]:
    counts = Counter(tie.state.value for tie in standing.values())
    return {state.value: counts[state.value] for state in State}


def _came_back(
    now: Mapping[PersonId, Tie], before: Mapping[PersonId, Tie], people: Mapping[PersonId, Person]
) -> tuple[tuple[str, int], ...]:
    """Names of those whose silence had been fading or dormant, and how long it lasted."""
    quiet = (State.FADING, State.DORMANT)
    back = [
        (people[person].name, (tie.last_on - before[person].last_on).days)
        for person, tie in now.items()
        if person in before and before[person].state in quiet and tie.state not in quiet
    ]
    return tuple(sorted(back, key=lambda one: (-one[1], one[0])))


def _count_help(situation: Situation) -> tuple[int, int]:
    since = situation.at - WEEK
    lately = [d for d in situation.decisions if d.decided_at > since]
    given = [d for d in lately if isinstance(d, Done) or (isinstance(d, Helped) and d.given)]
    received = [d for d in lately if isinstance(d, Helped) and not d.given]
    return len(given), len(received)
