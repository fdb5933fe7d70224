"""Turns offerings and what people care about into how well each piece fits each person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp2, fsum, log

from daemon.people.model import PersonId
from daemon.suggestions.model import Offering, Situation, Topic

K1, B = 1.2, 0.75
"""Term saturation and length normalisation.

Source: Robertson and Zaragoza (2009), The Probabilistic Relevance Framework, section 3.
"""

GENERIC_RARITY = 0.3
"""A term less rare sets nobody apart: with 300 people, one that 60 of them use."""

VERY_RARE = 0.75
"""A single word this rare may carry a match: with 300 people, one that at most 5 use."""

COMMON_SHARE = 0.5
COMMON_FROM = 10
"""On a shelf of so many pieces, a term in half of them says nothing about any one."""

PHRASE_LIFT = 1.5
"""Two words side by side say more than one of them, less than two apart."""

RECENT_HALF_LIFE_DAYS = 180.0
OLD_TOPIC = 0.5
"""However long ago a topic came up, half of its weight stays: interests outlive threads."""

FRESH_LOSS = 0.4
"""What a piece loses of its fit by the end of its time on the shelf."""

HALF_FIT = 0.8
"""The raw score at which the fit is one half: a rare term from a few threads, and a little."""

GENERIC_WORDS = frozenset(
    """
    meeting meet time week day month year today tomorrow monday tuesday wednesday thursday friday
    saturday sunday morning evening call mail email message thread list news newsletter update
    question answer reply thing stuff people person team company work job project idea issue
    problem plan help thanks thank regards hello note link page site web article post blog read
    report review part point case way place number result example change version new good great
    best first last next free support service product business world home man woman life end start
    january february march april june july august september october november december
    """.split()
)
"""Words that any two mails may share. Source: reading what matched wrongly."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well one piece fits one person. ``fit`` is in [0, 1]; the best topic comes first."""

    person: PersonId
    offering: Offering
    fit: float
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The offerings by term, and what a term's rarity is judged by."""

    by_term: Mapping[str, tuple[Offering, ...]]
    average_length: float
    n_people: int
    term_people: Mapping[str, int]
    at: datetime
    shelf_days: int


def stock_shelf(situation: Situation) -> Shelf:
    """Sorts the offerings that are fresh enough by their terms, generic ones left out."""
    at, days = situation.at, situation.rules.shelf_days
    fresh = _merge(o for o in situation.offerings if 0 <= _days_between(o.received_at, at) <= days)
    by_term: defaultdict[str, list[Offering]] = defaultdict(list)
    for offering in fresh:
        for term in offering.terms:
            by_term[term].append(offering)
    most = max(COMMON_SHARE * len(fresh), COMMON_FROM * COMMON_SHARE)
    lengths = [sum(o.terms.values()) for o in fresh]
    return Shelf(
        by_term={t: tuple(os) for t, os in by_term.items() if _is_telling(t) and len(os) <= most},
        average_length=max(1.0, sum(lengths) / max(1, len(lengths))),
        n_people=max(1, len(situation.topics)),
        term_people=situation.term_people or _count_people(situation.topics),
        at=at,
        shelf_days=max(1, days),
    )


def match_person(person: PersonId, topics: Iterable[Topic], shelf: Shelf) -> tuple[Match, ...]:
    """Scores every piece that shares enough with a person's topics, best first.

    Two distinct words must match, or one very rare one that came up more than once. What
    the person sent, received or was offered is left out. The score is BM25 with the
    person's topics as the query and people, not pieces, as the collection that decides
    how rare a term is; each term counts as much as it is the person's (weight), is
    backed by threads, and came up lately. It is brought into [0, 1] by x / (x + c).

    Source: design notes, matching; Robertson and Zaragoza (2009), equation 3.15.
    """
    shared: defaultdict[str, list[Topic]] = defaultdict(list)
    pieces: dict[str, Offering] = {}
    for topic in topics:
        if rarity_of(topic.term, shelf) < GENERIC_RARITY:
            continue
        for offering in shelf.by_term.get(topic.term, ()):
            if person not in offering.shared_with:
                shared[offering.url].append(topic)
                pieces[offering.url] = offering
    found = (_match(person, pieces[url], shared[url], shelf) for url in shared)
    return tuple(
        sorted((m for m in found if m is not None), key=lambda m: (-m.fit, m.offering.url))
    )


