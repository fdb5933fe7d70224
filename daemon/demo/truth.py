"""What the generator did with each tie -> the file a test holds the product against."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from daemon.demo.mail import Letter
from daemon.demo.noise import load_noise
from daemon.demo.people import OWNER, OWNER_ALIAS, Alter, Truth, Who
from daemon.demo.story import Correspondence, Meeting

_DIRECT = 10  # a letter to more people than this is contact with none of them
_SMALL = 8  # a meeting of more people likewise
_MET = "one exchange beside the list"
_NEVER = "a machine, a list, or somebody the owner never wrote to"


def write_truth(
    path: Path,
    stories: Mapping[str, Correspondence],
    meetings: Iterable[Meeting],
    others: Iterable[Letter],
    digest_on: date,
) -> None:
    """Write what is true of everybody, as a list of objects, the people of the cast first.

    Each has ``address``, ``addresses``, ``name``, ``truth``, ``typical_gap_days`` (the
    median of the law its gaps were drawn from, None for no rhythm), ``last_on`` (the last
    day of direct contact, in either direction) and ``why``.
    """
    last_on = _last_days(stories, meetings, digest_on)
    rows = [_row(story.alter, last_on[key]) for key, story in stories.items()]
    known = {email for row in rows for email in row["addresses"]}
    path.write_text(
        json.dumps([*rows, *_strangers(others, known)], indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


def _last_days(
    stories: Mapping[str, Correspondence], meetings: Iterable[Meeting], digest_on: date
) -> dict[str, date]:
    holder = {email: key for key, story in stories.items() for email in story.alter.emails}
    days: dict[str, list[date]] = {key: [] for key in stories}
    for letter in (it for story in stories.values() for it in story.letters):
        around = (letter.author, *letter.to) if len(letter.to) <= _DIRECT else ()
        for key in {holder[who.email] for who in around if who.email in holder}:
            days[key].append(letter.at.date())
    for meeting in (it for it in meetings if _took_place(it, digest_on)):
        for alter in meeting.people:
            days[alter.key].append(meeting.starts_at.date())
    return {key: max(found) for key, found in days.items()}


def _took_place(meeting: Meeting, digest_on: date) -> bool:
    return (
        meeting.starts_at.date() < digest_on
        and not meeting.answers
        and meeting.status == "CONFIRMED"
        and len(meeting.people) < _SMALL
    )


def _row(alter: Alter, last_on: date) -> dict[str, Any]:
    return {
        "address": alter.emails[0],
        "addresses": list(alter.emails),
        "name": alter.name,
        "truth": alter.truth,
        "typical_gap_days": None if alter.truth is Truth.NEW else alter.gap_days,
        "last_on": last_on.isoformat(),
        "why": alter.why,
    }


def _strangers(letters: Iterable[Letter], known: set[str]) -> Iterator[dict[str, Any]]:
    """Yield a row for every other address: machines, the list, those who write to it."""
    met: dict[Who, date] = {}
    seen: set[Who] = set()
    for letter in letters:
        is_owners = letter.author == OWNER
        seen |= {letter.author, *letter.to}
        met |= {who: letter.at.date() for who in letter.to if is_owners}
    board = load_noise()["board"]["email"]
    for who in sorted(seen, key=lambda it: it.email):
        if who.email not in known | {OWNER.email, OWNER_ALIAS.email}:
            is_met = who in met and who.email != board
            yield {
                "address": who.email,
                "addresses": [who.email],
                "name": who.name,
                "truth": Truth.NEW if is_met else Truth.NEVER,
                "typical_gap_days": None,
                "last_on": met[who].isoformat() if is_met else None,
                "why": _MET if is_met else _NEVER,
            }
