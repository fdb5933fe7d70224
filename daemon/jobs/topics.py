"""The words of letters -> what each person cares about, and how many people share a word."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from heapq import nsmallest

from daemon.people.model import PersonId
from daemon.store.database import Connection
from daemon.store.instants import to_instant
from daemon.store.topics import Words, read_words
from daemon.suggestions.model import Topic

DAY = 86_400

TOPIC_DAYS = 730
"""Letters older than this say little of what somebody cares about now."""

MAX_TOPICS = 150
"""Topics kept of a person: what came up once among so many says little of anybody."""

TOPIC_HALF_LIFE_DAYS = 365.0
"""Source: design notes, cues: topics have a half-life of a year."""


def read_topics(
    connection: Connection, persons: Iterable[PersonId], *, now: int
) -> tuple[dict[PersonId, tuple[Topic, ...]], Counter[str]]:
    """Return topics by person, heaviest first, and how many of ``persons`` share each term."""
    found = read_words(connection, persons, after=now - TOPIC_DAYS * DAY, until=now)
    topics = {PersonId(person): weigh(theirs, now) for person, theirs in found.items()}
    shared = Counter(topic.term for theirs in topics.values() for topic in theirs)
    return topics, shared


def weigh(letters: Iterable[Words], now: int) -> tuple[Topic, ...]:
    """Return the topics of one person's letters: each thread counts once for each term.

    A thread's share in a term is halved for every year since the term last came up in it.
    """
    latest: dict[tuple[str, str], int] = {}
    for at, thread, terms in letters:
        for term in terms:
            latest[term, thread] = max(at, latest.get((term, thread), at))
    return _sum(latest, now)


def _sum(latest: Mapping[tuple[str, str], int], now: int) -> tuple[Topic, ...]:
    weights: defaultdict[str, float] = defaultdict(float)
    n_threads: Counter[str] = Counter()
    last: dict[str, int] = {}
    for (term, _), at in latest.items():
        weights[term] += 0.5 ** ((now - at) / DAY / TOPIC_HALF_LIFE_DAYS)
        n_threads[term] += 1
        last[term] = max(at, last.get(term, at))
    heaviest = nsmallest(MAX_TOPICS, ((-weight, term) for term, weight in weights.items()))
    return tuple(Topic(t, -w, n_threads[t], to_instant(last[t])) for w, t in heaviest)
