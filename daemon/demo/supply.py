"""The script -> what the owner receives and could pass on: newsletters and feeds."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from random import Random
from typing import Any

from daemon.demo.letters import Deck, load_phrases, load_topics, roll
from daemon.demo.mail import Letter
from daemon.demo.people import OWNER, Who, read_script
from daemon.demo.story import instant

_N_LINKS = range(5, 10)
_N_ARTICLES = 14
_SHARE_ELSEWHERE = 0.6


@dataclass(frozen=True, slots=True)
class Piece:
    """An article somewhere on the net: what could be given to somebody."""

    title: str
    url: str
    sentence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed and its articles, newest first. ``kind`` is "rss" or "atom"."""

    file: str
    kind: str
    name: str
    site: str
    pieces: tuple[Piece, ...]


class Press:
    """Writes articles for one newsletter or feed."""

    def __init__(self, seed: int, row: dict[str, Any]) -> None:
        self._script = tomllib.loads(read_script("supply.toml"))
        self._die = roll(seed, row["name"])
        self._deck = Deck(self._die)
        self._topics: list[str] = row["topics"]
        self._names = {row["name"], row.get("file", "")}
        self._site: str = row.get("site") or f"https://{row['email'].split('@')[1]}"

    @property
    def die(self) -> Random:
        """The die of this press."""
        return self._die

    def placed(self, digest_on: date, between: tuple[int, int]) -> Iterator[Piece]:
        """Yield the articles placed here by hand, ``between`` so many days ago (exclusive)."""
        newest, oldest = between
        for row in self._script["article"]:
            if row["in"] in self._names and newest <= row["ago"] < oldest:
                at = instant(digest_on - timedelta(days=row["ago"]), 6, 30)
                yield self._piece(row["title"], row["sentence"], at)

    def write(self, at: datetime) -> Piece:
        """Return an article of no special use, most often about what nobody here needs."""
        is_elsewhere = self._die.random() < _SHARE_ELSEWHERE
        topic = load_topics()[self._die.choice(self._topics)]
        about = self._deck.draw(self._script["elsewhere"] if is_elsewhere else topic["phrases"])
        place = self._die.choice(load_phrases()["places"])
        angle = self._deck.draw(self._script["angles"])
        title = f"{about}: {angle.format(n=self._die.randint(3, 60), place=place)}"
        sentence = f"A closer look at {about}, with figures from {place} and an honest conclusion."
        return self._piece(title[0].upper() + title[1:], sentence, at)

    def _piece(self, title: str, sentence: str, at: datetime) -> Piece:
        slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
        return Piece(title, f"{self._site}/{at:%Y/%m/%d}/{slug}", sentence, at)


def print_newsletters(seed: int, begins_on: date, digest_on: date) -> Iterator[Letter]:
    """Yield the issues of all newsletters from ``begins_on`` to the eve of the digest."""
    for row in tomllib.loads(read_script("supply.toml"))["newsletter"]:
        press = Press(seed, row)
        on = digest_on - timedelta(days=(digest_on.weekday() - row["weekday"]) % 7 or 7)
        number = 400
        while on >= begins_on:
            yield _issue(row, press, on, number, digest_on)
            on, number = on - timedelta(days=row["every"]), number - 1


def print_feeds(seed: int, digest_on: date) -> tuple[Channel, ...]:
    """Return the feeds as they stand on the day of the digest."""
    rows = tomllib.loads(read_script("supply.toml"))["feed"]
    return tuple(_channel(row, Press(seed, row), digest_on) for row in rows)


def _channel(row: dict[str, Any], press: Press, digest_on: date) -> Channel:
    ages = press.die.sample(range(2, 90), _N_ARTICLES - 2)
    written = [press.write(instant(digest_on - timedelta(days=ago), 7, 0)) for ago in ages]
    pieces = [*press.placed(digest_on, (0, 90)), *written]
    newest_first = sorted(pieces, key=lambda piece: (piece.at, piece.url), reverse=True)
    return Channel(row["file"], row["kind"], row["name"], row["site"], tuple(newest_first))


def _issue(row: dict[str, Any], press: Press, on: date, number: int, digest_on: date) -> Letter:
    at = instant(on, 6, press.die.randint(0, 59))
    ago = (digest_on - on).days
    pieces = [*press.placed(digest_on, (ago, ago + 1))]
    pieces += [press.write(at) for _ in range(press.die.choice(_N_LINKS) - len(pieces))]
    host = row["email"].split("@")[1]
    leave = f"https://{host}/unsubscribe?token={press.die.getrandbits(48):012x}"
    return Letter(
        at,
        Who(row["name"], row["email"]),
        (OWNER,),
        f"{row['name']} #{number}: {pieces[0].title}",
        _as_text(row["name"], pieces, leave),
        f"issue-{number}@{host}",
        headers=(
            ("List-Id", f"{row['name']} <{host}>"),
            ("List-Unsubscribe", f"<{leave}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Precedence", "bulk"),
        ),
        html=_as_html(row["name"], pieces, leave),
    )


def _as_text(name: str, pieces: Iterable[Piece], leave: str) -> str:
    items = "\n\n".join(f"{it.title}\n{it.sentence}\n{it.url}" for it in pieces)
    return f"{name}\n\n{items}\n\nYou get this because you signed up. Unsubscribe: {leave}\n"


def _as_html(name: str, pieces: Iterable[Piece], leave: str) -> str:
    items = "\n".join(
        f'<h3><a href="{escape(it.url)}">{escape(it.title)}</a></h3>\n<p>{escape(it.sentence)}</p>'
        for it in pieces
    )
    return (
        f"<html><body><h1>{escape(name)}</h1>\n{items}\n"
        f'<p><a href="{escape(leave)}">Unsubscribe</a></p>\n</body></html>\n'
    )
