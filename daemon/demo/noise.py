"""The script -> mail that is contact with nobody: machines, a list, bounces, absences, spam."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from daemon.demo.letters import load_phrases, roll
from daemon.demo.mail import Letter, Place, answer
from daemon.demo.people import OWNER, Who, read_script
from daemon.demo.story import instant

_OWNER_POSTS_AGO = range(15, 60)  # days ago in which the owner takes part in the list
_BOUNCED = ("old.desk@example.com", "tmp@example.net", "k.mensa@example.com")
_MAILER = Who("Mail Delivery System", "mailer-daemon@mx.example.net")


def load_noise() -> dict[str, Any]:
    """Return the script of everything that is contact with nobody."""
    return tomllib.loads(read_script("noise.toml"))


def make_noise(seed: int, begins_on: date, digest_on: date) -> Iterator[Letter]:
    """Yield the year's mail from machines, the list and the mail system, in no order."""
    script = load_noise()
    for row in script["robot"]:
        yield from _run_robot(row, roll(seed, row["email"]), begins_on, digest_on)
    yield from _fill_board(script["board"], roll(seed, "board"), begins_on, digest_on)
    yield from _bounce(digest_on)


def be_away(letter: Letter, who: Who) -> Letter:
    """Return the machine's answer to ``letter`` while ``who`` is away.

    Source: RFC 3834 sections 3 and 5 (Auto-Submitted: auto-replied).
    """
    absence = Letter(
        letter.at + timedelta(seconds=40),
        who,
        (letter.author,),
        "",
        f"I am away until the end of the month and shall read your mail then.\n\n{who.name}\n",
        f"away.{who.email.split('@')[0]}.{letter.message_id}",
        headers=(("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")),
    )
    return replace(answer(letter, absence), subject=f"Automatic reply: {letter.subject}")


def _days(die: Random, begins_on: date, digest_on: date, every_days: float) -> Iterator[datetime]:
    ago = float((digest_on - begins_on).days)
    while ago >= 1:
        yield instant(digest_on - timedelta(days=int(ago)), die.randint(7, 19), die.randint(0, 59))
        ago -= die.expovariate(1 / every_days)


def _run_robot(
    row: dict[str, Any], die: Random, begins_on: date, digest_on: date
) -> Iterator[Letter]:
    who = Who(row["name"], row["email"])
    domain = who.email.split("@")[1]
    place = Place(row.get("place", Place.INBOX))
    headers = tuple(row["headers"].items())
    for number, at in enumerate(_days(die, begins_on, digest_on, row["every_days"]), 1000):
        n = str(die.randint(3, 9000))
        subject, text = die.choice(row["subjects"]).format(n=n), row["text"].format(n=n)
        message_id = f"robot-{number}@{domain}"
        yield Letter(
            at, who, (OWNER,), subject, f"{text}\n", message_id, place=place, headers=headers
        )


def _fill_board(
    board: dict[str, Any], die: Random, begins_on: date, digest_on: date
) -> Iterator[Letter]:
    days = _days(die, begins_on, digest_on, board["every_days"])
    opened = [at.replace(hour=die.randint(7, 9)) for at in days]  # no thread runs into the night
    recent = [at for at in opened if (digest_on - at.date()).days in _OWNER_POSTS_AGO]
    for number, at in enumerate(opened):
        yield from _board_thread(board, die, at, number, is_owners=at in recent[:2])


def _board_thread(
    board: dict[str, Any], die: Random, at: datetime, number: int, *, is_owners: bool
) -> Iterator[Letter]:
    """Yield a thread on the list; in one of the owner's, one stranger and the owner converse."""
    authors = [Who(*name) for name in die.sample(board["strangers"], die.randint(3, 6))]
    if is_owners:
        authors = [*authors[:-1], OWNER, authors[-1], OWNER]
    subject = f"[sensors] {die.choice(board['subjects'])}"
    last: Letter | None = None
    for position, author in enumerate(authors):
        letter = _post(board, die, author, at, f"list.{number}.{position}@example.net")
        letter = replace(_direct(letter, last), subject=subject)
        last = answer(last, letter) if last else letter
        yield last
        at += timedelta(minutes=die.randint(15, 90))


def _direct(letter: Letter, last: Letter | None) -> Letter:
    """Address a post: a stranger copies in the owner, the owner writes to who did so."""
    if last is None or OWNER not in (last.author, *last.cc):
        return letter
    if letter.author == OWNER:
        return replace(letter, to=(last.author,), cc=letter.to, headers=())
    return replace(letter, cc=(OWNER,))


def _post(board: dict[str, Any], die: Random, author: Who, at: datetime, name: str) -> Letter:
    reader = Who(board["name"], board["email"])
    place = die.choice(load_phrases()["places"])
    is_owners = author == OWNER
    texts = die.sample(board["owner_texts" if is_owners else "texts"], 2)
    said = " ".join(texts).format(n=die.randint(3, 40), place=place)
    listed = (("List-Id", f"{reader.name} <{reader.email.replace('@', '.')}>"),)
    return Letter(
        at,
        author,
        (reader,),
        "",
        f"{said}\n\n{author.name.split()[0]}\n",
        name,
        place=Place.SENT if is_owners else Place.INBOX,
        headers=() if is_owners else listed,
    )


def _bounce(digest_on: date) -> Iterator[Letter]:
    for number, email in enumerate(_BOUNCED):
        yield Letter(
            instant(digest_on - timedelta(days=25 + 60 * number), 9, 15),
            _MAILER,
            (OWNER,),
            "Undelivered Mail Returned to Sender",
            f"Could you check the address? Your message to {email} was not delivered.\n",
            f"bounce-{number}@mx.example.net",
            headers=(("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")),
            report=email,
        )
