"""What the pages say holds: commands exist, links lead somewhere, settings load."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.commands.grammar import parse
from daemon.commands.model import NotUnderstood
from daemon.config.load import load
from daemon.config.model import Settings
from docs.from_commands import list_commands, parameters_of
from tests.docs.pages import PAGES, ROOT, blocks, commands, links

README = (ROOT / "README.md").read_text(encoding="utf-8")
KNOWN: dict[str, Callable[..., Any]] = dict(list_commands())
SHOWN = [(page.name, words) for page in PAGES for words in commands(page.read_text("utf-8"))]

UNKIND = re.compile(r"\b(neglect\w*|ignored you|just checking in|warmth score|revolutionary|AI)\b")
OURS = re.compile(r"(?<![~\w.])/(?:tmp|work|root|home)/|\bTODO\b|\bFIXME\b|[\U0001f300-\U0001faff]")


def problem_with(words: list[str]) -> str:
    """What is wrong with a command as shown; empty if nothing is."""
    if words in (["--help"], ["COMMAND", "--help"]):
        return ""
    name = " ".join(words[:2]) if " ".join(words[:2]) in KNOWN else words[0]
    if name not in KNOWN:
        groups = {known.split()[0] for known in KNOWN if " " in known}
        return "" if words[0] in groups and len(words) == 1 else f"no command {name}"
    parameters = parameters_of(KNOWN[name])
    options = {p.written.split()[0]: p for p in parameters if p.is_option}
    rest, n_arguments = words[len(name.split()) :], 0
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and word not in {*options, "--help"}:
            return f"no option {word}"
        if word in options and not options[word].is_flag:
            if not rest:
                return f"{word} lacks its value"
            rest.pop(0)
        n_arguments += not word.startswith("--")
    n_wanted = sum(not p.is_option for p in parameters)
    # In a sentence a command may be named without what follows it.
    return "" if n_arguments in {0, n_wanted} else f"{n_arguments} arguments, not {n_wanted}"


def test_every_command_shown_exists_with_its_options() -> None:
    problems = [(page, words, problem_with(words)) for page, words in SHOWN]
    assert [it for it in problems if it[2]] == []


def test_a_wrong_command_would_be_seen() -> None:
    wrong = ["digset", "digest --form mail.mbox", "ties x", "why a b", "shelf put", "digest --at"]
    assert all(problem_with(words.split()) for words in wrong)
    assert len(SHOWN) > 120


def test_every_answer_shown_is_understood() -> None:
    answers = {words[1] for _, words in SHOWN if words[0] == "do" and len(words) > 1}
    answers -= {"WORDS"}
    assert len(answers) > 8
    said = [(text, one) for text in answers for one in parse(text)]
    assert [text for text, one in said if isinstance(one, NotUnderstood)] == []


def test_every_link_within_the_project_leads_to_a_file() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in links(page.read_text("utf-8"))
        if "://" not in link and not (page.parent / link.partition("#")[0]).exists()
    ]
    assert broken == []
    assert len(links(README)) > 15


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.is_dir():
            waiting += sorted(page.glob("*.md"))
        elif page.suffix == ".md" and page.exists() and page not in reached:
            reached.add(page)
            targets = (link for link in links(page.read_text("utf-8")) if "://" not in link)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in targets]
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_blames_boasts_or_names_this_machine(page: Path) -> None:
    text = page.read_text("utf-8")
    assert UNKIND.findall(text) == []
    assert OURS.findall(text) == []


def test_every_settings_file_shown_loads(tmp_path: Path) -> None:
    shown = [
        body
        for page in PAGES
        for body in blocks(page.read_text("utf-8"), "toml")
        if "[owner]" in body
    ]
    for number, body in enumerate(shown):
        file = tmp_path / f"{number}.toml"
        file.write_text(body, encoding="utf-8")
        assert load(file).owner.addresses
    assert len(shown) >= 2


def test_the_readme_sets_something_in_every_section(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(next(b for b in blocks(README, "toml")), encoding="utf-8")
    assert load(file).model_fields_set == set(Settings.model_fields)


def test_the_picture_is_there_and_light() -> None:
    assert 20_000 < (ROOT / "docs" / "digest.png").stat().st_size < 300_000
