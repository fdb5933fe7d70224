"""What is stored -> the owner's own past: ties as they stood, with what came of them."""

from datetime import datetime

from daemon.jobs.basis import Basis
from daemon.jobs.histories import read_histories
from daemon.store.database import Connection
from daemon.ties.snapshots import Snapshots, take_snapshots


def snapshot(connection: Connection, basis: Basis, *, at: datetime) -> Snapshots:
    """Return the ties of all people on past days, as known at ``at``.

    Interactions must be inferred and people resolved by then. The local day of ``at`` is not
    over, and so not looked at.
    """
    histories = read_histories(connection, basis, at=at)
    # A meeting is no less a sign that the owner is there than a letter is.
    ego_days = {day for history in histories for day in history.out_days}
    return take_snapshots(
        histories, ego_days=ego_days, until=basis.day_of(at), forget=basis.model.forget
    )
