"""A suggestion: something of value the ego could give, and all it may be drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import NewType, Protocol, TypeAlias

from connectors.observations import Birthday
from daemon.cues.model import CueKind
from daemon.people.model import Identity, Person, PersonId
from daemon.ties.model import Tie

SuggestionKey = NewType("SuggestionKey", str)
"""Names one thing to do for good: the same facts on another day give the same key."""


class Value(StrEnum):
    """What a suggestion gives: one of the three, or help."""

    INFORMATION = "information"
    CONNECTION = "connection"
    ENTERTAINMENT = "entertainment"
    HELP = "help"


class Way(StrEnum):
    """Which way the value goes."""

    GIVE = "give"
    RECEIVE = "receive"


class Lane(StrEnum):
    """Under which heading of the digest a suggestion stands."""

    OWE = "owe"
    BRING = "bring"
    STAY_CLOSE = "stay-close"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An observation a suggestion stands on. ``quote`` is words that were really said."""

    source: str
    uid: str
    at: datetime
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Words to start from, opened in the owner's own mail program, never sent by kithd."""

    to: tuple[Identity, ...]
    subject: str
    body: str
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do. ``fit`` is in [0, 1]; ``minutes`` is at least 1.

    ``url`` is the address of what is given, so that it is not offered to them again.
    """

    key: SuggestionKey
    kind: str
    value: Value
    way: Way
    lane: Lane
    people: tuple[PersonId, ...]
    action: str
    why: str
    evidence: tuple[Evidence, ...]
    minutes: int
    fit: float
    draft: Draft | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A cue in its place: who said it to whom, where and when.

    ``by_ego`` is True when the ego said it. ``person`` is the other side.
    ``is_to_ego`` is False where the ego only got a copy of it. ``answered_at`` is when the
    side that was asked (for a promise: that promised) next wrote in the same thread;
    ``written_since_at`` when the ego next wrote to that person anywhere.
    """

    kind: CueKind
    person: PersonId
    by_ego: bool
    sentence: str
    confidence: float
    due_on: date | None
    source: str
    uid: str
    thread: str
    subject: str
    message_id: str | None
    at: datetime
    n_recipients: int
    answered_at: datetime | None
    written_since_at: datetime | None
    is_to_ego: bool = True


@dataclass(frozen=True, slots=True)
class Offering:
    """Something that could be given: an article, with the words it can be matched by.

    ``origin`` says in plain words where it came from ("the Grid Storage newsletter").
    ``shared_with`` holds the people who sent, received or were offered it already.
    """

    url: str
    title: str
    terms: Mapping[str, int]
    origin: str
    received_at: datetime
    source: str
    uid: str
    shared_with: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class Topic:
    """What a person cares about: a normalised term, its weight, and where it came up.

    ``weight`` is at least 0 and already decayed (half-life a year). ``n_threads`` is the
    number of threads with this person in which the term came up, ``last_at`` the last.
    """

    term: str
    weight: float
    n_threads: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting with a person, past or booked."""

    person: PersonId
    starts_at: datetime
    summary: str
    n_attendees: int
    source: str
    uid: str


@dataclass(frozen=True, slots=True)
class Encounter:
    """The first contact with a person, and whether the ego wrote since.

    ``channel`` is "email" or "meeting". ``wrote_since_at`` is the first time the ego
    wrote to them after it, None if never.
    """

    person: PersonId
    at: datetime
    channel: str
    summary: str
    n_attendees: int
    source: str
    uid: str
    wrote_since_at: datetime | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """A birthday out of an address book or a calendar."""

    person: PersonId
    birthday: Birthday
    source: str
    uid: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A suggestion that stood in an earlier digest. ``is_used`` once it was acted on."""

    key: SuggestionKey
    kind: str
    people: tuple[PersonId, ...]
    offered_on: date


