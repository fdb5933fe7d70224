"""Erase a person: every row that names one of their addresses, and the way back in."""

import json
from collections.abc import Iterable
from hashlib import blake2s
from typing import Any

from sqlalchemy import Connection, Select, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.observations import Gone, Observation
from daemon.store.database import Database, clear, rewrite, writing
from daemon.store.encode import decode, encode
from daemon.store.people import person_of
from daemon.store.redact import redact
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
    said,
)


def forget(engine: Database, email: str) -> int:
    """Erase whoever ``email`` belongs to, and keep out what is read of them later.

    Of a message among several people the others' part stays. All that was derived is
    emptied; derive anew before use. What remains is a hash of each address, so that the
    next reading of the same mailbox does not bring the person back.

    Returns:
        How many observations were erased or rewritten.
    """
    with writing(engine) as tx:
        emails = _emails_of(tx, email)
        rows = [{"email_hash": hash_email(e)} for e in sorted(emails)]
        tx.execute(insert(forgotten).on_conflict_do_nothing(), rows)
        touched = _rewrite(tx, emails)
        _erase_words(tx, emails)
        clear(tx, DERIVED)
    rewrite(engine)
    return touched


def hash_email(email: str) -> str:
    """Return what is kept of a forgotten address."""
    return blake2s(email.encode("utf-8", "replace"), digest_size=16).hexdigest()


def without_forgotten(tx: Connection, found: Iterable[Observation]) -> tuple[Observation, ...]:
    """Return ``found`` without people the owner has forgotten."""
    hashes = set(tx.scalars(select(forgotten.c.email_hash)))
    if not hashes:
        return tuple(found)
    kept = (redact(one, lambda email: hash_email(email) in hashes) for one in found)
    return tuple(one for one in kept if one)


def _emails_of(tx: Connection, email: str) -> set[str]:
    person = person_of(tx, email)
    theirs = select(identities.c.email).where(identities.c.person == person)
    return {email, *tx.scalars(theirs)} if person else {email}


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
    holds = (observations.c.payload.contains(json.dumps(e), autoescape=True) for e in emails)
    return select(observations).where(or_(*holds))


def _erase_words(tx: Connection, emails: set[str]) -> None:
    """Decisions and digests about them go too: a digest kept would name them."""
    for row in tx.execute(select(decisions.c.id, decisions.c.payload)).all():
        if any(email in json.dumps(row.payload) for email in emails):
            tx.execute(delete(decisions).where(decisions.c.id == row.id))
    for on, ref, theirs in tx.execute(select(offers.c.on, offers.c.ref, offers.c.identities)).all():
        if emails & set(theirs):
            tx.execute(delete(offers).where(offers.c.on == on, offers.c.ref == ref))
            tx.execute(delete(outbox).where(outbox.c.on == on))
