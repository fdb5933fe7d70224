"""The primary tables as plain values: what is kept of the owner's life, laid open."""

import json
from typing import Any

from sqlalchemy import Engine, select

from daemon.store.schema import (
    cues,
    decisions,
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


def read_tables(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the primary tables by table; payloads are decoded."""
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
        row["message"] = row["message"].decode("ascii", "replace")
    return row
