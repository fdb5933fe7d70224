"""Replies to digests: kept with the cursor that passed them, obeyed once, then without words.

A reply is "waiting" until its words are obeyed, then "obeyed"; one that was not accepted is
"refused" with the reason, and none of its words are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2s
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from daemon.store.instants import to_instant, to_seconds
from daemon.store.schema import replies


@dataclass(frozen=True, slots=True)
class Reply:
    """What the owner, or somebody in the owner's name, answered to the digest of ``on``.

    ``reason`` says why it was refused, empty if it was not. ``received_at`` is in UTC.
    ``fingerprint`` is the same in every copy of one reply, whatever a relay made of its
    Message-ID; None where it was refused.
    """

    message_id: str
    on: date | None
    received_at: datetime
    words: str = ""
    reason: str = ""
    fingerprint: str | None = None


def fingerprint_of(on: date, sent_at: datetime, words: str) -> str:
    """Return what tells a reply from any other: the digest, the second it was sent, its words.

    White space does not count, since relays break lines anew.

    Args:
        on: The day of the digest that is answered.
        sent_at: The Date field's instant, aware, and not what was made of it.
        words: The owner's own words.
    """
    says = f"{on.isoformat()}\n{to_seconds(sent_at)}\n{' '.join(words.split())}"
    return blake2s(says.encode("utf-8", "replace"), digest_size=16).hexdigest()


def put_replies(tx: Connection, found: Iterable[Reply]) -> None:
    """Keep each reply once, by its Message-ID and by its fingerprint.

    One copy may prove what another cannot: what was refused may still be accepted. What was
    accepted stays so.
    """
    for reply in found:
        if _is_copy(tx, reply):
            continue
        news = {
            "words": reply.words,
            "state": _state(reply),
            "reason": reply.reason,
            "fingerprint": reply.fingerprint,
        }
        row = insert(replies).values(
            message_id=reply.message_id,
            on=reply.on,
            received_at=to_seconds(reply.received_at),
            **news,
        )
        may_change = (replies.c.state == "refused") & (row.excluded.state == "waiting")
        tx.execute(
            row.on_conflict_do_update(
                index_elements=["message_id"], set_={**news, "on": reply.on}, where=may_change
            )
        )


def read_waiting(connection: Connection) -> tuple[Reply, ...]:
    """Return the replies still to be obeyed, in the order they were written."""
    wanted = select(replies).where(replies.c.state == "waiting")
    order = (replies.c.received_at, replies.c.message_id)
    return tuple(map(_reply, connection.execute(wanted.order_by(*order))))


def mark_obeyed(tx: Connection, message_id: str) -> bool:
    """Note that it was obeyed, and erase its words; say if it was still waiting."""
    here = (replies.c.message_id == message_id) & (replies.c.state == "waiting")
    return tx.execute(update(replies).where(here).values(state="obeyed", words="")).rowcount == 1


def count_obeyed(connection: Connection, *, since: datetime) -> int:
    """Return how many replies written at ``since`` or later were obeyed."""
    wanted = (replies.c.state == "obeyed") & (replies.c.received_at >= to_seconds(since))
    return connection.scalar(select(func.count()).where(wanted)) or 0


def count_refused(connection: Connection) -> dict[str, int]:
    """Return how many replies were not accepted, by reason."""
    wanted = select(replies.c.reason, func.count()).where(replies.c.state == "refused")
    return {reason: n for reason, n in connection.execute(wanted.group_by(replies.c.reason))}


def _is_copy(tx: Connection, reply: Reply) -> bool:
    """Whether the same reply was accepted already, by whatever Message-ID."""
    if reply.fingerprint is None:
        return False
    known = select(replies.c.message_id).where(replies.c.fingerprint == reply.fingerprint)
    return tx.scalar(known) is not None


def _state(reply: Reply) -> str:
    return "refused" if reply.reason else "waiting"


def _reply(row: Any) -> Reply:
    return Reply(
        row.message_id,
        row.on,
        to_instant(row.received_at),
        row.words,
        row.reason,
        row.fingerprint,
    )
