"""A field of what Graph says -> a value of the type that is wanted, whatever stands there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.graph.client import Item

UID_LIMIT = 400
"""Characters of an ID that is taken as it is; Graph's have 100 to 200."""


def uid_of(item: Item) -> str:
    """Return an item's ID, or a hash of it where it could not be a name."""
    key = str(item["id"])
    is_fit = len(key) <= UID_LIMIT and key.isascii() and key.isprintable()
    return key if is_fit else sha256(key.encode("utf-8", "replace")).hexdigest()


def text_in(item: object, *path: str) -> str:
    """Return the text at a path; nothing where there is none."""
    found = _find(item, path)
    return found if isinstance(found, str) else ""


def items_in(item: object, *path: str) -> list[Item]:
    """Return the objects of the list at a path."""
    found = _find(item, path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def instant_in(item: object, *path: str) -> datetime | None:
    """Return the instant at a path, in UTC; one without a zone is UTC already."""
    try:
        at = datetime.fromisoformat(text_in(item, *path))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_true(item: Item, name: str) -> bool:
    """Ask whether a field says yes."""
    return item.get(name) is True


def _find(item: object, path: tuple[str, ...]) -> Any:
    for name in path:
        item = item.get(name) if isinstance(item, Mapping) else None
    return item
