"""A ``fields`` mask, as Google's APIs take one, -> the part of an answer that it selects.

Source: Google Calendar API guides, "Work with partial resources: Fields parameter syntax
summary" (commas, ``a/b``, ``a(b,c)`` and the wildcard ``*``).
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Mask: TypeAlias = Mapping[str, Any]
"""By the name of a field, what is selected of it: another mask, or None for all of it."""

_TOKEN = re.compile(r"[A-Za-z0-9_$.-]+|[*,/()]")


def apply_fields(value: Any, fields: str) -> Any:
    """Return what ``fields`` selects of a JSON value; of a list, of each of its items."""
    return apply_mask(value, parse_fields(fields))


def apply_mask(value: Any, mask: Mask) -> Any:
    """Return what a mask selects of a JSON value; of a list, of each of its items."""
    if isinstance(value, list):
        return [apply_mask(each, mask) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name in mask or "*" in mask:
            below = mask.get(name, mask.get("*"))
            kept[name] = inner if below is None else apply_mask(inner, below)
    return kept


def parse_fields(fields: str) -> Mask:
    """Read a mask.

    Raises:
        AssertionError: It is none.
    """
    tokens = _TOKEN.findall(fields)
    assert "".join(tokens) == fields, f"fields={fields}: there is something strange in it"
    mask = _read_list(tokens)
    assert not tokens, f"fields={fields}: something is left over: {''.join(tokens)}"
    return mask


def _read_list(tokens: list[str]) -> Mask:
    """Take ``a/b,c(d)`` off ``tokens``."""
    mask: dict[str, Mask | None] = {}
    while True:
        name, below = _read_one(tokens)
        mask[name] = _joined(mask[name], below) if name in mask else below
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _read_one(tokens: list[str]) -> tuple[str, Mask | None]:
    name = tokens.pop(0) if tokens else ""
    assert name not in ("", ",", "/", "(", ")"), f"fields: a name is missing at {name!r}"
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        inner, below = _read_one(tokens)
        return name, {inner: below}
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        mask = _read_list(tokens)
        assert tokens, f"fields: a bracket after {name} is never closed"
        assert tokens.pop(0) == ")", f"fields: a bracket after {name} is closed wrongly"
        return name, mask
    return name, None


def _joined(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return None
    names = [*one, *(name for name in other if name not in one)]
    return {
        name: _joined(one[name], other[name])
        if name in one and name in other
        else one.get(name, other.get(name))
        for name in names
    }
