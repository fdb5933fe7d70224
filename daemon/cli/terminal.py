"""The terminal -> how wide it is, and what it can show."""

import shutil
import sys
import textwrap

from daemon.ties.plot import BLOCKS, PLAIN, Marks

_UNKNOWN = (80, 24)
_TIED = "\N{NO-BREAK SPACE}%"


def count_columns() -> int:
    """Return the width of the terminal; 80 where there is none, unless COLUMNS says otherwise."""
    return shutil.get_terminal_size(_UNKNOWN).columns


def choose_marks() -> Marks:
    """Return what plots are drawn with: blocks where the output can hold them, else ASCII."""
    try:
        "".join((BLOCKS.eighths, BLOCKS.silence, BLOCKS.axis)).encode(
            sys.stdout.encoding or "ascii"
        )
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


def wrap(text: str, columns: int, indent: str = "") -> list[str]:
    """Return ``text`` in lines of at most ``columns``, those after the first indented.

    Single words that are wider stay whole, and a number stays with its percent sign.
    """
    rows = textwrap.wrap(
        text.replace(" %", _TIED),
        columns,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [row.replace(_TIED, " %") for row in rows]
