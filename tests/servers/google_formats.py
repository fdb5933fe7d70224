"""A JSON value and its schema -> what is wrong with it: type, format, enum, unknown fields.

Source: Google API Discovery Service, "Type and Format Summary".
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_WHOLE = re.compile(r"-?(0|[1-9]\d*)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_PATHS = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*(,[A-Za-z]\w*(\.[A-Za-z]\w*)*)*")
_BASE64 = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "any": (object,),
}


def check_text(schema: Schema, text: str, what: str) -> None:
    """Check a parameter of a path or a query, as it is written there."""
    kind = schema["type"]
    if kind == "boolean":
        assert text in ("true", "false"), f"{what}: {text!r} is neither true nor false"
    elif kind == "integer":
        assert _WHOLE.fullmatch(text), f"{what}: {text!r} is no whole number"
        _check_number(schema, int(text), what)
    else:
        assert kind == "string", f"{what}: nobody knows how to check a {kind}"
        _check_string(schema, text, what)


def check_value(
    schemas: Mapping[str, Schema], schema: Schema, value: Any, what: str, *, asked: str = ""
) -> None:
    """Check a JSON value; ``asked`` is the id of the method that is asked with it, if one is."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema["type"]
    is_it = isinstance(value, _TYPES[kind]) and not (
        isinstance(value, bool) and kind in ("integer", "number")
    )
    assert is_it, f"{what}: {value!r} is no {kind}"
    if kind == "object":
        _check_fields(schemas, schema, value, what, asked)
    elif kind == "array":
        for n, each in enumerate(value):
            check_value(schemas, schema["items"], each, f"{what}[{n}]", asked=asked)
    elif kind == "string":
        _check_string(schema, value, what)
    elif kind == "integer":
        _check_number(schema, value, what)


def _check_fields(
    schemas: Mapping[str, Schema], schema: Schema, value: dict[str, Any], what: str, asked: str
) -> None:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, it in known.items():
        needs = it.get("annotations", {}).get("required", ())
        assert asked not in needs or name in value, f"{what}: it needs {name}"
    for name, inner in value.items():
        it = known.get(name, others)
        assert it is not None, f"{what}: there is no field {name}"
        is_allowed = not (asked and it.get("readOnly"))
        assert is_allowed, f"{what}: {name} can only be read"
        check_value(schemas, it, inner, f"{what}.{name}", asked=asked)


def _check_number(schema: Schema, number: int, what: str) -> None:
    low, high = _BOUNDS[schema["format"]]
    low = max(low, int(schema.get("minimum", low)))
    high = min(high, int(schema.get("maximum", high)))
    assert low <= number <= high, f"{what}: {number} is not between {low} and {high}"


def _check_string(schema: Schema, text: str, what: str) -> None:
    if "enum" in schema:
        assert text in schema["enum"], f"{what}: {text!r} is none of {schema['enum']}"
    if "pattern" in schema:
        assert re.search(schema["pattern"], text), f"{what}: {text!r} is not {schema['pattern']}"
    if "format" in schema:
        is_so = _FORMATS[schema["format"]](text)
        assert is_so, f"{what}: {text!r} is no {schema['format']}"


def _is_instant(text: str) -> bool:
    """Say whether it is one of RFC 3339, with its offset."""
    return bool(_INSTANT.fullmatch(text)) and _is_readable(datetime.fromisoformat, text)


def _is_day(text: str) -> bool:
    return len(text) == len("2000-01-31") and _is_readable(date.fromisoformat, text)


def _is_bytes(text: str) -> bool:
    """Say whether it is base64 with Google's alphabet, the one for addresses."""
    padded = text + "=" * (-len(text) % 4)
    return bool(_BASE64.fullmatch(text)) and _is_readable(base64.urlsafe_b64decode, padded)


def _is_readable(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_within(name: str) -> Callable[[str], bool]:
    low, high = _BOUNDS[name]
    return lambda text: bool(_WHOLE.fullmatch(text)) and low <= int(text) <= high


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "byte": _is_bytes,
    "date": _is_day,
    "date-time": _is_instant,
    "google-datetime": _is_instant,
    "google-fieldmask": lambda text: bool(_PATHS.fullmatch(text)),
    "int64": _is_within("int64"),
    "uint64": _is_within("uint64"),
}
