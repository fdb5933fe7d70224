"""The pages that a newcomer reads -> what stands in them: commands, links, blocks."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    (*(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
     *(ROOT / "docs").rglob("*.md"))
)  # fmt: skip

LIVE = "shell"
"""The language of blocks whose commands need an account; others are written as "sh"."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(kithd [^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return [body for name, body in _BLOCK.findall(text) if name == language]


def links(text: str) -> list[str]:
    """What the page links to, and its pictures; not what merely looks so in a code block."""
    return [one or other for one, other in _LINK.findall(_BLOCK.sub("", text))]


def commands(text: str) -> Iterator[list[str]]:
    """Every ``kithd`` command the page shows, in blocks and in lines, as words."""
    shown = (body for language in ("sh", LIVE) for body in blocks(text, language))
    lines = [line for body in shown for line in body.splitlines()]
    for line in (*lines, *_SPAN.findall(_BLOCK.sub("", text))):
        if line.startswith("kithd "):
            yield _until_redirected(shlex.split(line))[1:]


def _until_redirected(words: list[str]) -> list[str]:
    ends = [n for n, word in enumerate(words) if word in (">", "|")]
    return words[: ends[0]] if ends else words
