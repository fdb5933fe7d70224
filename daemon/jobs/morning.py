"""Prepare what a day sends: a digest, now and then a sign of life, or nothing, and only once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from daemon.commands.model import Decision
from daemon.config.model import Delivery
from daemon.delivery.message import build_message, message_id_for
from daemon.digest.compose import as_pulse
from daemon.digest.references import token_for
from daemon.jobs.basis import Basis
from daemon.jobs.compose import Composed, compose, remember
from daemon.store import decisions, outbox
from daemon.store.database import Database, writing
from daemon.store.outbox import DIGEST, PULSE, Outgoing
from daemon.suggestions.model import Paused, Rules, SuggestionDecision

QUIET, PAUSED, MADE = "quiet", "paused", "made"
"""What ``prepare`` says besides the kind of mail: nothing to say, not wanted, made before."""

CALLED = "kithd"
"""Whom the mail is from, beside the address, which is the owner's own."""


def prepare(
    engine: Database,
    basis: Basis,
    *,
    at: datetime,
    rules: Rules,
    orders: tuple[SuggestionDecision, ...] = (),
    keeps_at: str = "",
    delivery: Delivery,
    key: bytes,
    reply_to: str,
    owner: str,
    pulse_days: int,
) -> str:
    """Put the mail of the local day of ``at`` into the outbox, with what stands in it.

    A day has one row, whatever it says, so that it is not composed again. The arguments are
    those of ``compose`` and of ``render``; people and ties are up to date. After
    ``pulse_days`` in which nothing was sent, 0 for never, the mail is a sign of life.

    Returns:
        "digest" or "pulse" if such a mail is ready now; "quiet" or "paused" if the day has
        none; "made" if the day was prepared before.
    """
    on = basis.day_of(at)
    name = message_id_for(owner, on, key=key)
    if none := _say_why_none(engine, on, at):
        return none if none == MADE or _keep_quiet(engine, name, on, at) else MADE
    composed = compose(
        engine,
        basis,
        at=at,
        rules=rules,
        orders=orders,
        keeps_at=keeps_at,
        reply_to=reply_to,
        token=token_for(owner, on, key=key),
    )
    if not composed.page.items:
        if not _is_pulse_due(engine, on, pulse_days):
            return QUIET if _keep_quiet(engine, name, on, at) else MADE
        composed = replace(composed, page=as_pulse(composed.page, pulse_days))
    outgoing = render(composed, delivery=delivery, key=key, owner=owner)
    return outgoing.kind if remember(engine, composed, outgoing, now=at) else MADE


def render(composed: Composed, *, delivery: Delivery, key: bytes, owner: str) -> Outgoing:
    """Return the mail of a composed day, ready to be sent: always the same for the same page.

    ``delivery`` says whom it goes to and comes from, where that is not ``owner``, the address
    that tokens are made for with ``key``: ``Trust.owner`` holds the same.
    """
    page = composed.page
    name = message_id_for(owner, page.on, key=key)
    sender, to = envelope(delivery, owner)
    message = build_message(
        page, to=to, sender=f"{CALLED} <{sender}>", message_id=name, date=page.at
    )
    return Outgoing(name, message, kind=PULSE if page.pulse_days else DIGEST, on=page.on)


def envelope(delivery: Delivery, owner: str) -> tuple[str, str]:
    """Return the bare addresses that mail comes from and goes to."""
    to = delivery.to or owner
    return delivery.sender or to, to


def _keep_quiet(engine: Database, name: str, on: date, at: datetime) -> bool:
    with writing(engine) as tx:
        return outbox.put(tx, Outgoing(name, b"", on=on, state="quiet"), at=at)


def _say_why_none(engine: Database, on: date, at: datetime) -> str:
    with engine.connect() as connection:
        if outbox.read_outgoing(connection, on):
            return MADE
        made = decisions.read_decisions(connection, until=at)
    return PAUSED if _is_paused(made, on) else ""


def _is_pulse_due(engine: Database, on: date, pulse_days: int) -> bool:
    with engine.connect() as connection:
        since = outbox.silent_since(connection)
    return pulse_days > 0 and since is not None and (on - since).days >= pulse_days


def _is_paused(made: Sequence[Decision], on: date) -> bool:
    until = [one.until for one in made if isinstance(one, Paused)]
    return bool(until and until[-1] and until[-1] > on)
