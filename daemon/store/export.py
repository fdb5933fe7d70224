"""The primary tables as plain values: what is kept of the owner's life, laid open.

An export is shown and sent about, and must not let its reader answer in the owner's name. So
it holds no token of a digest: of mail in the outbox it gives the subject, but not the links.
"""

import json
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import Engine, select

from daemon.store.schema import (
    cues,
    decisions,
    fits,
    forgotten,
    links,
    observations,
    offerings,
    offers,
    outbox,
    quarantine,
    said,
    sources,
)
from daemon.store.tokens import cut_tokens


def read_tables(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the primary tables by table; payloads are decoded.

    A mail in the outbox is told by its ``subject``, in place of its bytes.
    """
    tables = (
        sources,
        observations,
        said,
        cues,
        links,
        offerings,
        offers,
        outbox,
        decisions,
        fits,
        forgotten,
        quarantine,
    )
    with engine.connect() as connection:
        return {
            table.name: [_plain(dict(row)) for row in connection.execute(select(table)).mappings()]
            for table in tables
        }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    if isinstance(row.get("payload"), str):
        row["payload"] = json.loads(row["payload"])
    if isinstance(row.get("message"), bytes):
        row["subject"] = _subject_of(row.pop("message"))
    return {name: cut_tokens(v) if isinstance(v, str) else v for name, v in row.items()}


def _subject_of(mail: bytes) -> str:
    return str(message_from_bytes(mail, policy=policy.default).get("Subject", ""))
