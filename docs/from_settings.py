"""The settings' JSON schema -> the reference page of settings."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from daemon.config.model import (
    CircleRule,
    Delivery,
    Owner,
    PersonRule,
    Replies,
    Source,
    Suggestions,
    Ties,
)
from daemon.config.values import Section

_HEAD = """\
# Settings

The file is TOML. It is looked for in this order: `--config`, the folder of `--keep`,
`$KITHD_CONFIG`, `~/.config/kithd/config.toml`, `/etc/kithd/config.toml`. A relative path in it
starts at its own folder. Mistakes are told all at once, each with its line and the nearest
correct name.

`kithd config example` prints a file with all of this in it, `kithd config show` the settings
in force, and `kithd config schema` a JSON schema for your editor. Only `owner.addresses` and one
source are needed. `kithd check` says whether all of it is right, and with `--connect` whether
every account opens. A running service reads the file again on SIGHUP, and keeps to the old
settings if the new ones cannot be right.

Which settings a source takes and needs depends on its kind: see [connectors](connectors.md).
All take `kind`, `read`, `folder` and `poll_minutes`. A password is never written here: `secret`
says where it is kept.
"""
_SECTIONS: Mapping[str, type[Section]] = {
    "[owner]": Owner,
    "[delivery]": Delivery,
    "[replies]": Replies,
    "[ties]": Ties,
    "[suggestions]": Suggestions,
    "[circles.close]": CircleRule,
    '[people."ana@example.org"]': PersonRule,
    "[sources.NAME]": Source,
}
_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
}


def settings_page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *(_section(name, it) for name, it in _SECTIONS.items())))


def _section(header: str, section: type[Section]) -> str:
    schema = section.model_json_schema()
    rows = "\n".join(_row(name, it, schema) for name, it in schema["properties"].items())
    says = (section.__doc__ or "").split("\n\n")[0].strip()
    return (
        f"## `{header}`\n\n{says}\n\n"
        f"| setting | meaning | range | default |\n|---|---|---|---|\n{rows}\n"
    )


def _row(name: str, described: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    says = described.get("description", "")
    allowed = " ".join(_allowed(described, schema))
    return f"| `{name}` | {says} | {allowed} | {_default(name, described, schema)} |"


def _allowed(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words or the bounds within which a setting lies."""
    for part in _parts(described, schema):
        if "enum" in part:
            yield ", ".join(f"`{word}`" for word in part["enum"])
        yield from (says.format(part[key]) for key, says in _BOUNDS.items() if key in part)


def _parts(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield described
    inner = [*described.get("anyOf", ()), *described.get("allOf", ())]
    inner += [described["items"]] if "items" in described else []
    inner += [schema["$defs"][described["$ref"].rpartition("/")[2]]] if "$ref" in described else []
    for part in inner:
        yield from _parts(part, schema)


def _default(name: str, described: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if name in schema.get("required", ()):
        return "needed"
    value = described.get("default")
    if value is None:
        return "none"
    if described.get("format") == "time":
        value = str(value)[:5]
    return f"`{json.dumps(value, ensure_ascii=False)}`"
