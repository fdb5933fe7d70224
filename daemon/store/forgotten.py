"""Whom the owner has forgotten: known again by a hash, and kept out of what is read."""

from collections.abc import Iterable
from hashlib import blake2s

from sqlalchemy import Connection, select

from connectors.observations import Observation
from daemon.store.redact import redact
from daemon.store.schema import forgotten


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
