"""Phrases of a language, as rules that carry their weight and their examples."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from daemon.cues.model import CueKind

_TOKEN = re.compile(r"[a-z']+|[?$({<=_]")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A phrase and what it says for (weight above 0) or against (below 0) a kind of cue.

    ``pattern`` is searched in lower-case text with straight apostrophes. ``words`` are
    such that every match holds one of them, so that most sentences cost no search.
    ``weight`` is in log-odds. ``yes`` and ``no`` are sentences that the rule does and does
    not find, and are tests.
    """

    name: str
    words: frozenset[str]
    pattern: re.Pattern[str]
    weight: float
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()

    def is_found(self, lowered: str) -> bool:
        """Whether the rule finds its phrase in ``lowered``, by its words and its pattern."""
        is_likely = not self.words.isdisjoint(tokenise(lowered))
        return is_likely and self.pattern.search(lowered) is not None


@dataclass(frozen=True, slots=True)
class Weighed:
    """How sure a kind's rules are of one sentence, in [0, 1], and where its phrase starts."""

    confidence: float
    at: int


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
            for kind, rule in self.index.get(word, ()):
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
        if rule.weight > 0.0
        for word in rule.words
    )
    return Pack(code, rules, {word: tuple(entries) for word, entries in index.items()}, openers)


def weigh(lowered: str, rules: Sequence[Rule], bias: float = 0.0) -> Weighed | None:
    """Return how sure ``rules`` are of a sentence, or None where nothing speaks for it.

    The weights of all rules found are added to ``bias`` and turned into a probability by
    the logistic function: evidence for and against adds up in log-odds, as in naive Bayes.
    """
    total, best, at = bias, 0.0, 0
    for rule in rules:
        if rule.weight <= 0.0:
            continue
        found = rule.pattern.search(lowered)
        if found is not None:
            total += rule.weight
            best, at = max((best, at), (rule.weight, found.start()))
    if best == 0.0:
        return None
    total += sum(rule.weight for rule in rules if rule.weight < 0.0 and rule.pattern.search(lowered))
    return Weighed(round(1.0 / (1.0 + exp(-total)), 3), at)


def rule(
    name: str,
    words: str,
    pattern: str,
    weight: float,
    yes: Sequence[str],
    no: Sequence[str] = (),
) -> Rule:
    """Build a rule; ``words`` are separated by white space."""
    return Rule(name, frozenset(words.split()), re.compile(pattern), weight, tuple(yes), tuple(no))
