"""The reference pages are what the code makes of itself."""

import inspect
from pathlib import Path

import pytest

from connectors import registry
from docs.from_commands import list_commands
from docs.from_connectors import connectors_page
from docs.generate import PAGES, REFERENCE


@pytest.mark.parametrize("name", PAGES)
def test_a_page_equals_what_is_generated(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), f"{name} is out of date: python -m docs.generate"


def test_there_is_no_page_that_nobody_generates() -> None:
    assert {path.name for path in Path(REFERENCE).iterdir()} == set(PAGES)


def test_every_command_says_what_it_does_and_ends_with_an_example() -> None:
    for words, run in list_commands():
        says = (inspect.getdoc(run) or "").splitlines()
        assert says[0].endswith("."), words
        assert says[-1].startswith(f"Example: kithd {words}"), words


def test_every_kind_of_source_but_the_tests_double_has_its_section() -> None:
    page = connectors_page()
    for kind in set(registry.names()) - {"memory"}:
        assert f"\n## `{kind}`\n" in page
