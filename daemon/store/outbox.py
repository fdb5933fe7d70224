"""Mail on its way: kept before it is sent, claimed by whoever sends it, then marked sent.

A row is "ready", then "claimed", then "sent". A row that stays claimed was interrupted, and
is settled by looking for its Message-ID where it was sent, never by sending blindly again.
A refusal that may pass makes it "ready" again with a later ``next_at``; one for good, "failed". A
day on which there was nothing to say has a row that is "quiet", so that it is not asked again.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from daemon.store.database import writing
from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import outbox

DIGEST, PULSE, ANSWER = "digest", "pulse", "answer"
"""The kinds of mail: a morning's digest, the weekly sign of life, what a reply is told."""

UNKNOWN = "not known whether it was sent"
"""The problem of a mail that failed in doubt: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One mail, rendered. ``on`` is the local date of a digest or pulse, None for an answer."""

    message_id: str
    message: bytes
    kind: str = DIGEST
    on: date | None = None
    state: str = "ready"
    n_attempts: int = 0
    problem: str = ""
    changed_at: datetime | None = field(default=None, compare=False)


def put(tx: Connection, outgoing: Outgoing, *, at: datetime) -> bool:
    """Keep the mail; return False, keeping the old, if its Message-ID or its day has one.

    A day that was quiet may still get its digest.
    """
    if outgoing.on is not None and outgoing.state != "quiet":
        was_quiet = (outbox.c.on == outgoing.on) & (outbox.c.state == "quiet")
        tx.execute(delete(outbox).where(was_quiet))
    row = insert(outbox).values(
        message_id=outgoing.message_id,
        kind=outgoing.kind,
        on=outgoing.on,
        message=outgoing.message,
        state=outgoing.state,
        changed_at=to_seconds(at),
    )
    return tx.execute(row.on_conflict_do_nothing()).rowcount == 1


def read_outgoing(connection: Connection, on: date) -> Outgoing | None:
    """Return the digest or pulse of ``on``, or None."""
    row = connection.execute(select(outbox).where(outbox.c.on == on)).one_or_none()
    return None if row is None else _outgoing(row)


def read_unsent(connection: Connection, *, at: datetime) -> tuple[Outgoing, ...]:
    """Return what is ready and due, and what was claimed and never settled; oldest first."""
    is_due = outbox.c.next_at.is_(None) | (outbox.c.next_at <= to_seconds(at))
    wanted = outbox.c.state.in_(("ready", "claimed")) & is_due
    order = (outbox.c.changed_at, outbox.c.message_id)
    return tuple(map(_outgoing, connection.execute(select(outbox).where(wanted).order_by(*order))))


def last_sent_at(connection: Connection) -> datetime | None:
    """Return when a digest or a pulse was sent last."""
    wanted = (outbox.c.state == "sent") & outbox.c.on.is_not(None)
    found = connection.scalar(select(func.max(outbox.c.changed_at)).where(wanted))
    return None if found is None else to_instant(found)


def silent_since(connection: Connection) -> date | None:
    """Return the local date of what was sent last, or else the first day there was a row for."""
    days = select(func.max(outbox.c.on)).where(outbox.c.state == "sent")
    last: date | None = connection.scalar(days)
    if last is not None:
        return last
    first: date | None = connection.scalar(select(func.min(outbox.c.on)))
    return first


def list_failed(connection: Connection, *, before: date) -> tuple[Outgoing, ...]:
    """Return the digests and pulses that failed since the last one was sent, oldest first.

    Only those of days before ``before``. Answers are left out.
    """
    days = select(func.max(outbox.c.on)).where(outbox.c.state == "sent", outbox.c.on < before)
    last: date | None = connection.scalar(days)
    wanted = (outbox.c.state == "failed") & (outbox.c.on < before)
    if last is not None:
        wanted &= outbox.c.on > last
    found = select(outbox).where(wanted).order_by(outbox.c.on)
    return tuple(map(_outgoing, connection.execute(found)))


def list_troubled(connection: Connection, *, limit: int = 10) -> tuple[Outgoing, ...]:
    """Return what waits with a problem or has failed, latest change first: for ``status``."""
    wanted = (outbox.c.problem != "") & (outbox.c.state != "sent")
    order = (outbox.c.changed_at.desc(), outbox.c.message_id)
    found = select(outbox).where(wanted).order_by(*order).limit(limit)
    return tuple(map(_outgoing, connection.execute(found)))


def move(engine: Engine, message_id: str, *, before: str, after: str, at: datetime) -> bool:
    """Change the state of a mail if it still is ``before``; say if it was."""
    return _change(engine, message_id, before, at, {"state": after, "problem": "", "next_at": None})


def claim_again(engine: Engine, claimed: Outgoing, *, at: datetime) -> bool:
    """Claim a mail that somebody else claimed and let lie; False if that is no longer so."""
    lies = outbox.c.changed_at == to_seconds(claimed.changed_at or at)
    return _change(engine, claimed.message_id, "claimed", at, {"problem": ""}, lies)


def put_off(
    engine: Engine, message_id: str, *, problem: str, at: datetime, until: datetime
) -> bool:
    """Let a claimed mail be tried again at ``until``; say if it was claimed."""
    news = {
        "state": "ready",
        "problem": problem,
        "next_at": to_seconds(until),
        "n_attempts": outbox.c.n_attempts + 1,
    }
    return _change(engine, message_id, "claimed", at, news)


def doubt(engine: Engine, message_id: str, *, problem: str, at: datetime) -> bool:
    """Leave a mail claimed, since nobody knows whether it was sent; say if it was claimed."""
    news = {"problem": problem, "n_attempts": outbox.c.n_attempts + 1}
    return _change(engine, message_id, "claimed", at, news)


def give_up(
    engine: Engine, message_id: str, *, problem: str, at: datetime, before: str = "claimed"
) -> bool:
    """Let a mail be, for good; say if it still was ``before``."""
    news = {"state": "failed", "problem": problem, "n_attempts": outbox.c.n_attempts + 1}
    return _change(engine, message_id, before, at, news)


def hurry(engine: Engine, on: date, *, at: datetime) -> bool:
    """Let the mail of ``on`` be tried at once if it waits or was refused; say if it will be.

    One of which nobody knows whether it was sent is left alone: sending it again could show
    the owner two.
    """
    may_go = (outbox.c.state == "ready") | (
        (outbox.c.state == "failed") & (outbox.c.problem != UNKNOWN)
    )
    news = {"state": "ready", "next_at": None, "changed_at": to_seconds(at)}
    with writing(engine) as tx:
        found = tx.execute(update(outbox).where(outbox.c.on == on, may_go).values(**news))
        return found.rowcount == 1


def _change(
    engine: Engine,
    message_id: str,
    before: str,
    at: datetime,
    news: dict[str, Any],
    also: ColumnElement[bool] | None = None,
) -> bool:
    here = (outbox.c.message_id == message_id) & (outbox.c.state == before)
    if also is not None:
        here &= also
    with writing(engine) as tx:
        changed = update(outbox).where(here).values(changed_at=to_seconds(at), **news)
        return tx.execute(changed).rowcount == 1


def _outgoing(row: Any) -> Outgoing:
    return Outgoing(
        message_id=row.message_id,
        message=row.message,
        kind=row.kind,
        on=row.on,
        state=row.state,
        n_attempts=row.n_attempts,
        problem=row.problem,
        changed_at=to_instant(row.changed_at),
    )
