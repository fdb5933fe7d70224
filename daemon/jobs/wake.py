"""Dormant ties -> those worth waking, whatever was long ago looked at to the end."""

from dataclasses import replace

from daemon.jobs.hear import count_unanswered, group_by_person
from daemon.store import contacts
from daemon.store.database import Connection
from daemon.suggestions.model import Situation
from daemon.suggestions.waking import find_worth_waking
from daemon.ties.model import Tie


def list_worth_waking(
    connection: Connection, situation: Situation, *, now: int, at_most: int | None = None
) -> tuple[Tie, ...]:
    """Return the dormant ties worth waking, best first, of the ``at_most`` best by contact.

    A situation knows who stopped answering of late; who slept before that is looked up.
    """
    asleep = find_worth_waking(situation)[:at_most]
    theirs = contacts.read_contacts(connection, [tie.alter for tie in asleep], until=now)
    looked_up = replace(
        situation,
        ties={tie.alter: tie for tie in asleep},
        unanswered=count_unanswered(group_by_person(theirs)),
    )
    return find_worth_waking(looked_up)
