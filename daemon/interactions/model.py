"""An interaction: one act of contact between the ego and an alter."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """By what means contact was made."""

    EMAIL = "email"
    MEETING = "meeting"


class Direction(StrEnum):
    """Who reached whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    MUTUAL = "mutual"


class Claim(StrEnum):
    """On what condition an interaction counts as contact.

    A person who writes to the ego through a list is a person only in a conversation the
    ego takes part in, and the ego may join it later: so the condition is kept beside the
    interaction and asked whenever ties are folded, whatever the order of arrival.
    """

    ALWAYS = "always"
    IF_EGO_WROTE = "if-ego-wrote"  # in the same thread


@dataclass(frozen=True, slots=True)
class Ego:
    """The owner, as sources know them: addresses, lower-cased."""

    emails: frozenset[str]

    def __contains__(self, email: str) -> bool:
        return email in self.emails


@dataclass(frozen=True, slots=True)
class Interaction:
    """One act of contact. ``alter`` is an address: people are resolved later.

    ``at`` is in UTC. ``is_direct`` is False for ambient contact: many recipients, or a
    large meeting. ``thread`` names the conversation (for a meeting, the event's uid).
    """

    alter: str
    at: datetime
    channel: Channel
    direction: Direction
    is_direct: bool = True
    claim: Claim = Claim.ALWAYS
    thread: str = ""
