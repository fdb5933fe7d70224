"""What the pages show of the made-up year is what the commands print of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from docs.from_demo import choose, fill, find_pages, list_asked, read_year
from tests.docs.pages import LIVE, ROOT, blocks

DECAY = ROOT / "docs" / "explanation" / "decay.md"
SHOWN = find_pages()


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    return read_year(tmp_path_factory.mktemp("made-up"))


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_a_page_shows_exactly_what_is_printed(page: Path, show: Callable[[str], str]) -> None:
    written = page.read_text(encoding="utf-8")
    assert written == fill(written, show), f"{page.name}: python -m docs.from_demo"


def test_five_changes_of_settings_are_shown_with_what_they_would_do(
    show: Callable[[str], str],
) -> None:
    tried = [words for words in list_asked(DECAY.read_text("utf-8")) if " simulate " in words]
    printed = {words: show(words) for words in tried}
    assert len(printed) == 5
    assert all(page.startswith("With ") for page in printed.values())
    without_change = "Nobody would stand otherwise"
    assert not any(without_change in page for page in printed.values()), "an example of nothing"


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_what_was_typed_stands_where_the_reader_sees_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    typed = [
        line for name in ("sh", LIVE) for body in blocks(text, name) for line in body.split("\n")
    ]
    unseen = [words for words in list_asked(text) if words not in typed]
    # The tutorial's first digest is printed by `make demo`, which does the same.
    assert [words for words in unseen if not words.startswith("kithd digest")] == []


def test_another_figure_on_a_page_would_be_seen(show: Callable[[str], str]) -> None:
    written = DECAY.read_text(encoding="utf-8")
    for was, other in (
        (" % likely", "0 % likely"),
        ("flagged.", "flagged!"),
        ("  a week", "a day"),
    ):
        changed = written.replace(was, other)
        assert changed != written
        assert fill(changed, show) == written


def test_only_the_lines_asked_for_are_shown() -> None:
    lines = ["one", "  two", "  | three", "four"]
    assert choose(lines, "", None) == lines
    assert choose(lines, "two", "three") == ["  two", "  | three", "..."]
    assert choose(lines, "two", "four") == lines[1:]
    with pytest.raises(StopIteration):
        choose(lines, "five", None)