@dataclass(frozen=True, slots=True)
class Done:
    """The owner did it."""

    key: SuggestionKey
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Not before ``until``."""

    key: SuggestionKey
    until: date
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class NotThis:
    """The owner does not want this one, nor its kind for the same person for a while."""

    key: SuggestionKey
    kind: str
    identity: Identity
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """No suggestions about this person, for good."""

    identity: Identity
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Let this tie rest: never flag it until contact resumes by itself."""

    identity: Identity
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Circle:
    """How close the owner wants this person: "close", "regular" or "wide"."""

    identity: Identity
    circle: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Cadence:
    """The gaps in days the owner wants with this person; None is a gap not spoken of."""

    identity: Identity
    longest_days: int | None
    decided_at: datetime
    ideal_days: int | None = None


@dataclass(frozen=True, slots=True)
class Helped:
    """An act of help the owner reports. ``given`` is True when the ego gave it."""

    identity: Identity
    given: bool
    what: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """Something the owner wants to remember about a person."""

    identity: Identity
    text: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    """No digests before ``until``; None ends a pause."""

    until: date | None
    decided_at: datetime


SuggestionDecision: TypeAlias = (
    Done | Snoozed | NotThis | Never | Rest | Circle | Cadence | Helped | Note | Paused
)


@dataclass(frozen=True, slots=True)
class Gaps:
    """How often the owner wants contact, in days; None where nothing was said.

    From ``ideal_days`` of silence on a gift is welcome; at ``longest_days`` the tie is
    flagged, whatever the forecast. ``circle`` is whose gaps these are, empty for a
    person's own.
    """

    ideal_days: int | None = None
    longest_days: int | None = None
    circle: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The owner's settings that choosing obeys; durations in days.

    ``workdays`` are weekdays, Monday being 0. ``circles`` holds the gaps of those circles
    that have some.
    """

    budget: int = 5
    person_cooldown_days: int = 14
    refused_cooldown_days: int = 30
    kind_cooldown_days: int = 7
    quick_minutes: int = 2
    reply_after_workdays: int = 2
    owe_days: int = 30
    promise_after_days: int = 3
    follow_up_days: int = 14
    follow_up_max_attendees: int = 8
    flags_per_week: int = 3
    shelf_days: int = 45
    min_match: float = 0.35
    workdays: frozenset[int] = frozenset(range(5))
    circles: Mapping[str, Gaps] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a suggestion may look at: one immutable snapshot, nothing after ``at``.

    ``at`` is in UTC, ``today`` the owner's local date. Mappings are keyed by person.
    ``usual_reply_days`` is the median of the owner's own reply times, in days.
    ``observed_since`` is the day of the earliest observation: what seems to begin there
    may be older. ``zone`` is where the owner's days begin. ``ego_names`` are the names by
    which others know the ego. ``reach`` holds the address each person used last; without
    one, the person's id stands. ``last_letters`` holds the last contact with those who fade,
    its subject as the quote.
    """

    at: datetime
    today: date
    people: Mapping[PersonId, Person]
    ties: Mapping[PersonId, Tie]
    spoken: tuple[Spoken, ...] = ()
    offerings: tuple[Offering, ...] = ()
    topics: Mapping[PersonId, tuple[Topic, ...]] = field(default_factory=dict)
    term_people: Mapping[str, int] = field(default_factory=dict)
    encounters: tuple[Encounter, ...] = ()
    booked: tuple[Meeting, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    offered: tuple[Offered, ...] = ()
    decisions: tuple[SuggestionDecision, ...] = ()
    unanswered: Mapping[PersonId, int] = field(default_factory=dict)
    usual_reply_days: float | None = None
    observed_since: date | None = None
    rules: Rules = Rules()
    zone: tzinfo = UTC
    ego_names: frozenset[str] = frozenset()
    reach: Mapping[PersonId, Identity] = field(default_factory=dict)
    last_letters: Mapping[PersonId, Evidence] = field(default_factory=dict)


class Kind(Protocol):
    """One kind of suggestion: a pure function from the situation to candidates."""

    def __call__(self, situation: Situation, /) -> tuple[Suggestion, ...]: ...
