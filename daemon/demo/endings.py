"""The script -> the letters and meetings that happen on purpose, put into the year."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from daemon.demo.people import OWNER, read_script
from daemon.demo.story import Correspondence, Meeting, instant

_STRICT = ConfigDict(extra="forbid")
_RECENT_DAYS = 20  # a scripted letter as recent as this ends the chance part of a story


@dataclass(frozen=True, slots=True, config=_STRICT)
class Beat:
    """A scripted letter. Without a ``subject`` it answers the last one of the two.

    ``also`` are further people it is addressed to, ``cc`` those who get a copy.
    """

    who: str
    ago: int
    at: str
    by: Literal["alter", "owner"]
    text: str
    subject: str = ""
    cc: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, config=_STRICT)
class Date:
    """A scripted meeting; ``ago`` is negative for one that is booked."""

    ago: int
    at: str
    minutes: int
    title: str
    place: str
    people: tuple[str, ...]
    declined_by: str = ""
    status: str = "CONFIRMED"
    repeats: str = ""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Script:
    """All that happens on purpose, in the order of the file."""

    letter: tuple[Beat, ...]
    event: tuple[Date, ...]


def load_script() -> Script:
    """Return what happens on purpose; a field that nothing reads is an error."""
    return TypeAdapter(Script).validate_python(tomllib.loads(read_script("endings.toml")))


def rhythm_until(script: Script, key: str) -> int:
    """Return how many days before the digest the script takes over for that person."""
    recent = [beat.ago for beat in script.letter if beat.who == key and beat.ago <= _RECENT_DAYS]
    return max(recent, default=0) + 1


def add_letters(script: Script, stories: Mapping[str, Correspondence]) -> None:
    """Write the scripted letters into the stories, in the order of the script."""
    for beat in script.letter:
        story = stories[beat.who]
        by_owner = beat.by == "owner"
        text = story.writer.sign(beat_text(beat, story), by_owner=by_owner)
        at = _instant(story, beat.ago, beat.at)
        story.write(at, by_owner=by_owner, text=text, subject=beat.subject)
        story.letters[-1] = replace(
            story.letters[-1],
            to=(*story.letters[-1].to, *(stories[key].alter.at(beat.ago) for key in beat.also)),
            cc=tuple(stories[key].alter.at(beat.ago) for key in beat.cc),
        )


def scripted_meetings(script: Script, stories: Mapping[str, Correspondence]) -> tuple[Meeting, ...]:
    """Return the scripted meetings, booked ones included, in the order of the script."""
    return tuple(_meeting(it, stories) for it in script.event)


def beat_text(beat: Beat, story: Correspondence) -> str:
    """Return what a scripted letter says, its days filled in and its first word upper case."""
    soon = story.digest_on + timedelta(days=2)
    text = beat.text.replace("{soon}", f"{soon:%A}")
    return text[0].upper() + text[1:]


def _meeting(it: Date, stories: Mapping[str, Correspondence]) -> Meeting:
    people = tuple(stories[key].alter for key in it.people)
    answers = {}
    if it.declined_by:
        who = OWNER if it.declined_by == "owner" else stories[it.declined_by].alter.at(it.ago)
        answers[who.email] = "DECLINED"
    starts_at = _instant(stories[it.people[0]], it.ago, it.at)
    return Meeting(
        starts_at, it.minutes, it.title, it.place, people, answers, it.status, it.repeats
    )


def _instant(story: Correspondence, ago: int, at: str) -> datetime:
    hour, minute = map(int, at.split(":"))
    return instant(story.digest_on - timedelta(days=ago), hour, minute)
