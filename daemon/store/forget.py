"""Erase a person: every row that names one of their addresses, and the way back in."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.observations import Gone
from daemon.people.names import name_key
from daemon.store.database import Database, clear, remove_file, rewrite, writing
from daemon.store.encode import decode, encode
from daemon.store.forgotten import hash_email
from daemon.store.outbox import UNKNOWN
from daemon.store.people import person_of
from daemon.store.redact import redact
from daemon.store.replay import PAST_NAME
from daemon.store.schema import (
    DERIVED,
    cues,
    decisions,
    forgotten,
    identities,
    links,
    observations,
    offerings,
    offers,
    outbox,
    people,
    said,
)


def forget(engine: Database, email: str) -> int:
    """Erase whoever ``email`` belongs to, and keep out what is read of them later.

    Of a message among several people the others' part stays. All that was derived is
    emptied; derive anew before use. What remains is a hash of each address, so that the
    next reading of the same mailbox does not bring the person back. Fits stay: a few numbers
    on all ties together name nobody.

    Returns:
        How many observations were erased or rewritten.
    """
    with writing(engine) as tx:
        emails, names = _emails_of(tx, email), _full_names_of(tx, email)
        rows = [{"email_hash": hash_email(e)} for e in sorted(emails)]
        tx.execute(insert(forgotten).on_conflict_do_nothing(), rows)
        touched = _rewrite(tx, emails)
        _erase_words(tx, emails, names)
        clear(tx, DERIVED)
    rewrite(engine)
    if engine.url.database:
        remove_file(Path(engine.url.database).with_name(PAST_NAME))
    return touched


def _emails_of(tx: Connection, email: str) -> set[str]:
    person = person_of(tx, email)
    theirs = select(identities.c.email).where(identities.c.person == person)
    return {email, *tx.scalars(theirs)} if person else {email}


def _full_names_of(tx: Connection, email: str) -> set[str]:
    """A first name alone may be somebody else's."""
    known = person_of(tx, email)
    found = tx.scalar(select(people.c.names).where(people.c.person == known)) or ()
    return {name for name in found if name_key(name)}


def _rewrite(tx: Connection, emails: set[str]) -> int:
    touched = 0
    for row in tx.execute(_naming(emails)).all():
        here = (observations.c.source == row.source) & (observations.c.uid == row.uid)
        item = decode(row.kind, row.uid, json.loads(row.payload))
        rest = redact(item, emails.__contains__)
        if rest is None or isinstance(rest, Gone):
            tx.execute(delete(observations).where(here))
        else:
            payload = json.dumps(encode(rest), ensure_ascii=False, separators=(",", ":"))
            tx.execute(update(observations).where(here).values(payload=payload))
        for table in (cues, said, links, offerings):
            tx.execute(delete(table).where(table.c.source == row.source, table.c.uid == row.uid))
        touched += 1
    return touched


def _naming(emails: set[str]) -> Select[Any]:
    """Every observation whose payload holds one of ``emails`` as a whole JSON string."""
    quoted = (json.dumps(email, ensure_ascii=False) for email in emails)
    holds = (observations.c.payload.contains(one, autoescape=True) for one in quoted)
    return select(observations).where(or_(*holds))


def _erase_words(tx: Connection, emails: set[str], names: set[str]) -> None:
    """Decisions and digests go too. A digest names people beside those it is about.

    A digest that was sent, or may have been, leaves its day, so that no second one is sent
    on it; one that was not begun is composed anew.
    """
    is_named = _matcher(emails)
    for row in tx.execute(select(decisions.c.id, decisions.c.payload)).all():
        if is_named(json.dumps(row.payload, ensure_ascii=False)):
            tx.execute(delete(decisions).where(decisions.c.id == row.id))
    for row in tx.execute(select(offers)).all():
        if emails & set(row.identities) or any(name in row.who + row.why for name in names):
            tx.execute(delete(offers).where(offers.c.on == row.on, offers.c.ref == row.ref))
    tx.execute(delete(outbox).where(outbox.c.state == "ready"))
    doubtful = update(outbox).where(outbox.c.state == "claimed")
    tx.execute(doubtful.values(state="failed", problem=UNKNOWN))
    tx.execute(update(outbox).values(message=b""))


def _matcher(emails: set[str]) -> Callable[[str], object]:
    """Match any of ``emails`` as a whole: not the end, nor the beginning, of a longer one."""
    either = "|".join(map(re.escape, sorted(emails)))
    return re.compile(rf"(?<![\w.+\-])(?:{either})(?![\w\-]|\.\w)").search
