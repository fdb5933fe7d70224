"""Go back to an earlier instant: a throw-away database of what was known then, derived anew."""

from datetime import datetime

from daemon.jobs.basis import Basis
from daemon.jobs.refresh import derive
from daemon.store import observed, progress, replay
from daemon.store.database import Database
from daemon.store.instants import to_seconds


def look_back(engine: Database, basis: Basis, *, at: datetime) -> Database:
    """Return ``engine`` if it holds nothing later than ``at``, else its past."""
    with engine.connect() as connection:
        latest = max(observed.latest_known_at(connection), progress.recall(connection, "folded", 0))
    if latest <= to_seconds(at):
        return engine
    past = replay.open_past(engine, at=at, on=basis.day_of(at))
    derive(past, basis, at=at)
    return past
