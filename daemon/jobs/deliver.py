"""Send what waits in the outbox: each mail once, whatever happens in between.

Whoever sends a mail claims it first. So a mail found claimed was interrupted on its way, and
nobody knows how far it came: it is looked for where it would have arrived, and only if it is
not there after a while is it sent again. Source: decision record on doubt about a delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from connectors.errors import ConnectorError
from daemon.delivery.transport import InDoubt, Memory, NotNow, Refused, Transport
from daemon.digest.words import say_date
from daemon.store import outbox
from daemon.store.database import Database
from daemon.store.outbox import ANSWER, UNKNOWN, Outgoing

GRACE = timedelta(minutes=15)
"""How long mail may take to arrive, and longer than any one delivery goes on."""

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=5), timedelta(hours=2)
"""Source: RFC 5321, section 4.5.4.1, asks for growing ones; most greylists end in 5 minutes."""

ANSWER_TIME = timedelta(hours=24)
EVENING_TIME = timedelta(hours=6)
"""A digest goes out on its own day; one of the evening has at least so long."""

LATE = "it could not be sent in time"
LOST = "it did not arrive, and now it is too late to send it again"
UNASKED = "the mailbox it went to cannot be asked at the moment"

Find = Callable[[str], bool]
"""Says whether a mail with this ``Message-ID`` lies in the owner's own mailbox.

It may raise ``ConnectorError`` where it cannot tell at the moment.
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many mails this call sent, and a sentence for each that still waits or failed."""

    n_sent: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one mail. ``is_over`` ends the round: the way itself is not open."""

    is_sent: bool = False
    problem: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class _Round:
    """One look into the outbox, at one instant."""

    engine: Database
    transport: Transport
    at: datetime
    sender: str
    to: str
    find: Find | None


def deliver_due(
    engine: Database,
    transport: Transport,
    *,
    at: datetime,
    sender: str,
    to: str,
    find: Find | None = None,
) -> Delivered:
    """Send every mail in the outbox that is due, and settle what was interrupted.

    Args:
        engine: The database; any number of processes may do this at once.
        transport: The way it goes. One that remembers what it delivered is asked first.
        at: The present.
        sender: The bare address the mail comes from.
        to: The bare address it goes to.
        find: Looks in the owner's mailbox; None where no mailbox can be asked. A mail
            that was interrupted has then failed: the owner sees one at the most.
    """
    going = _Round(engine, transport, at, sender, to, find)
    with engine.connect() as connection:
        waiting = outbox.read_unsent(connection, at=at)
    found: list[_Outcome] = []
    for outgoing in waiting:
        found.append(_see_to(going, outgoing))
        if found[-1].is_over:
            break
    return Delivered(
        sum(one.is_sent for one in found), tuple(one.problem for one in found if one.problem)
    )


def _see_to(going: _Round, outgoing: Outgoing) -> _Outcome:
    if outgoing.state == "claimed":
        return _settle(going, outgoing)
    if _is_late(going, outgoing):
        return _give_up(going, outgoing, LATE)
    if not outbox.move(
        going.engine, outgoing.message_id, before="ready", after="claimed", at=going.at
    ):
        return _Outcome()  # somebody else was quicker
    return _send(going, outgoing)


def _send(going: _Round, claimed: Outgoing) -> _Outcome:
    try:
        is_new = going.transport.send(
            claimed.message, claimed.message_id, sender=going.sender, to=going.to
        )
    except NotNow as problem:
        return _put_off(going, claimed, str(problem))
    except Refused as problem:
        return _give_up(going, claimed, str(problem), before="claimed")
    except InDoubt as problem:
        outbox.doubt(going.engine, claimed.message_id, problem=str(problem), at=going.at)
        return _Outcome(problem=_tell(claimed, "may have been sent", str(problem)), is_over=True)
    _mark_sent(going, claimed)
    return _Outcome(is_sent=is_new)


def _settle(going: _Round, claimed: Outgoing) -> _Outcome:
    """Settle a mail that was interrupted, or that another process is sending at this moment."""
    is_there, can_ask = _look_for(going, claimed.message_id)
    if is_there:
        _mark_sent(going, claimed)
        return _Outcome()
    if _may_be_on_its_way(going, claimed):
        return _Outcome()
    if is_there is None:
        if can_ask and not _is_late(going, claimed):
            return _Outcome(problem=_tell(claimed, "may have been sent", UNASKED))
        return _give_up(going, claimed, UNKNOWN, before="claimed")
    if _is_late(going, claimed):
        return _give_up(going, claimed, LOST, before="claimed")
    if not outbox.claim_again(going.engine, claimed, at=going.at):
        return _Outcome()
    return _send(going, claimed)


def _look_for(going: _Round, message_id: str) -> tuple[bool | None, bool]:
    """Return whether the mail arrived, None if nobody can tell; and whether asking may help."""
    if isinstance(going.transport, Memory):
        return going.transport.holds(message_id), True
    if going.find is None:
        return None, False
    try:
        return going.find(message_id), True
    except ConnectorError:
        return None, True


def _may_be_on_its_way(going: _Round, claimed: Outgoing) -> bool:
    """What remembers its mail is never in doubt; for others an answer of no needs time."""
    is_young = going.at < (claimed.changed_at or going.at) + GRACE
    return is_young and not isinstance(going.transport, Memory)


def _put_off(going: _Round, claimed: Outgoing, problem: str) -> _Outcome:
    # Bounded before it is raised: two to the power of many attempts fits no span of time.
    delay = min(FIRST_DELAY * 2 ** min(claimed.n_attempts, 10), LONGEST_DELAY)
    outbox.put_off(
        going.engine, claimed.message_id, problem=problem, at=going.at, until=going.at + delay
    )
    return _Outcome(problem=_tell(claimed, "waits", problem), is_over=True)


def _give_up(going: _Round, outgoing: Outgoing, problem: str, *, before: str = "ready") -> _Outcome:
    is_mine = outbox.give_up(
        going.engine, outgoing.message_id, problem=problem, at=going.at, before=before
    )
    return _Outcome(problem=_tell(outgoing, "was not sent", problem) if is_mine else "")


def _mark_sent(going: _Round, claimed: Outgoing) -> None:
    outbox.move(going.engine, claimed.message_id, before="claimed", after="sent", at=going.at)


def _is_late(going: _Round, outgoing: Outgoing) -> bool:
    """Yesterday's digest is not sent today: today has its own."""
    written_at = _written_at(outgoing) or outgoing.changed_at or going.at
    if outgoing.on is None:
        return going.at >= written_at + ANSWER_TIME
    is_over = going.at.astimezone(written_at.tzinfo).date() > outgoing.on
    return is_over and going.at >= written_at + EVENING_TIME


def _written_at(outgoing: Outgoing) -> datetime | None:
    """The instant in its Date header, in the owner's zone; None if it has none."""
    written = BytesHeaderParser().parsebytes(outgoing.message)["Date"]
    return parsedate_to_datetime(str(written)) if written else None


def _tell(outgoing: Outgoing, what: str, problem: str) -> str:
    if outgoing.on is None or outgoing.kind == ANSWER:
        return f"The answer to a reply {what}: {problem}."
    return f"The digest of {say_date(outgoing.on)} {what}: {problem}."
