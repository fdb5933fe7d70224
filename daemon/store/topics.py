"""The words of letters by person, for matching what could be given to who would want it."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from daemon.store.schema import identities, interactions, said

Words = tuple[int, str, dict[str, int]]
"""When a letter was written (seconds), its thread, and its terms."""

MAX_LETTERS = 100
"""Letters a person whose words are looked at, newest first."""


def read_words(
    connection: Connection, persons: Iterable[str], *, after: int, until: int
) -> dict[str, list[Words]]:
    """Return by person the words of the letters between them and the ego, newest first."""
    found: defaultdict[str, list[Words]] = defaultdict(list)
    wanted = sorted(set(persons))
    for start in range(0, len(wanted), 5000):
        query = (
            select(identities.c.person, interactions.c.at, interactions.c.thread, said.c.terms)
            .join_from(
                interactions,
                said,
                (said.c.source == interactions.c.source) & (said.c.uid == interactions.c.uid),
            )
            .join(identities, identities.c.email == interactions.c.alter)
            .where(identities.c.person.in_(wanted[start : start + 5000]))
            .where(interactions.c.at > after, interactions.c.at <= until)
            .order_by(interactions.c.at.desc(), interactions.c.source, interactions.c.uid)
        )
        for person, at, thread, terms in connection.execute(query):
            if len(found[person]) < MAX_LETTERS:
                found[person].append((at, thread, terms))
    return dict(found)
