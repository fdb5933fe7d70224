"""Settings -> the text of a settings file that says only what differs from the defaults."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from daemon.config.model import Settings
from daemon.config.render import toml_value

_HEAD = """\
# Settings of kithd, written by "kithd setup". What is not here has its default.
# All settings there are, with their meanings: kithd config example
# Those in force, defaults included: kithd config show
# After a change: kithd check --connect
"""


def render(settings: Settings) -> str:
    """Return the settings as TOML; loading it gives the same settings.

    Relative paths stay relative: they start at the folder that the file is put into.
    """
    parts = [_HEAD, _table("owner", settings.owner, always=("addresses", "zone", "digest_hour"))]
    for name, source in settings.sources.items():
        parts.append(_table(f"sources.{name}", source, always=("kind",)))
    others = ("delivery", "replies", "suggestions", "ties")
    parts.extend(_table(name, getattr(settings, name)) for name in others)
    return "\n".join(part for part in parts if part)


def _table(header: str, section: BaseModel, *, always: tuple[str, ...] = ()) -> str:
    lines = [f"{name} = {toml_value(value)}" for name, value in _different(section, always)]
    return "\n".join((f"[{header}]", *lines, "")) if lines else ""


def _different(section: BaseModel, always: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if value is not None and (name in always or value != field.default):
            yield name, value
