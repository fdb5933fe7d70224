"""A person's topics and a die -> the text of a letter, no two the same."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from daemon.demo.people import OWNER, Alter, read_script

Topic = Mapping[str, list[str]]


@cache
def load_topics() -> Mapping[str, Topic]:
    """Return what is said about each topic, by its name."""
    return tomllib.loads(read_script("topics.toml"))


@cache
def load_phrases() -> Mapping[str, list[str]]:
    """Return what is said around the matter, by its place in a letter."""
    return tomllib.loads(read_script("phrases.toml"))


def roll(seed: int, name: str) -> Random:
    """Return a die of its own for ``name``: adding a person changes no other's letters."""
    return Random(f"{seed}:{name}")  # noqa: S311  # a made-up year needs no secret numbers


@dataclass
class Deck:
    """Cards drawn without repetition until all are used, then shuffled anew."""

    die: Random
    rest: dict[int, list[str]] = field(default_factory=dict)

    def draw(self, cards: Sequence[str]) -> str:
        """Return the next of ``cards``; the same list is the same pile."""
        pile = self.rest.setdefault(id(cards), [])
        if not pile:
            pile.extend(self.die.sample(cards, len(cards)))
        return pile.pop()


class Writer:
    """Writes the letters between the owner and one person."""

    def __init__(self, alter: Alter, die: Random) -> None:
        self._alter, self._die, self._deck = alter, die, Deck(die)
        self._topic = alter.topics[0]

    def choose_topic(self) -> None:
        """Turn to one of the person's topics for the next thread, most often the first."""
        weights = range(len(self._alter.topics) + 1, 1, -1)
        (self._topic,) = self._die.choices(self._alter.topics, weights)

    def subject(self) -> str:
        """Return what the next thread is called."""
        return self._fill(self._of_topic("subjects"))

    def open_letter(self, *, by_owner: bool, asks: bool) -> str:
        """Return a letter that begins a thread; with ``asks`` it wants an answer."""
        parts = [self._say("openings"), *self._matter(by_owner, 2)]
        if self._die.random() < 0.6:
            parts.append(self._say("asides"))
        if asks:
            parts.append(self._ask(by_owner))
        return self._lay_out(parts, by_owner)

    def answer_letter(self, *, by_owner: bool, asked: bool) -> str:
        """Return a letter that answers one, and its question if it ``asked`` one."""
        parts = [self._say("answers")] if asked else []
        parts += [self._say("reactions"), *self._matter(by_owner, 1), self._say("asides")]
        return self._lay_out(parts, by_owner)

    def acknowledge(self, *, by_owner: bool) -> str:
        """Return the short letter that closes a thread."""
        parts = [self._say("acknowledgements"), self._say("asides"), *self._matter(by_owner, 1)]
        return self._lay_out(parts, by_owner)

    def promise_and_keep(self) -> tuple[str, str]:
        """Return the owner's letter that promises something, and the one that brings it."""
        thing = self._say("things")
        promise = self._say("promises", thing=thing)
        kept = self._say("fulfilments", thing=thing, link=self._link())
        parts = [self._say("reactions"), *self._matter(True, 1), promise]
        return self._lay_out(parts, True), self._lay_out([kept, self._say("asides")], True)

    def give(self, *, by_owner: bool) -> str:
        """Return a letter that brings a link for no reason but that it fits."""
        parts = [self._say("reactions"), self._say("gifts", link=self._link())]
        return self._lay_out([*parts, *self._matter(by_owner, 1)], by_owner)

    def sign(self, text: str, *, by_owner: bool) -> str:
        """Return a letter of the plain ``text``, with a greeting and a signature."""
        return self._lay_out([text], by_owner)

    def _matter(self, by_owner: bool, n_facts: int) -> list[str]:
        kind = "notes" if by_owner else "facts"
        return [self._fill(self._of_topic(kind)) for _ in range(n_facts)]

    def _ask(self, by_owner: bool) -> str:
        if by_owner:
            return self._say("owner_questions")
        return self._fill(self._of_topic("questions"))

    def _of_topic(self, kind: str) -> str:
        return self._deck.draw(load_topics()[self._topic][kind])

    def _say(self, kind: str, **slots: str) -> str:
        return self._fill(self._deck.draw(load_phrases()[kind]), **slots)

    def _link(self) -> str:
        slug = self._die.choice(load_topics()[self._topic]["phrases"]).replace(" ", "-")
        return f"https://www.example.org/{slug.lower()}/{self._die.randint(100, 999)}"

    def _fill(self, text: str, **slots: str) -> str:
        if "{" not in text:
            return text
        phrases, die = load_phrases(), self._die
        return text.format(
            **slots,
            n=die.randint(3, 40),
            pct=die.randint(61, 96),
            place=die.choice(phrases["places"]),
            day=die.choice(phrases["weekdays"]),
            phrase=die.choice(load_topics()[self._topic]["phrases"]),
        )

    def _lay_out(self, parts: Sequence[str], by_owner: bool) -> str:
        phrases, alter = load_phrases(), self._alter
        reader, author = (alter.name, OWNER.name) if by_owner else (OWNER.name, alter.name)
        greeting = self._deck.draw(phrases["greetings"]).format(first=reader.split()[0])
        closing = self._deck.draw(phrases["closings"])
        role = "Harbour and grid lab" if by_owner else alter.role
        middle = (len(parts) + 1) // 2
        paragraphs = [" ".join(parts[:middle]), " ".join(parts[middle:])]
        body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        first = author.split()[0]
        return (
            f"{greeting}\n\n{body}\n\n{closing}\n{first}\n\n-- \n{author}\n{role}".rstrip() + "\n"
        )
