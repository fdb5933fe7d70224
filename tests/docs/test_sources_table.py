"""The table of all sources: a row for each kind, and something true to read in each cell."""

import tomllib

import pytest

from connectors import registry
from connectors.protocol import SignsIn
from docs.from_connectors import COLUMNS, NOTES, sources_table

KINDS = tomllib.loads(NOTES.read_text(encoding="utf-8"))["kinds"]
ROWS = [line.strip("|").split(" | ") for line in sources_table(KINDS).splitlines()[2:]]


def test_every_kind_of_source_has_a_row() -> None:
    named = [row[0].partition("]")[0].strip(" [`") for row in ROWS]
    assert sorted(named) == sorted(set(registry.names()) - {"memory"})


def test_every_cell_says_something_short_enough_to_read() -> None:
    assert {len(row) for row in ROWS} == {1 + len(COLUMNS)}
    assert all(3 < len(cell) < 330 for row in ROWS for cell in row)


def test_a_bar_in_a_note_does_not_make_a_cell() -> None:
    note = dict.fromkeys(COLUMNS.values(), "one | other. Not this.")
    assert sources_table({"x": note}).splitlines()[2].count("one \\| other |") == len(COLUMNS)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if issubclass(registry.load(kind), SignsIn)]
)
def test_a_sign_in_is_told_with_its_end_and_with_where_to_take_it_back(kind: str) -> None:
    assert "https://" in KINDS[kind]["take_back"]
    assert "sign-in" in KINDS[kind]["expires"]
