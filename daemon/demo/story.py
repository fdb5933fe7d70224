"""A person of the cast -> the letters and meetings of their year with the owner."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import log
from random import Random
from zoneinfo import ZoneInfo

from daemon.demo.letters import Writer, roll
from daemon.demo.mail import Letter, Place, answer
from daemon.demo.people import Alter, Truth

ZONE = ZoneInfo("Europe/Berlin")
"""Where the owner lives. Nobody writes so late or early that another zone has another day."""

_KNOWN_BEFORE = 380  # days ago: who was known then did not all begin on the same day
_P_ANSWERED_AT_ONCE = 0.72
_P_THREAD_GOES_ON = 0.35
_P_ASKS = 0.45


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the owner with some people. ``answers`` are PARTSTAT by address."""

    starts_at: datetime
    minutes: int
    title: str
    place: str
    people: tuple[Alter, ...]
    answers: dict[str, str] = field(default_factory=dict)
    status: str = "CONFIRMED"
    repeats: str = ""


@dataclass
class Correspondence:
    """All between the owner and one person, in the order of time."""

    alter: Alter
    digest_on: date
    writer: Writer
    die: Random
    letters: list[Letter] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)

    def write(self, at: datetime, *, by_owner: bool, text: str, subject: str = "") -> None:
        """Add a letter: a new thread with a ``subject``, an answer to the last one without."""
        alter = self.alter
        then = alter.at((self.digest_on - at.date()).days)
        message_id = f"{alter.key}.{len(self.letters)}.{at:%y%m%d%H%M}@{then.email.split('@')[1]}"
        owner = alter.knows_owner_as
        author, reader = (owner, then) if by_owner else (then, owner)
        place = Place.SENT if by_owner else Place.INBOX
        letter = Letter(at, author, (reader,), subject, text, message_id, place=place)
        self.letters.append(letter if subject else answer(self.letters[-1], letter))

    def is_owners_turn(self) -> bool:
        """Return whether the other side wrote the last letter."""
        return bool(self.letters) and self.letters[-1].place is not Place.SENT


def correspond(alter: Alter, seed: int, digest_on: date, rhythm_until: int) -> Correspondence:
    """Return the year with ``alter`` as chance has it, without what is scripted.

    Gaps are lognormal. ``rhythm_until`` is how many days before the digest the rhythm
    leaves the stage to the script; who ended earlier ends earlier.

    Source: design notes, decay model (gaps between days of contact are lognormal).
    """
    die = roll(seed, alter.key)
    story = Correspondence(alter, digest_on, Writer(alter, die), die)
    if alter.truth is not Truth.NEW:
        days = _contact_days(alter, die, digest_on, rhythm_until)
        _fill_days(story, days)
    return story


def instant(on: date, hour: int, minute: int) -> datetime:
    """Return that time of day where the owner lives."""
    return datetime.combine(on, time(hour, minute), ZONE)


def _contact_days(alter: Alter, die: Random, digest_on: date, until: int) -> list[date]:
    ago = alter.begins - (die.randint(0, 18) if alter.begins > _KNOWN_BEFORE else 0)
    stop = alter.ended or until
    counted = []
    while ago >= stop:
        counted.append(ago)
        ago -= max(1, round(die.lognormvariate(log(alter.gap_days), alter.log_sd)))
    if alter.ended and counted[-1] != alter.ended:
        counted.append(alter.ended)
    return [digest_on - timedelta(days=ago) for ago in counted]


def _fill_days(story: Correspondence, days: list[date]) -> None:
    for position, day in enumerate(days):
        is_edge = position in (0, len(days) - 1)
        if not is_edge and story.die.random() < story.alter.meets:
            _meet(story, day)
        elif _goes_on(story, day):
            by_owner = story.is_owners_turn()
            text = story.writer.answer_letter(by_owner=by_owner, asked=False)
            story.write(_at(story.die, day, 9), by_owner=by_owner, text=text)
        else:
            _hold_thread(story, day)


def _goes_on(story: Correspondence, day: date) -> bool:
    """Return whether the last thread goes on today, rather than a new one beginning."""
    if not story.letters or (day - story.letters[-1].at.date()).days > 6:
        return False
    return story.die.random() < _P_THREAD_GOES_ON


def _hold_thread(story: Correspondence, day: date) -> None:
    """Write a new thread of one to four letters, all on one day, every question answered."""
    die, writer = story.die, story.writer
    by_owner = story.is_owners_turn() if story.letters else die.random() < 0.5
    is_answered = die.random() < _P_ANSWERED_AT_ONCE
    asks = is_answered and die.random() < _P_ASKS
    writer.choose_topic()
    text = writer.open_letter(by_owner=by_owner, asks=asks)
    story.write(_at(die, day, 8), by_owner=by_owner, text=text, subject=writer.subject())
    if not is_answered:
        return
    by_owner = not by_owner
    text = writer.answer_letter(by_owner=by_owner, asked=asks)
    story.write(_at(die, day, 12), by_owner=by_owner, text=text)
    for hour, by_owner, text in _afterwards(story):
        story.write(_at(die, day, hour), by_owner=by_owner, text=text)


def _afterwards(story: Correspondence) -> Iterator[tuple[int, bool, str]]:
    """Yield the hour, side and text of what follows an answer, most often nothing."""
    die, writer, turn = story.die, story.writer, story.is_owners_turn()
    chance = die.random()
    if chance < 0.22:
        yield 15, turn, writer.acknowledge(by_owner=turn)
    elif chance < 0.27 and turn:
        promise, kept = writer.promise_and_keep()
        yield 15, True, promise
        yield 18, True, kept
    elif chance < 0.32:
        yield 16, turn, writer.give(by_owner=turn)


def _meet(story: Correspondence, day: date) -> None:
    die, alter = story.die, story.alter
    title = die.choice(("Coffee with {}", "Lunch with {}", "{} and Robin", "Walk with {}"))
    place = die.choice(("Quay 4", "Cafe Ahoi", "Lab, room 2", "Video call"))
    starts_at = instant(day, die.choice((9, 11, 13, 15)), die.choice((0, 30)))
    story.meetings.append(Meeting(starts_at, 60, title.format(alter.first_name), place, (alter,)))


def _at(die: Random, day: date, hour: int) -> datetime:
    return instant(day, hour + die.randint(0, 2), die.randint(0, 59))
