"""Contact of the last month -> the ties that came back from a silence that was fading."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from daemon.interactions.model import Direction
from daemon.jobs.basis import Basis
from daemon.jobs.fold import fold_contacts
from daemon.people.model import PersonId
from daemon.store import contacts, passing
from daemon.store.contacts import Contact
from daemon.store.database import Connection
from daemon.store.ties import Folded
from daemon.ties.estimate import estimate
from daemon.ties.model import State, Tie

RECOVERING_DAYS = 30
"""How long a tie that came back is called recovering: as long as it is not flagged again.

Source: design notes, decay model (states).
"""

_FADED = frozenset({State.FADING, State.DORMANT})


@dataclass(frozen=True, slots=True)
class Recovery:
    """The day ``on`` which contact ended a silence of ``after_days``, by then fading or dormant."""

    on: date
    after_days: int


def find_recoveries(
    connection: Connection,
    basis: Basis,
    standing: Mapping[PersonId, Tie],
    *,
    on: date,
    now: int,
) -> dict[PersonId, Recovery]:
    """Return the last recovery of each tie in the 30 days until ``on``, of those that hold.

    A silence is judged as it stood on the morning of the day that ended it, by the model
    and the thresholds of today. A tie that only ever went one way has nothing to come back to.
    """
    since = on - timedelta(days=RECOVERING_DAYS)
    lately = [
        person
        for person, tie in standing.items()
        if tie.last_on > since and tie.is_mutual and tie.state not in _FADED
    ]
    theirs: defaultdict[PersonId, list[tuple[date, Contact]]] = defaultdict(list)
    for contact in contacts.read_contacts(connection, lately, until=now):
        theirs[PersonId(contact.person)].append((basis.day_of(contact.at), contact))
    found: dict[PersonId, Recovery] = {}
    for day, persons in sorted(_list_returns(theirs, since).items()):
        earlier = [c for p in persons for was_on, c in theirs[p] if was_on < day]
        until = basis.end_of(day - timedelta(days=1))
        seen = passing.read_last_passing(connection, persons, until=until)
        found |= _judge(fold_contacts(earlier, basis, seen), day, basis)
    return found


def _list_returns(
    theirs: Mapping[PersonId, Iterable[tuple[date, Contact]]], since: date
) -> dict[date, list[PersonId]]:
    """The days after ``since`` on which contact ended a silence of more than a day.

    Where only the ego wrote, on that day and since, nobody has come back yet.
    """
    returns: defaultdict[date, list[PersonId]] = defaultdict(list)
    for person, dated in theirs.items():
        heard_on = [on for on, c in dated if c.direction != Direction.OUTBOUND]
        answered_on = max(heard_on, default=since)
        for before, day in pairwise(sorted({day for day, _ in dated})):
            if since < day <= answered_on and (day - before).days > 1:
                returns[day].append(person)
    return returns


def _judge(folded: Iterable[Folded], day: date, basis: Basis) -> dict[PersonId, Recovery]:
    rows = [(t.person, t.gaps, t.n_out, t.n_in) for t in folded]
    ties = estimate(rows, on=day, model=basis.model, thresholds=basis.thresholds)
    back = (t for t in ties if t.state in _FADED and t.is_mutual)
    return {t.alter: Recovery(day, t.silent_days) for t in back}
