"""Decisions <-> plain records that JSON can hold, for an append-only table."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from daemon.commands.model import Decision, Forgotten, Undo
from daemon.people.model import NotSame, Same
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Done,
    Helped,
    Never,
    Note,
    NotThis,
    Paused,
    Rest,
    Snoozed,
)

VERSION = 1

_TYPES: Mapping[str, type[Decision]] = {
    "done": Done,
    "snoozed": Snoozed,
    "not-this": NotThis,
    "never": Never,
    "rest": Rest,
    "circle": Circle,
    "cadence": Cadence,
    "helped": Helped,
    "note": Note,
    "paused": Paused,
    "same": Same,
    "not-same": NotSame,
    "undo": Undo,
    "forgotten": Forgotten,
}
_NAMES = {made: name for name, made in _TYPES.items()}


def encode(decision: Decision) -> dict[str, Any]:
    """Return ``decision`` as a record of strings, numbers, lists and None.

    ``version`` and ``decision`` (its name) stand beside its fields; days and instants
    are ISO 8601.
    """
    record = {field.name: _write(getattr(decision, field.name)) for field in fields(decision)}
    return {"version": VERSION, "decision": _NAMES[type(decision)], **record}


def decode(record: Mapping[str, Any]) -> Decision:
    """Return the decision that ``record`` holds.

    Raises:
        ValueError: It is of another version, of no known kind, or lacks a field.
    """
    values = dict(record)
    version, name = values.pop("version", None), values.pop("decision", None)
    if version != VERSION or name not in _TYPES:
        raise ValueError(f"no such decision: {name!r}, version {version!r}")
    made = _TYPES[name]
    needed = {field.name for field in fields(made) if field.default is MISSING}
    # A field that came later has a default: what was written before it can still be read.
    if not needed <= values.keys() <= {field.name for field in fields(made)}:
        raise ValueError(f"{name!r} has other fields than {sorted(values)}")
    return made(**{field: _read(field, value) for field, value in values.items()})


def _write(value: object) -> object:
    match value:
        case date():  # an instant is one too
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _read(field: str, value: Any) -> Any:
    read = _READERS.get(field)
    return value if read is None or value is None else read(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "decided_at": datetime.fromisoformat,
    "until": date.fromisoformat,
    "identities": tuple,
}
