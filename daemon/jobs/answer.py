"""The replies that wait -> decisions kept, and one short mail where something must be said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from daemon.commands.accept import Trust
from daemon.config.model import Delivery
from daemon.delivery.addresses import bare
from daemon.delivery.message import build_answer, message_id_for
from daemon.digest.render_text import render_text
from daemon.digest.words import say_date
from daemon.jobs.basis import Basis
from daemon.jobs.compose import Composed
from daemon.jobs.more import compose_more
from daemon.jobs.morning import CALLED, envelope
from daemon.jobs.obey import Obeyed, obey
from daemon.jobs.refresh import derive
from daemon.store import offers, outbox, replies
from daemon.store.database import Connection, Database, writing
from daemon.store.outbox import ANSWER, Outgoing
from daemon.store.replies import Reply
from daemon.suggestions.model import Rules, SuggestionDecision

MAX_A_DAY = 24
"""Replies in 24 hours after which none is answered, though all are obeyed.

An owner says less in a day. Whatever answers answers, against all marks that forbid it, would
go on for ever. Source: RFC 3834 section 2 (loops); reliability notes, fault 43.
"""

NO_MORE = "There is nothing else to offer today."


@dataclass(frozen=True, slots=True)
class Answered:
    """How many replies were obeyed, and how many of them are told something."""

    n_obeyed: int
    n_told: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """What answering needs besides the reply."""

    engine: Database
    basis: Basis
    trust: Trust
    at: datetime
    rules: Rules
    orders: tuple[SuggestionDecision, ...]
    keeps_at: str
    delivery: Delivery
    reply_to: str


def answer(
    engine: Database,
    basis: Basis,
    trust: Trust,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
    keeps_at: str = "",
    delivery: Delivery,
    reply_to: str,
) -> Answered:
    """Obey the replies that wait, in the order they were written, each once.

    A decision is known by the reply's Message-ID and its place in it, and the answer lies in
    the outbox from the moment the reply counts as obeyed: so whatever is interrupted is done
    again without a second effect.

    Args:
        engine: The database.
        basis: The owner and the settings.
        trust: Whose digests these are.
        at: The present, aware.
        rules: How much "more" is.
        orders: What the settings say of single people.
        keeps_at: The folder in which all is kept.
        delivery: Whom an answer goes to and comes from, where that is not ``trust.owner``.
        reply_to: Where replies go.
    """
    desk = _Desk(engine, basis, trust, at, rules, orders, keeps_at, delivery, reply_to)
    with engine.connect() as connection:
        waiting = replies.read_waiting(connection)
    told = [_answer_one(desk, reply) for reply in waiting]
    if waiting:
        derive(engine, basis, at=at)
    return Answered(len(told), sum(told))


def _answer_one(desk: _Desk, reply: Reply) -> bool:
    """Obey one reply; return whether its owner is told something."""
    found = obey(
        desk.engine,
        reply.words,
        origin=reply.message_id,
        at=reply.received_at,
        today=desk.basis.day_of(reply.received_at),
        on=reply.on,
    )
    further = _find_more(desk, reply) if any(one.wants_more for one in found) else None
    text = _say(found, further)
    with writing(desk.engine) as tx:
        if not replies.mark_obeyed(tx, reply.message_id):
            return False
        if further and reply.on:
            offers.add_offers(tx, reply.on, further.offers, now=desk.at)
        return bool(text) and _may_answer(tx, desk.at) and _put(tx, desk, reply, text)


def _find_more(desk: _Desk, reply: Reply) -> Composed:
    """What else there is, now that the rest of the reply is obeyed."""
    derive(desk.engine, desk.basis, at=desk.at)
    return compose_more(
        desk.engine,
        desk.basis,
        reply.on or desk.basis.day_of(desk.at),
        at=desk.at,
        rules=desk.rules,
        orders=desk.orders,
        keeps_at=desk.keeps_at,
    )


def _say(found: Iterable[Obeyed], further: Composed | None) -> str:
    """What must be said: answers, questions, problems. A decision is confirmed in the digest."""
    says = [one.says for one in found if one.says and not one.is_kept]
    if further:
        says.append(render_text(further.page) if further.page.items else NO_MORE)
    return "\n\n".join(dict.fromkeys(says))


def _may_answer(tx: Connection, at: datetime) -> bool:
    return replies.count_obeyed(tx, since=at - timedelta(days=1)) <= MAX_A_DAY


def _put(tx: Connection, desk: _Desk, reply: Reply, text: str) -> bool:
    on = reply.on or desk.basis.day_of(desk.at)
    owner = desk.trust.owner
    sender, to = envelope(desk.delivery, owner)
    name = _name(reply, owner)
    message = build_answer(
        text,
        subject=f"Re: kithd, {say_date(on)}",
        to=to,
        sender=f"{CALLED} <{sender}>",
        message_id=name,
        in_reply_to=f"<{reply.message_id.strip('<>')}>" if "@" in reply.message_id else "",
        references=(message_id_for(owner, on, key=desk.trust.key),),
        date=desk.at.astimezone(desk.basis.zone),
        reply_to=desk.reply_to,
    )
    return outbox.put(tx, Outgoing(name, message, kind=ANSWER), at=desk.at)


def _name(reply: Reply, owner: str) -> str:
    """The Message-ID of the answer to this reply: always the same one."""
    tag = sha256(reply.message_id.encode("utf-8", "replace")).hexdigest()[:16]
    return f"<kithd.answer.{tag}@{bare(owner).rpartition('@')[2]}>"
