"""Phrases of a language, as rules that carry their weight and their examples."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp

from daemon.cues.model import CueKind

_TOKEN = re.compile(r"[a-z']+|[?$({<=_]")


@cache
def _compile(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A phrase and what it says for (weight above 0) or against (below 0) a kind of cue.

    ``expression`` is searched in lower-case text with straight apostrophes. ``words`` are
    such that every match holds one of them, so that most sentences cost no search.
    ``weight`` is in log-odds; a rule that does not stand alone only adds to others.
    ``yes`` and ``no`` are sentences that the rule does and does not find, and are tests.
    """

    name: str
    words: frozenset[str]
    expression: str
    weight: float
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()
    stands_alone: bool = True

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression: only when it is first needed, for a quick start."""
        return _compile(self.expression)

    def is_found(self, lowered: str) -> bool:
        """Whether the rule finds its phrase in ``lowered``, by its words and its pattern."""
        is_likely = not self.words.isdisjoint(tokenise(lowered))
        return is_likely and self.pattern.search(lowered) is not None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a kind's rules say of one sentence, in log-odds, and where its phrase starts."""

    log_odds: float
    at: int

    @property
    def confidence(self) -> float:
        """How sure that is, in [0, 1], to three places."""
        return round(1.0 / (1.0 + exp(-self.log_odds)), 3)

    def shifted(self, by: float) -> "Weighed":
        """Return the same with ``by`` added to its log-odds."""
        return Weighed(self.log_odds + by, self.at)


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is known of one language: the rules of each kind, and an index to them by word."""

    code: str
    rules: Mapping[CueKind, tuple[Rule, ...]]
    index: Mapping[str, tuple[tuple[CueKind, Rule], ...]]
    openers: frozenset[str]  # words of the rules that speak for a kind

    def candidates(self, lowered: str) -> dict[CueKind, list[Rule]]:
        """Return, for each kind that a sentence may be, the rules that may find something."""
        words = tokenise(lowered)
        found: dict[CueKind, list[Rule]] = {}
        if self.openers.isdisjoint(words):
            return found
        seen: set[Rule] = set()
        for word in words:
            if entries := self.index.get(word):
                for kind, rule in entries:
                    if rule not in seen:
                        seen.add(rule)
                        found.setdefault(kind, []).append(rule)
        return found


def tokenise(lowered: str) -> list[str]:
    """Return the words of lower-case text, and the signs that rules look for, in order."""
    return _TOKEN.findall(lowered)


def build_pack(code: str, rules: Mapping[CueKind, tuple[Rule, ...]]) -> Pack:
    """Return a pack with its index; rules that speak for a kind come before those against."""
    index: dict[str, list[tuple[CueKind, Rule]]] = {}
    for kind, of_kind in rules.items():
        for rule in of_kind:
            for word in sorted(rule.words):
                index.setdefault(word, []).append((kind, rule))
    openers = frozenset(
        word
        for of_kind in rules.values()
        for rule in of_kind
        if rule.weight > 0.0 and rule.stands_alone
        for word in rule.words
    )
    return Pack(code, rules, {word: tuple(entries) for word, entries in index.items()}, openers)


def weigh(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return what ``rules`` say of a sentence, or None where nothing speaks for it.

    The weights of all rules found are added: evidence for and against adds up in log-odds,
    as in naive Bayes, and the logistic function makes a probability of the sum.
    """
    total, best, at = 0.0, 0.0, 0
    for rule in rules:
        if rule.weight > 0.0 and rule.stands_alone and (found := rule.pattern.search(lowered)):
            total += rule.weight
            if rule.weight > best:
                best, at = rule.weight, found.start()
    if best == 0.0:
        return None
    for rule in rules:
        if (rule.weight < 0.0 or not rule.stands_alone) and rule.pattern.search(lowered):
            total += rule.weight
    return Weighed(total, at)


def rule(
    name: str,
    words: str,
    pattern: str,
    weight: float,
    yes: Sequence[str],
    no: Sequence[str] = (),
    *,
    stands_alone: bool = True,
) -> Rule:
    """Build a rule; ``words`` are separated by white space."""
    return Rule(
        name,
        frozenset(words.split()),
        pattern,
        weight,
        tuple(yes),
        tuple(no),
        stands_alone,
    )
