"""Each key of a TOML text is found on the line where it stands."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daemon.config.lines import KeyPath, find_lines, line_of
from daemon.config.render import toml_value

TEXT = '''\
# a = 1
top = "a # no comment [no] = header"

[owner]  # who
addresses = [
    "key = 1",  # [not.a.header]
]
name = """
zone = 'no'
[sources]
"""
zone = 'UTC'
[people."ana@example.org"]
circle = "close"
[ sources . mail ]
path.here = { kind = "x", read = "y" }
'''


def test_headers_and_keys_are_found_whatever_strings_and_comments_hold() -> None:
    assert find_lines(TEXT) == {
        ("top",): 2,
        ("owner",): 4,
        ("owner", "addresses"): 5,
        ("owner", "name"): 8,
        ("owner", "zone"): 12,
        ("people",): 13,
        ("people", "ana@example.org"): 13,
        ("people", "ana@example.org", "circle"): 14,
        ("sources",): 15,
        ("sources", "mail"): 15,
        ("sources", "mail", "path"): 16,
        ("sources", "mail", "path", "here"): 16,
    }


def test_a_key_that_is_not_there_is_looked_for_around_it() -> None:
    lines = find_lines(TEXT)
    assert line_of(("owner", "addresses", "0"), lines) == 5
    assert line_of(("sources", "mail", "path", "here", "kind"), lines) == 16
    assert line_of(("nowhere",), lines) == 1


NAMES = st.text("abc", min_size=1, max_size=2)
VALUES = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.text("[]{}=#,.'\"\n"))


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=3), max_size=3))
def test_no_value_can_be_taken_for_a_key(tables: dict[str, dict[str, Any]]) -> None:
    expected: dict[KeyPath, int] = {}
    lines: list[str] = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        expected[table,] = len(lines)
        for name, value in values.items():
            lines.append(f"{name} = {toml_value(value)}")
            expected[table, name] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    assert find_lines(text) == expected
