"""A cue: one sentence that says something a suggestion can stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class CueKind(StrEnum):
    """What a sentence does."""

    ASK = "ask"  # asks the reader to do or tell something
    PROMISE = "promise"  # the writer commits to do something for the reader
    SEEKS = "seeks"  # looks for a person, a thing, a recommendation
    OFFERS = "offers"  # offers help, or says what the writer has or knows
    THANKS = "thanks"
    GOOD_NEWS = "good-news"
    HARD_NEWS = "hard-news"


@dataclass(frozen=True, slots=True)
class Cue:
    """What one sentence does. ``sentence`` is at most 240 characters, the only text kept.

    ``confidence`` is in [0, 1]. ``due_on`` is the day the sentence names, in the writer's
    words resolved against the day it was written, if it names one.
    """

    kind: CueKind
    sentence: str
    confidence: float = 1.0
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """All that is kept of what one message said.

    ``terms`` maps at most 24 normalised key words to their count in the new text.
    """

    cues: tuple[Cue, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    language: str = "en"
