"""The program's own code -> the pages under docs/reference, one a subject.

Run ``python -m docs.generate``; a test fails where a page differs from what this makes.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docs.from_commands import commands_page
from docs.from_connectors import connectors_page
from docs.from_settings import settings_page

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"


def json_page() -> str:
    """Return the page on what ``--json`` prints; a test holds it against real output."""
    described = tomllib.loads((HERE / "json.toml").read_text(encoding="utf-8"))
    parts = [f"# What `--json` prints\n\n{described['intro'].strip()}\n"]
    for command, it in described["commands"].items():
        rows = "\n".join(f"| `{key}` | {kind} | {says} |" for key, (kind, says) in _keys(it))
        parts.append(
            f"## `kithd {command} --json`\n\n{it['says']}\n\n"
            f"| key | type | meaning |\n|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def _keys(described: Mapping[str, Any]) -> list[tuple[str, tuple[str, str]]]:
    return [(key, (kind, says)) for key, (kind, says) in described["keys"].items()]


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "settings.md": settings_page,
    "json.md": json_page,
    "connectors.md": connectors_page,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
