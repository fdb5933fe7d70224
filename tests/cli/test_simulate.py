"""``kithd simulate`` as its user types it, on the made-up year."""

import tomllib
from pathlib import Path

import pytest

from daemon.cli.overrides import override
from daemon.cli.simulate_page import write_settings
from daemon.config.model import Owner, Settings
from daemon.errors import UserError
from tests.cli.conftest import KeptYear
from tests.cli.test_story import run

SETTINGS = Settings(owner=Owner(addresses=("you@example.org",)))


@pytest.fixture
def keep(kept_year: KeptYear) -> tuple[str, ...]:
    return kept_year.words


def simulate(*words: str) -> list[str]:
    return ["simulate", *(w for word in words for w in ("--set", word))]


def test_who_stands_otherwise_is_named_with_the_sentence(keep: tuple[str, ...]) -> None:
    words = simulate("ties.fading_at=.3")
    answer = run(*words, *keep)
    facts = run(*words, *keep, "--json").facts
    new = [one for one in facts["changes"] if one["then"]["is_flagged"]]
    assert new
    unwrapped = " ".join(answer.out.split())
    for one in new:
        assert f"{one['person']}: {one['now']['state']} -> fading" in unwrapped
        assert one["then"]["sentence"] in unwrapped
    assert facts["then"]["n_flagged"] == facts["now"]["n_flagged"] + len(new)


def test_what_it_says_of_now_is_what_ties_and_backtest_say(keep: tuple[str, ...]) -> None:
    facts = run(*simulate("ties.fading_at=0.6"), *keep, "--json").facts
    ties = run("ties", *keep, "--json").facts["ties"]
    assert facts["now"]["n_flagged"] == sum(tie["state"] == "fading" for tie in ties)
    assert facts["now"]["whole"] == run("backtest", *keep, "--json").facts["kithd"]


def test_nothing_is_set(keep: tuple[str, ...]) -> None:
    before = run("ties", *keep, "--json").facts
    assert run(*simulate("ties.fading_at=0.9", "ties.max_recipients=1"), *keep).ok
    assert run("ties", *keep, "--json").facts == before


def test_what_it_foretells_comes_true_when_it_is_set(keep: tuple[str, ...], tmp_path: Path) -> None:
    facts = run(*simulate("ties.fading_at=0.3"), *keep, "--json").facts
    settings = Path(keep[1], "config.toml").read_text()
    changed = tmp_path / "config.toml"
    changed.write_text(settings.replace("fading_at = 0.5", "fading_at = 0.3"))
    ties = run("ties", *keep, "--config", str(changed), "--json").facts["ties"]
    assert facts["then"]["n_flagged"] == sum(tie["state"] == "fading" for tie in ties)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Say which setting to try."),
        (["ties.fadng_at=0.6"], "ties.fadng_at: no such setting; did you mean fading_at?"),
        (["tie.fading_at=0.6"], "tie: no such part of the settings; did you mean ties?"),
        (["ties.fading_at=0.2"], "must lie above cooling_at"),
        (["ties.fading_at=soon"], "ties.fading_at: should be a valid number, not 'soon'"),
        (["ties.fading_at"], "write it as PART.NAME=VALUE"),
        (["suggestions.budget=1"], "suggestions: has no say in when a tie is flagged"),
        (["people.nobody@example.org.cadence_days=9"], "Nobody here uses nobody@example.org."),
        (["ties.min_days=0", "ties.forget=2"], "ties.forget: should be less than or equal to 1"),
    ],
    ids=lambda it: "-".join(it) or "none" if isinstance(it, list) else "says",
)
def test_what_is_wrong_is_told_in_three_lines(
    keep: tuple[str, ...], words: list[str], says: str
) -> None:
    answer = run(*simulate(*words), *keep)
    assert (answer.code, answer.out) == (64, "")
    problem, where, remedy = answer.err.strip().splitlines()
    assert says in problem
    assert where.startswith("Where: ")
    assert remedy.startswith("Try: ")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UserError) as raised:
        override(SETTINGS, ["ties.min_days=0", "ties.forgt=2", "ties.cooling_at=0.3"])
    assert "min_days" in raised.value.problem
    assert "did you mean forget?" in raised.value.problem


def test_a_person_is_named_by_an_address_with_dots() -> None:
    changed = override(
        SETTINGS,
        ["people.Ana.Diaz@example.org.cadence_days=30", "people.b@example.net.circle=close"],
    )
    assert changed.people["ana.diaz@example.org"].cadence_days == 30
    assert changed.people["b@example.net"].circle == "close"
    assert changed.ties == SETTINGS.ties


def test_what_it_says_to_put_into_the_file_is_what_was_tried() -> None:
    changes = ("ties.fading_at=0.6", "people.ana@example.org.cadence_days=30", "ties.min_days=4")
    assert tomllib.loads("\n".join(write_settings(changes))) == {
        "ties": {"fading_at": 0.6, "min_days": 4},
        "people": {"ana@example.org": {"cadence_days": 30}},
    }


def test_what_was_set_before_stays() -> None:
    first = override(SETTINGS, ["ties.cooling_at=0.1", "ties.fading_at=0.3"])
    second = override(first, ["ties.mutual=false"])
    assert (second.ties.cooling_at, second.ties.fading_at, second.ties.mutual) == (0.1, 0.3, False)
