"""A page: all that one digest says, before it is text, HTML or JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from daemon.suggestions.model import Draft, Evidence, Lane


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Interaction days a week, oldest first, the last entry being the present week."""

    weeks: tuple[int, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. ``ref`` is its number in this digest; ``who`` the names, ready to print.

    ``state`` is the tie in plain words ("fading"), ``says`` the sentence after it ("you
    two usually talk every 9 days, it has been 41"). ``url`` is the address of what is
    given, if it has one.
    """

    ref: int
    key: str
    kind: str
    value: str
    direction: str
    lane: Lane
    people: tuple[str, ...]
    who: str
    state: str
    says: str
    action: str
    why: str
    evidence: tuple[Evidence, ...]
    minutes: int
    draft: Draft | None = None
    rhythm: Rhythm | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in the foot. ``needs`` says what the owner must do, empty if nothing."""

    name: str
    read_at: datetime | None
    n_observations: int
    n_quarantined: int = 0
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many were looked at, and why each was held: silence here would be a bug.

    ``n_due`` = number offered + sum of ``held``.
    """

    n_ties: int
    n_due: int
    n_offered: int
    held: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A tie that is named beside the items, for there is nothing to do about it today.

    ``says`` is its rhythm in words, ``topics`` what the two talk about, most telling first.
    ``is_asked_for`` is True where the owner's own longest gap is over.
    """

    name: str
    says: str
    topics: tuple[str, ...] = ()
    is_asked_for: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """How the network stands this week, and against a week ago.

    ``came_back`` holds who came back this week and after how many days, ``recovering`` the
    names of those who did so before, within the month. ``quiet`` are flagged and nothing was
    found to bring them, ``meeting`` are flagged and will be met. ``asleep`` are a few of the
    dormant, worth waking.
    """

    states: Mapping[str, int]
    before: Mapping[str, int]
    came_back: tuple[tuple[str, int], ...] = ()
    n_given: int = 0
    n_received: int = 0
    quiet: tuple[Quiet, ...] = ()
    recovering: tuple[str, ...] = ()
    meeting: tuple[Quiet, ...] = ()
    asleep: tuple[Quiet, ...] = ()


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A digest of an earlier day that failed; ``problem`` says why in one clause."""

    on: date
    problem: str


@dataclass(frozen=True, slots=True)
class Page:
    """One digest. ``on`` is the owner's local date; ``at`` the instant, in UTC.

    ``is_first`` adds the welcome: what is read, where the data lie, how to stop.
    ``keeps_at`` is the folder in which all is kept, empty for none; ``answer_with`` what
    ``kithd do`` must be told to find it. ``reply_to`` is where action links are addressed
    to; empty for none. ``noted`` counts what the owner decided since the last digest, and
    ``undelivered`` holds the digests that failed since one was sent. A page of more than no
    ``pulse_days`` is a sign of life: it has no items, and there was no digest for so many days.
    """

    at: datetime
    on: date
    zone: ZoneInfo
    subject: str
    preheader: str
    items: tuple[Item, ...]
    network: Network
    funnel: Funnel
    sources: tuple[SourceLine, ...]
    is_first: bool = False
    keeps_at: str = ""
    answer_with: str = ""
    reply_to: str = ""
    token: str = ""
    noted: Mapping[str, int] = field(default_factory=dict)
    undelivered: tuple[Undelivered, ...] = ()
    pulse_days: int = 0

    @property
    def minutes(self) -> int:
        """What all items together take."""
        return sum(item.minutes for item in self.items)