def rarity_of(term: str, shelf: Shelf) -> float:
    """Says in [0, 1] how much a term sets those who use it apart: 1 where one person does.

    Source: inverse document frequency, Robertson and Zaragoza (2009), equation 3.3, over
    people, as a share of the greatest possible.
    """
    n, n_using = shelf.n_people, min(shelf.n_people, max(1, shelf.term_people.get(term, 1)))
    return _idf(n, n_using) / _idf(n, 1)


def _merge(offerings: Iterable[Offering]) -> list[Offering]:
    """Makes one piece of those with one address: who has it from one source has it."""
    merged: dict[str, Offering] = {}
    for offering in sorted(offerings, key=lambda o: (o.url, o.received_at, o.source, o.uid)):
        first = merged.setdefault(offering.url, offering)
        shared_with = first.shared_with | offering.shared_with
        merged[offering.url] = replace(first, shared_with=shared_with)
    return list(merged.values())


def _idf(n: int, n_using: int) -> float:
    return log(1 + (n - n_using + 0.5) / (n_using + 0.5))


def _match(person: PersonId, offering: Offering, shared: list[Topic], shelf: Shelf) -> Match | None:
    telling = _drop_parts(shared)
    if not _is_enough(telling, shelf):
        return None
    scores = {topic.term: _score(topic, offering, shelf) for topic in telling}
    raw = fsum(scores.values())
    age = _days_between(offering.received_at, shelf.at) / shelf.shelf_days
    fit = raw / (raw + HALF_FIT) * (1 - FRESH_LOSS * age)
    best = sorted(telling, key=lambda t: (-scores[t.term], t.term))
    return Match(person, offering, fit, tuple(best))


def _drop_parts(topics: list[Topic]) -> list[Topic]:
    """Leaves out the words of phrases that match whole: they were said once, not twice."""
    parts = {word for t in topics if " " in t.term for word in t.term.split()}
    return [t for t in topics if " " in t.term or t.term not in parts]


def _is_enough(topics: list[Topic], shelf: Shelf) -> bool:
    if len({word for topic in topics for word in topic.term.split()}) >= 2:
        return True
    return any(rarity_of(t.term, shelf) >= VERY_RARE and t.n_threads >= 2 for t in topics)


def _score(topic: Topic, offering: Offering, shelf: Shelf) -> float:
    n = offering.terms[topic.term]
    length = sum(offering.terms.values()) / shelf.average_length
    frequency = n * (K1 + 1) / (n + K1 * (1 - B + B * length))
    lift = PHRASE_LIFT if " " in topic.term else 1.0
    return frequency * rarity_of(topic.term, shelf) * _interest(topic, shelf.at) * lift


def _interest(topic: Topic, at: datetime) -> float:
    """Says in [0, 1] how surely a topic is the person's: from how many threads, how lately."""
    backed = topic.weight / (topic.weight + 1)
    age_days = max(0.0, _days_between(topic.last_at, at))
    return backed * (OLD_TOPIC + (1 - OLD_TOPIC) * exp2(-age_days / RECENT_HALF_LIFE_DAYS))


def _is_telling(term: str) -> bool:
    """Whether a term could mean something to one person more than to another."""
    words = term.split()
    return any(w not in GENERIC_WORDS and sum(map(str.isalpha, w)) >= 3 for w in words)


def _count_people(topics: Mapping[PersonId, tuple[Topic, ...]]) -> Counter[str]:
    return Counter(term for theirs in topics.values() for term in {t.term for t in theirs})


def _days_between(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds() / 86_400


def find_telling(topics: Iterable[Topic], situation: Situation) -> list[Topic]:
    """Finds what somebody cares for that is not a word of every mail, heaviest first."""
    n_most = max(2, len(situation.topics) // 5)
    names = {w.casefold() for p in situation.people.values() for n in p.names for w in n.split()}
    telling = [
        topic
        for topic in topics
        if (GENERIC_WORDS | names).isdisjoint(topic.term.split())
        and situation.term_people.get(topic.term, 1) <= n_most
        and (topic.n_threads > 1 or " " in topic.term)
    ]
    return sorted(telling, key=lambda t: (-t.weight, t.term))
