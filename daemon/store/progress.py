"""How far derivation has come, and from what: a few words by key."""

import json
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from daemon.store.schema import progress


def recall(connection: Connection, key: str, default: Any = None) -> Any:
    """Return the value kept under ``key``, JSON-decoded, or ``default``."""
    found = connection.scalar(select(progress.c.value).where(progress.c.key == key))
    return default if found is None else json.loads(found)


def keep(tx: Connection, key: str, value: Any) -> None:
    """Keep ``value``, JSON-able, under ``key``."""
    row = {"key": key, "value": json.dumps(value)}
    statement = insert(progress).values(row)
    tx.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": row["value"]})
    )
