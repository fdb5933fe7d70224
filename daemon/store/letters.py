"""Letters and threads: which messages belong to one conversation, and who wrote them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from daemon.interactions.model import Claim
from daemon.interactions.threads import Joined
from daemon.store.schema import interactions, letters, stale, thread_ids, threads

_AT_ONCE = 5000
"""Bound variables a statement. SQLite allows 32,766."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in its thread. ``at`` is in seconds; ``parent`` is what it answers.

    ``is_to_ego`` is True where the ego is in To, or is the only one it was sent to: what is
    said in a copy is said to somebody else.
    """

    source: str
    uid: str
    at: int
    thread: str
    message_id: str
    parent: str | None
    author: str
    by_ego: bool
    n_recipients: int
    is_to_ego: bool


_COLUMNS = tuple(field.name for field in fields(Letter))


def threads_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the thread of each of ``ids`` that was met before."""
    wanted, found = list(ids), dict[str, str]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = thread_ids.c.message_id.in_(wanted[start : start + _AT_ONCE])
        rows = connection.execute(select(thread_ids.c.message_id, thread_ids.c.thread).where(some))
        found |= dict(rows.all())
    return found


def save_threads(tx: Connection, joined: Joined, known: Mapping[str, str]) -> None:
    """Store the threads of a batch, and carry over what threads that ceased held."""
    if joined.merged:
        _merge(tx, joined.merged)
    rows = [
        {"message_id": i, "thread": t} for i, t in joined.thread_of.items() if known.get(i) != t
    ]
    if rows:
        statement = upsert(thread_ids)
        news = {"thread": statement.excluded.thread}
        tx.execute(statement.on_conflict_do_update(index_elements=["message_id"], set_=news), rows)


def save_letters(tx: Connection, found: Iterable[Letter]) -> None:
    """Store letters, replacing those told again, and note the threads the ego wrote in."""
    rows = [{name: getattr(letter, name) for name in _COLUMNS} for letter in found]
    if not rows:
        return
    statement = upsert(letters)
    news = {c: statement.excluded[c] for c in rows[0] if c not in ("source", "uid")}
    tx.execute(statement.on_conflict_do_update(index_elements=["source", "uid"], set_=news), rows)
    _join_in(tx, {row["thread"] for row in rows if row["by_ego"]})


def take_apart(tx: Connection, source: str, uids: list[str]) -> set[tuple[str, str]]:
    """Undo the threads that hold any of ``uids``; return the source and uid of each letter.

    A message that changed or is gone may have been what held a thread together, and its
    author's part in it the reason why it counts: all of the thread is to be derived anew.
    """
    found: set[str] = set()
    for start in range(0, len(uids), _AT_ONCE):
        some = letters.c.uid.in_(uids[start : start + _AT_ONCE])
        query = select(letters.c.thread).where(letters.c.source == source, some)
        found.update(tx.scalars(query))
    undone: set[tuple[str, str]] = set()
    for name in sorted(found):
        held = select(letters.c.source, letters.c.uid).where(letters.c.thread == name)
        undone.update((where, uid) for where, uid in tx.execute(held))
        for table in (letters, thread_ids, threads):
            tx.execute(delete(table).where(table.c.thread == name))
    return undone


def _join_in(tx: Connection, joined: set[str]) -> None:
    """The ego takes part in these threads: what people wrote there counts from now on."""
    before = set(tx.scalars(select(threads.c.thread).where(threads.c.thread.in_(joined))))
    fresh = sorted(joined - before)
    if fresh:
        tx.execute(insert(threads), [{"thread": t} for t in fresh])
        mark_thread_stale(tx, fresh)


def mark_thread_stale(tx: Connection, names: list[str]) -> None:
    """Have the ties refolded that stand on what was conditional in these threads."""
    alters = select(interactions.c.alter).where(
        interactions.c.thread.in_(names), interactions.c.claim == Claim.IF_EGO_WROTE.value
    )
    tx.execute(upsert(stale).from_select(["email"], alters.distinct()).on_conflict_do_nothing())


def _merge(tx: Connection, merged: Mapping[str, str]) -> None:
    """Carry over what the threads that ceased held to those they are now part of."""
    moves = [{"old": old, "new": new} for old, new in merged.items()]
    for table in (letters, interactions, thread_ids):
        moved = update(table).where(table.c.thread == bindparam("old"))
        tx.execute(moved.values(thread=bindparam("new")), moves)
    names = sorted({*merged, *merged.values()})
    ego_wrote = set(tx.scalars(select(threads.c.thread).where(threads.c.thread.in_(names))))
    joined = sorted({merged.get(name, name) for name in ego_wrote})
    if joined:
        tx.execute(delete(threads).where(threads.c.thread.in_(sorted(merged))))
        tx.execute(upsert(threads).on_conflict_do_nothing(), [{"thread": t} for t in joined])
        mark_thread_stale(tx, joined)
