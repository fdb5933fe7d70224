"""Go back to an earlier instant: a throw-away database of what was known then."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from daemon.jobs.basis import Basis
from daemon.jobs.refresh import derive, refresh
from daemon.store import contacts, observed, passing, progress, replay
from daemon.store.database import Database
from daemon.store.instants import to_seconds
from daemon.store.sources import Source

REMEMBERED = timedelta(days=365)
"""How far back what is kept says all that was said then.

Source: what is read for cues reaches three years back from the day of the reading, and a
digest looks two years back from its own (``jobs.glean``, ``jobs.topics``).
"""


def look_back(
    engine: Database, basis: Basis, sources: Iterable[Source], *, at: datetime, now: datetime
) -> Database:
    """Return ``engine`` if what it holds is as it was at ``at``, else a copy that is.

    Where ``at`` lies ahead, meetings until then count in the copy as if they had been.
    The past of the last year is what is kept, less what came later. For an older one the
    sources are read again as far as ``at``, since their text was not kept.
    """
    if at < now - REMEMBERED:
        past = replay.open_unread(engine, at=at, on=basis.day_of(at))
        refresh(past, basis, sources, at=at, until=at)
        return past
    with engine.connect() as connection:
        folded = progress.recall(connection, "folded", 0)
        latest = max(observed.latest_known_at(connection), folded)
        ahead = contacts.read_contacts_between(connection, after=folded, until=to_seconds(at))
        is_ahead = bool(ahead) or passing.is_anything_ahead(
            connection, after=folded, until=to_seconds(at)
        )
    if latest <= to_seconds(at) and not is_ahead:
        return engine
    past = replay.open_past(engine, at=at, on=basis.day_of(at))
    derive(past, basis, at=at)
    return past
