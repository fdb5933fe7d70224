"""The made-up year -> what commands print of it, wherever a page shows that.

A page asks for it in a comment above a block, ``<!-- printed: kithd ties --keep ~/kithd -->``,
or for some of its lines, ``<!-- printed from "1." to "No need": kithd digest ... -->``.

Run ``python -m docs.from_demo``; a test fails where a page shows something else.
"""

import re
import shlex
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from daemon.cli.app import build
from daemon.demo.generate import write_year

HERE = Path(__file__).parent
KEEP = "--keep ~/kithd"
"""What a page writes for the folder in which the year was kept."""

_COLUMNS = "80"
_MORE = "..."
_ASKED = re.compile(
    r'^(?P<asked><!-- printed(?: from "(?P<first>[^"]+)")?(?: to "(?P<last>[^"]+)")?'
    r": (?P<words>kithd .+?) -->\n```\n)(?P<shown>.*?)(?=^```$)",
    re.MULTILINE | re.DOTALL,
)


def find_pages() -> list[Path]:
    """Return the pages that show what a command prints of the year."""
    pages = (HERE.parent / "README.md", *sorted(HERE.rglob("*.md")))
    return [page for page in pages if list_asked(page.read_text(encoding="utf-8"))]


def list_asked(text: str) -> list[str]:
    """Return the commands whose output a page shows, in its order."""
    return [found["words"] for found in _ASKED.finditer(text)]


def fill(text: str, show: Callable[[str], str]) -> str:
    """Return a page with each block holding what its command prints, as ``show`` says."""

    def print_anew(found: re.Match[str]) -> str:
        lines = show(found["words"]).splitlines()
        chosen = choose(lines, found["first"] or "", found["last"])
        return found["asked"] + "".join(f"{line}\n" for line in chosen)

    return _ASKED.sub(print_anew, text)


def choose(lines: Sequence[str], first: str, last: str | None) -> list[str]:
    """Return the lines from the one that begins with ``first`` to that with ``last``.

    What is left out at the end is shown by three dots.

    Raises:
        StopIteration: No line begins so.
    """
    start = next(n for n, line in enumerate(lines) if _begins(line, first))
    if last is None:
        return list(lines[start:])
    rest = lines[start:]
    end = next(n for n, line in enumerate(rest, 1) if _begins(line, last))
    return [*rest[:end], *([_MORE] if end < len(rest) else [])]


def _begins(line: str, with_: str) -> bool:
    return line.lstrip(" |").startswith(with_)


def read_year(folder: Path) -> Callable[[str], str]:
    """Read the year into ``folder``; return what shows the output of a command on it.

    The present is the year's last morning, and the terminal as wide as most begin.
    """
    year = write_year(folder / "year")
    kept = ("--keep", str(folder / "kept"), "--at", year.at.isoformat())
    sources = [word for path in year.sources for word in ("--from", str(path))]
    owner = [word for address in year.owner for word in ("--me", address)]
    _run("ties", *sources, *owner, *kept)

    @cache
    def show(words: str) -> str:
        return _run(*shlex.split(words.removeprefix("kithd ").replace(KEEP, "")), *kept)

    return show


def _run(*words: str) -> str:
    runner = CliRunner(env={"COLUMNS": _COLUMNS})
    done = runner.invoke(build(words), words, catch_exceptions=False)
    if done.exit_code:
        raise ValueError(f"kithd {' '.join(words)}\n{done.output}")
    return done.stdout


def main() -> None:
    """Print everything anew on every page."""
    with tempfile.TemporaryDirectory() as folder:
        show = read_year(Path(folder))
        for page in find_pages():
            text = page.read_text(encoding="utf-8")
            page.write_text(fill(text, show), encoding="utf-8")


if __name__ == "__main__":
    main()
