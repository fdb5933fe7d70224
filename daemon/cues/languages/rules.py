"""Phrases of a language, as rules that carry their weight and their examples."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase and what it says for (weight above 0) or against (below 0) a kind of cue.

    ``pattern`` is searched in lower-case text with straight apostrophes; ``needles`` are
    substrings of which each match holds one, so that most sentences cost no search.
    ``weight`` is in log-odds. ``yes`` and ``no`` are sentences that the pattern does and
    does not match, and are tests.
    """

    name: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    weight: float
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()

    def find(self, lowered: str) -> re.Match[str] | None:
        """Return where ``lowered`` holds the phrase, or None."""
        for needle in self.needles:
            if needle in lowered:
                return self.pattern.search(lowered)
        return None


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is known of one language. A kind's rules add up, from its bias, in log-odds."""

    code: str
    asks: tuple[Rule, ...]
    promises: tuple[Rule, ...]
    thanks: tuple[Rule, ...]
    good_news: tuple[Rule, ...]
    hard_news: tuple[Rule, ...]
    seeks: tuple[Rule, ...]
    offers: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """How sure a kind's rules are of one sentence, in [0, 1], and where its phrase starts."""

    confidence: float
    at: int


def weigh(lowered: str, rules: Sequence[Rule]) -> Weighed | None:
    """Return how sure ``rules`` are of a sentence, or None where nothing speaks for it.

    The weights of all rules found are added and turned into a probability by the logistic
    function: evidence for and against adds up in log-odds, as in naive Bayes.
    """
    total, best, at = 0.0, 0.0, 0
    for rule in rules:
        found = rule.find(lowered)
        if found is None:
            continue
        total += rule.weight
        if rule.weight > best:
            best, at = rule.weight, found.start()
    if best <= 0.0:
        return None
    return Weighed(round(1.0 / (1.0 + exp(-total)), 3), at)


def narrow(lowered: str, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules of which ``lowered``, a whole text, holds a needle.

    Empty where no rule that speaks *for* the kind is left.
    """
    left = tuple(rule for rule in rules if any(needle in lowered for needle in rule.needles))
    return left if any(rule.weight > 0.0 for rule in left) else ()


def rule(
    name: str,
    needles: str,
    pattern: str,
    weight: float,
    yes: Sequence[str],
    no: Sequence[str] = (),
) -> Rule:
    """Build a rule; ``needles`` are separated by a vertical bar."""
    return Rule(name, tuple(needles.split("|")), re.compile(pattern), weight, tuple(yes), tuple(no))
