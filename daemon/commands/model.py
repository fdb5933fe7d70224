"""What the owner may say, what it is about, and the decisions it becomes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from daemon.people.model import Identity, IdentityDecision
from daemon.suggestions.model import SuggestionDecision, SuggestionKey

CIRCLES = ("close", "regular", "wide")

Target: TypeAlias = int | Identity
"""Whom or what a command is about: an item's number in the digest, or an address."""


class Unit(StrEnum):
    """The units of a span of time; a month is a calendar month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """So long from today; ``count`` is at least 1."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Weekday:
    """The next such day after today; ``number`` counts from Monday, 0, to Sunday, 6."""

    number: int


Until: TypeAlias = Span | Weekday | date


@dataclass(frozen=True, slots=True)
class MarkDone:
    """These items are done; no number means all of them."""

    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not before ``until``."""

    ref: int
    until: Until


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not this one."""

    ref: int


@dataclass(frozen=True, slots=True)
class AskWhy:
    """Why was this suggested?"""

    ref: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo what was decided last about this item or person."""

    target: Target


@dataclass(frozen=True, slots=True)
class Forbid:
    """No suggestions about this person, for good."""

    target: Target
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """Keep nothing about this person."""

    target: Target
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class LetRest:
    """Let this tie rest."""

    target: Target


@dataclass(frozen=True, slots=True)
class PlaceInCircle:
    """How close this person is to be: one of ``CIRCLES``."""

    target: Target
    circle: str


@dataclass(frozen=True, slots=True)
class SetCadence:
    """The gaps wanted with this person, in days: the longest, and the ideal one if said.

    Both are at least 1, and the ideal one is not above the longest.
    """

    target: Target
    longest_days: int
    ideal_days: int | None = None


@dataclass(frozen=True, slots=True)
class ReportHelp:
    """An act of help; ``is_given`` is True when the owner gave it."""

    target: Target
    is_given: bool
    what: str


@dataclass(frozen=True, slots=True)
class WriteNote:
    """Something to remember about this person."""

    target: Target
    text: str


@dataclass(frozen=True, slots=True)
class Join:
    """These two are one person."""

    one: Target
    other: Target


@dataclass(frozen=True, slots=True)
class Part:
    """These two are different people."""

    one: Target
    other: Target


@dataclass(frozen=True, slots=True)
class Pause:
    """No digest before ``until``."""

    until: Until


@dataclass(frozen=True, slots=True)
class Resume:
    """End a pause."""


@dataclass(frozen=True, slots=True)
class AskMore:
    """What else is there?"""


@dataclass(frozen=True, slots=True)
class AskHelp:
    """What can be said?"""


ItemCommand: TypeAlias = MarkDone | Snooze | Refuse | AskWhy | TakeBack
DangerousCommand: TypeAlias = Forbid | Forget
PersonCommand: TypeAlias = LetRest | PlaceInCircle | SetCadence | ReportHelp | WriteNote
IdentityCommand: TypeAlias = Join | Part
ServiceCommand: TypeAlias = Pause | Resume | AskMore | AskHelp
Command: TypeAlias = (
    ItemCommand | DangerousCommand | PersonCommand | IdentityCommand | ServiceCommand
)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A line that is no command, and the command nearest to it.

    ``is_left_out`` is True for the first line beyond what one reply may hold.
    """

    line: str
    nearest: str
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a digest, as far as commands need it.

    ``identities`` holds one address for each person the item is about, in order. ``who``
    and ``why`` are the names and the reason, as the digest printed them.
    """

    key: SuggestionKey
    kind: str
    identities: tuple[Identity, ...]
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """The owner takes back the latest decision about this item, or these people."""

    key: SuggestionKey | None
    identities: tuple[Identity, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The owner wants nothing kept about this person."""

    identity: Identity
    decided_at: datetime


Decision: TypeAlias = IdentityDecision | SuggestionDecision | Undo | Forgotten


@dataclass(frozen=True, slots=True)
class Answer:
    """What the owner asked to know."""

    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What must be confirmed before it is done."""

    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a command that was understood cannot be obeyed."""

    text: str


Outcome: TypeAlias = tuple[Decision, ...] | Answer | Question | Problem | AskMore
"""``AskMore`` is handed back: composing more is the caller's."""
