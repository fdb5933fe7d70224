"""How a tie stands is told with all that rules over it, in the width and marks of the terminal."""

import json
from pathlib import Path

import pytest

from daemon.cli import terminal
from daemon.demo.generate import DemoYear, write_year
from tests.cli.test_story import Answer, bare, run

CONFIG = """
[circles.wide]
ideal_days = 5
longest_days = 400
[people."{one}"]
circle = "wide"
[people."{other}"]
cadence_days = 2
[people."{held}"]
cadence_days = 30
"""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
    return write_year(tmp_path_factory.mktemp("demo") / "year")


@pytest.fixture(scope="module")
def keep(year: DemoYear, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The year read once, with a word of the owner on three people.

    One is fading, one active, and one is past the gap that is wanted but will be met soon.
    """
    folder = tmp_path_factory.mktemp("kept")
    words = ["--keep", str(folder), "--at", year.at.isoformat()]
    rows = run(*bare("ties", year), *words, "--json").facts["ties"]
    fading = next(row for row in rows if row["state"] == "fading")
    held = next(row for row in rows if row["is_held"] and row["silent_days"] > 30)
    active = next(
        row
        for row in rows
        if row["state"] == "active" and row["silent_days"] > 2 and row is not held
    )
    one, other, third = (row["addresses"][0] for row in (fading, active, held))
    told = CONFIG.format(one=one, other=other, held=third)
    with (folder / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write(told)
    (folder / "told.json").write_text(json.dumps([fading["person"], active["person"]]))
    return words


@pytest.fixture(scope="module")
def told(keep: list[str]) -> tuple[str, str]:
    """Whom the owner said something of: the fading one, the active one."""
    fading, active = json.loads((Path(keep[1]) / "told.json").read_text())
    return fading, active


def narrow(monkeypatch: pytest.MonkeyPatch, columns: int, *words: str) -> Answer:
    monkeypatch.setenv("COLUMNS", str(columns))
    return run(*words)


def test_the_word_of_the_owner_stands_above_the_forecast(
    keep: list[str], told: tuple[str, str]
) -> None:
    rows = {row["person"]: row for row in run("ties", *keep, "--json").facts["ties"]}
    fading, active = (rows[name] for name in told)
    assert (fading["state"], fading["is_flagged"], fading["circle"]) == ("fading", False, "wide")
    assert (fading["ideal_days"], fading["longest_days"]) == (5, 400)
    assert (active["state"], active["is_flagged"]) == ("active", True)
    said = run("why", told[1], *keep).out
    assert f"at least every 2 days; it has been {active['silent_days']}." in said
    assert "with your wide circle every 5 days" in " ".join(run("why", told[0], *keep).out.split())
    first = run("ties", *keep).out.splitlines()
    place = next(n for n, line in enumerate(first) if told[1] in line)
    assert place <= next(n for n, line in enumerate(first) if line.startswith("cooling"))


def test_dormant_ties_stand_apart_at_the_end_the_best_first(keep: list[str]) -> None:
    head, _, tail = run("ties", *keep).out.partition("\n\n")
    assert "dormant" not in head
    assert tail.startswith("Dormant, those worth waking first")
    rows = run("ties", *keep, "--state", "dormant", "--json").facts["ties"]
    assert [r["person"] for r in rows if r["is_worth_waking"]] == [
        r["person"] for r in sorted(rows, key=lambda r: -r["n_days"]) if r["is_worth_waking"]
    ]
    listed = [row for row in tail.splitlines() if row.startswith("dormant")]
    assert len(listed) == len(rows) > 3


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_of_why_is_wider_than_the_terminal(
    keep: list[str], told: tuple[str, str], columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = narrow(monkeypatch, columns, "why", told[0], *keep).out.splitlines()
    assert max(len(line) for line in lines if "@" not in line) <= columns
    assert "this silence" in "\n".join(lines)


def test_why_tells_when_it_would_turn_as_text_and_as_facts(keep: list[str]) -> None:
    rows = run("ties", *keep, "--json").facts["ties"]
    cooling = next(row for row in rows if row["state"] == "cooling")
    said = " ".join(run("why", cooling["person"], *keep).out.split())
    assert "If nothing happens: fading (F) on " in said
    facts = run("why", cooling["person"], *keep, "--json").facts
    assert [turn["state"] for turn in facts["outlook"]["turns"]] == ["fading", "dormant"]
    chances = facts["outlook"]["p_dormant"]
    assert chances[0] == pytest.approx(cooling["p_dormant"], abs=1e-4)
    assert chances[-1] == 1


def test_who_recovers_is_said_to_wherever_a_tie_is_told(keep: list[str]) -> None:
    rows = run("ties", *keep, "--json").facts["ties"]
    back = next(row for row in rows if row["recovered_on"])
    assert back["recovered_after_days"] > 30
    note = f"after {back['recovered_after_days']} days"
    (line,) = (line for line in run("ties", *keep).out.splitlines() if back["person"] in line)
    assert "recovering since" in line
    assert note in line
    assert note in run("why", back["person"], *keep).out


def test_a_meeting_that_holds_is_named(keep: list[str]) -> None:
    rows = run("ties", *keep, "--json").facts["ties"]
    held = next(row for row in rows if row["is_held"] and row["is_flagged"])
    (line,) = (line for line in run("ties", *keep).out.splitlines() if held["person"] in line)
    assert "held: you meet" in line
    assert "Held: you meet" in run("why", held["person"], *keep).out


def test_text_is_wrapped_and_a_percent_sign_stays_with_its_number() -> None:
    assert terminal.wrap("it is 22 % likely", 8) == ["it is", "22 %", "likely"]
    assert terminal.wrap("a b c", 3, "  ") == ["a b", "  c"]


def test_blocks_are_drawn_only_where_the_output_can_hold_them(
    keep: list[str], told: tuple[str, str]
) -> None:
    # What collects the output here has no encoding of its own: nothing is known of it.
    assert "─" not in run("why", told[0], *keep).out
