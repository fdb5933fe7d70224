"""The commands as a new user would type them, on the made-up year."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.app import main
from daemon.cli.house import Wishes, open_house
from daemon.clock import Clock
from daemon.demo.generate import DemoYear, write_year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
    return write_year(tmp_path_factory.mktemp("demo") / "year")


@pytest.fixture(scope="module")
def kept(year: DemoYear) -> Path:
    """A folder in which the year was read once."""
    folder = year.truth.parent.parent / "kept"
    assert run(*bare("digest", year), "--at", year.at.isoformat(), "--keep", str(folder)).ok
    return folder


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    out: str
    err: str
    code: int

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def facts(self) -> Any:
        return json.loads(self.out)


def run(*words: str) -> Answer:
    """Run one command as its entry point does, in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    before, sys.argv = sys.argv, ["kithd", *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    return Answer(out.getvalue(), err.getvalue(), code)


def bare(command: str, year: DemoYear) -> list[str]:
    words = [word for source in year.sources for word in ("--from", str(source))]
    return [command, *words, *(word for address in year.owner for word in ("--me", address))]


def test_the_digest_as_json_has_the_documented_shape(year: DemoYear) -> None:
    facts = run(*bare("digest", year), "--at", year.at.isoformat(), "--json").facts
    assert set(facts) == set("at subject items funnel network sources noted undelivered".split())
    keys = "ref kind value direction people action why evidence minutes lane"
    assert all(set(item) == set(keys.split()) for item in facts["items"])
    assert 1 <= len(facts["items"]) <= 5


def test_the_ties_as_json_have_the_documented_shape(year: DemoYear) -> None:
    facts = run(*bare("ties", year), "--at", year.at.isoformat(), "--json").facts
    assert set(facts) == {"at", "ties"}
    keys = (
        "person names addresses state n_days last_at silent_days typical_gap_days unusual "
        "p_dormant p_contact_30 sentence recovered_on recovered_after_days is_flagged is_held "
        "meets_on circle "
        "ideal_days longest_days is_resting is_never is_worth_waking"
    )
    assert all(set(tie) == set(keys.split()) for tie in facts["ties"])


def test_no_tie_that_is_kept_alive_is_shown_as_dormant(year: DemoYear) -> None:
    truth = json.loads(year.truth.read_text())
    people = truth["people"] if isinstance(truth, dict) else truth
    facts = run(*bare("ties", year), "--at", year.at.isoformat(), "--json").facts
    shown = {address: tie["state"] for tie in facts["ties"] for address in tie["addresses"]}
    active = [person for person in people if person["truth"] == "active"]
    assert active
    assert all(shown[person["address"]] != "dormant" for person in active)


def test_a_preview_writes_nothing(kept: Path) -> None:
    before = run("export", "--keep", str(kept)).facts["stored"]
    assert before["offers"]
    answer = run("digest", "--keep", str(kept), "--at", "2026-11-19", "--preview")
    assert "you could give today" in answer.out
    assert run("export", "--keep", str(kept)).facts["stored"]["offers"] == before["offers"]


def test_the_next_digest_obeys_what_was_typed(year: DemoYear, tmp_path: Path) -> None:
    keep = ["--keep", str(tmp_path / "kept"), "--at", year.at.isoformat()]
    first = run(*bare("digest", year), *keep, "--json").facts["items"]
    one = first[0]["people"][0]
    said = run("do", "snooze 1 2w; never 2 yes", *keep)
    assert said.ok, said.err
    second = run("digest", *keep, "--json").facts["items"]
    people = {name for item in second for name in item["people"]}
    assert first[1]["people"][0] not in people
    assert not any(i["people"][0] == one and i["action"] == first[0]["action"] for i in second)


def test_a_digest_is_put_into_a_maildir_once(year: DemoYear, tmp_path: Path) -> None:
    keep = ["--keep", str(tmp_path / "kept"), "--at", year.at.isoformat()]
    words = [*bare("digest", year), *keep, "--send-to", str(tmp_path / "Mail")]
    assert run(*words).ok
    assert run(*words).ok
    files = list((tmp_path / "Mail" / "new").iterdir())
    assert len(files) == 1
    message = files[0].read_bytes()
    assert b"Auto-Submitted: auto-generated" in message
    assert max(map(len, message.splitlines())) <= 998


def test_merging_makes_one_person_and_splitting_two(year: DemoYear, tmp_path: Path) -> None:
    keep = ["--keep", str(tmp_path / "kept")]
    assert run(*bare("digest", year), *keep, "--at", year.at.isoformat()).ok
    rows = run("ties", *keep, "--json").facts["ties"]
    one, other = rows[0]["addresses"][0], rows[1]["addresses"][0]
    assert run("merge", one, other, *keep).ok
    assert addresses_with(one, run("ties", *keep, "--json").facts) >= {one, other}
    assert run("split", one, other, *keep).ok
    assert other not in addresses_with(one, run("ties", *keep, "--json").facts)


def addresses_with(address: str, facts: Any) -> set[str]:
    return next(set(t["addresses"]) for t in facts["ties"] if address in t["addresses"])


def test_a_person_is_forgotten_only_when_it_is_meant(year: DemoYear, tmp_path: Path) -> None:
    keep = ["--keep", str(tmp_path / "kept")]
    assert run(*bare("digest", year), *keep, "--at", year.at.isoformat()).ok
    row = run("ties", *keep, "--json").facts["ties"][0]
    address = row["addresses"][0]
    assert not run("forget", address, *keep).ok
    assert run("forget", address, "--yes", *keep).ok
    assert row["person"] not in {t["person"] for t in run("ties", *keep, "--json").facts["ties"]}
    raw = b"".join(p.read_bytes() for p in (tmp_path / "kept").glob("kithd.db*"))
    assert address.encode() not in raw


def test_rebuilding_changes_nothing(kept: Path) -> None:
    before = run("ties", "--keep", str(kept), "--json").facts["ties"]
    assert run("rebuild", "--keep", str(kept)).ok
    assert run("ties", "--keep", str(kept), "--json").facts["ties"] == before


def test_why_explains_one_person(kept: Path) -> None:
    row = run("ties", "--keep", str(kept), "--json").facts["ties"][0]
    answer = run("why", row["person"], "--keep", str(kept))
    assert row["sentence"] in " ".join(answer.out.split())
    facts = run("why", row["addresses"][0], "--keep", str(kept), "--json").facts
    assert facts["person"] == row["person"]
    assert facts["contacts"]


def test_status_counts_what_is_held(kept: Path) -> None:
    facts = run("status", "--keep", str(kept), "--json").facts
    funnel = facts["funnel"]
    assert funnel["n_due"] == funnel["n_offered"] + sum(funnel["held"].values())


def test_something_on_the_shelf_is_kept(kept: Path) -> None:
    answer = run(
        "shelf", "add", "https://example.org/cells", "--title", "Old cells", "--keep", str(kept)
    )
    assert answer.ok, answer.err
    shelf = run("export", "--keep", str(kept)).facts["stored"]["offerings"]
    assert any(one["url"] == "https://example.org/cells" for one in shelf)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["digest"], 78, "nothing to read yet"),
        (["digest", "--from", "absent.mbox", "--me", "you@example.org"], 69, "nothing to read"),
        (["digest", "--from", "."], 64, "which addresses are yours"),
        (["ties", "--from", ".", "--me", "you"], 64, "not an e-mail address"),
        (["why", "Nobody", "--keep", "absent"], 78, "nothing to read yet"),
    ],
)
def test_what_is_wrong_is_told_in_three_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, says: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KITHD_CONFIG", raising=False)
    answer = run(*words)
    assert (answer.code, answer.out) == (code, "")
    problem, where, remedy = answer.err.strip().splitlines()
    assert says in problem
    assert where.startswith("Where: ")
    assert remedy.startswith("Try: ")


def test_help_is_quick_to_find_every_command() -> None:
    out = run("--help").out
    for (
        command
    ) in "demo digest ties why status do shelf merge split forget rebuild config export".split():
        assert f"  {command} " in out


def test_the_owners_workdays_reach_the_rules(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[owner]\naddresses = ["you@example.org"]\nworkdays = ["sat", "sun"]\n')
    wishes = Wishes(config=settings, keep=tmp_path / "kept")
    assert open_house(wishes, environ={}, clock=Clock()).rules.workdays == {5, 6}


def test_a_misspelt_address_is_noticed_and_the_right_one_named(year: DemoYear) -> None:
    words = [word for source in year.sources for word in ("--from", str(source))]
    answer = run("digest", *words, "--me", "robbin@example.org", "--at", year.at.isoformat())
    assert answer.code == 64
    assert "None of this mail is from or to you." in answer.err
    assert "robin@example.org" in answer.err
