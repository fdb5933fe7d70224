"""The text of a reply -> the lines the owner wrote above what is quoted, commands first."""

import re
from collections.abc import Iterator
from enum import Enum, auto

from daemon.commands.grammar import MAX_CHARACTERS, parse
from daemon.commands.model import NotUnderstood
from daemon.cues.new_text import cut_new_text

MAX_LINES = 100
"""Lines looked at: several times what one reply may command."""

_QUOTE = re.compile(r"\s*(?:[>|»]|[A-Za-z]{1,10}>)")
_CLOSING = re.compile(
    r"(?:best|kind|warm|many|regards|thanks?|thx|cheers|sincerely|yours|greetings)\b", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d][^\d:;@]{0,40}")
_NAME_WORDS = 4
_NEAR_WORDS = 8
"""Words of a mistyped command at the most; what is longer, and begins like one, is prose."""


class _Line(Enum):
    """How much a line looks like a command."""

    COMMAND = auto()
    NEAR = auto()  # its first word is one, or nearly so
    FAR = auto()


def find_own_words(text: str) -> str:
    """Return the lines to be obeyed or quoted back, at most 2,000 characters and a line more.

    They are the first lines that are not empty, above the first quote. A line that is nothing
    like a command ends them, and so does an empty one, unless more commands follow at once:
    mail programs write paragraphs as often as lines. So whatever a program puts below an
    answer without marking it as a quote (the mail that is answered, its headers, a signature,
    an advertisement) is not read, even if commands stand in it.

    Source: design notes, digest (parse the first non-empty lines above the quote, and nothing
    else); the formats are those that Gmail, Outlook, Apple Mail, Thunderbird and K-9 write.
    """
    above, is_quoting = _take_above_quote(text)
    written = [*above, ">"] if is_quoting else above
    kept: list[str] = []
    is_after_gap = False
    for at, line in enumerate(above):
        if not line:
            is_after_gap = bool(kept)
            continue
        kind = _judge(line)
        if kind is not _Line.COMMAND and (is_after_gap or not _is_own(written[at:])):
            break
        if kept and _is_sign_off(line, kind):
            break
        kept.append(line.replace(";", ",") if kind is _Line.FAR else line)
        if kind is _Line.FAR:
            break
    return "\n".join(_take_first(kept))


def _take_above_quote(text: str) -> tuple[list[str], bool]:
    """The lines before the first quoted one, stripped, and whether there is a quoted one."""
    above: list[str] = []
    for line in text.lstrip().splitlines()[:MAX_LINES]:
        if _QUOTE.match(line):
            return above, True
        above.append(line.strip())
    return above, False


def _judge(line: str) -> _Line:
    match parse(line)[:1]:
        case (NotUnderstood(nearest=nearest),):
            is_near = nearest != "help" and len(line.split()) <= _NEAR_WORDS
            return _Line.NEAR if is_near else _Line.FAR
        case ():
            return _Line.FAR
    return _Line.COMMAND


def _is_own(lines: list[str]) -> bool:
    """Whether the owner wrote the first line: it introduces no quote and ends no text."""
    return lines[0] in cut_new_text("\n".join(["done", "", *lines])).split("\n")


def _is_sign_off(line: str, kind: _Line) -> bool:
    """A name or a word of thanks below commands: nothing to be told of."""
    if kind is _Line.COMMAND:
        return False
    is_name = _NAME.fullmatch(line) is not None and len(line.split()) <= _NAME_WORDS
    return _CLOSING.match(line) is not None or (kind is _Line.FAR and is_name)


def _take_first(lines: list[str]) -> Iterator[str]:
    """Take lines up to the limit and one beyond, by which it is seen that some were left out."""
    room = MAX_CHARACTERS
    for line in lines:
        if room < 0:
            return
        yield line[: MAX_CHARACTERS + 1]
        room -= len(line) + 1
