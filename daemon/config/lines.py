"""The text of a TOML file -> the line on which each of its keys stands.

``tomllib`` tells nobody where a value came from, and an error without a line number
sends the owner searching. This reads only what it must: headers, keys, and enough of
strings and brackets not to take their insides for keys. It is meant for text that
``tomllib`` has accepted already.
"""

import re
from collections.abc import Iterator, Mapping

KeyPath = tuple[str, ...]

# The longest quotes first, else """ would read as an empty string and a quote.
# Source: TOML 1.0.0, sections "String", "Comment" and "Keys".
_TOKEN = re.compile(
    r'(?P<string>"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*')"
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<newline>\n)"
    r"|(?P<mark>[\[\]{}=,.])"
    r"|(?P<bare>[A-Za-z0-9_-]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_OPENING = frozenset("[{")
_CLOSING = frozenset("]}")


def find_lines(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) of every header and key; the first, where one repeats.

    Keys inside inline tables and arrays are not listed: see :func:`line_of`.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        path, is_header = _path(statement)
        if is_header:
            table = path
        full = path if is_header else table + path
        for length in range(1, len(full) + 1):
            lines.setdefault(full[:length], number)
    return lines


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of ``path``, or of the nearest key around it; 1 for none at all."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each header or assignment as its tokens, with the line it begins on."""
    number, depth, tokens, begins_on = 1, 0, list[str](), 1
    for match in _TOKEN.finditer(text + "\n"):
        token = match.group()
        if match.lastgroup == "newline" and depth == 0:
            if tokens:
                yield begins_on, tokens
            tokens = []
        elif match.lastgroup in ("string", "mark", "bare"):
            begins_on = begins_on if tokens else number
            tokens.append(token)
        if match.lastgroup == "mark":
            depth += (token in _OPENING) - (token in _CLOSING)
        number += token.count("\n")


def _path(statement: list[str]) -> tuple[KeyPath, bool]:
    """Return the key path that a statement opens with, and whether it is a header."""
    is_header = statement[0] == "["
    ends = "]" if is_header else "="
    keys = []
    for token in statement:
        if token == ends:
            break
        if token not in ("[", "."):
            keys.append(token.strip("\"'"))
    return tuple(keys), is_header
