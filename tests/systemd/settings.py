"""A unit file -> its settings."""

from collections import defaultdict
from pathlib import Path


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Each setting of a unit's ``[Service]`` and its values, in order.

    An empty value clears nothing here: no unit of ours takes back what it said.
    """
    found: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in unit.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return dict(found)


def is_explained(unit: Path, setting: str) -> bool:
    """Whether a comment stands above a setting, or above the block of settings it is in."""
    lines = unit.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{setting}="))
    while lines[at - 1] and not lines[at - 1].startswith("#"):
        at -= 1
    return lines[at - 1].startswith("# ") and "---" not in lines[at - 1]
