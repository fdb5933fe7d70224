"""The past once worked out, kept beside the database: asked for again, it is there at once."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from daemon.jobs.basis import Basis
from daemon.jobs.infer import read_told
from daemon.jobs.look_back import look_back
from daemon.jobs.refresh import derive
from daemon.store import observed, progress, replay
from daemon.store.database import Connection, Database, open_file, save_copy, writing
from daemon.store.instants import to_seconds
from daemon.store.sources import Source


def recall(
    engine: Database,
    basis: Basis,
    sources: Iterable[Source],
    *,
    at: datetime,
    now: datetime,
    place: Path,
) -> Database:
    """Return what was known at ``at``, as ``look_back`` does, keeping it in ``place``.

    A copy there that was made for the same instant out of the same observations is taken;
    what was decided and offered since is put into it.
    """
    with engine.connect() as connection:
        key = _key(connection, basis, at)
    if (found := _open(place, key)) is not None:
        replay.renew(engine, found, at=at, on=basis.day_of(at))
        derive(found, basis, at=at)
        return found
    past = look_back(engine, basis, sources, at=at, now=now)
    if past is not engine:
        with writing(past) as tx:
            progress.keep(tx, "past", key)
        save_copy(past, place)
    return past


def _key(connection: Connection, basis: Basis, at: datetime) -> str:
    fingerprint = basis.fingerprint(read_told(connection, basis))
    made_of = (to_seconds(at), observed.last_seq(connection), fingerprint)
    return json.dumps(made_of)


def _open(place: Path, key: str) -> Database | None:
    if not place.exists():
        return None
    found = open_file(place)
    with found.connect() as connection:
        if progress.recall(connection, "past") == key:
            return found
    found.dispose()
    return None
