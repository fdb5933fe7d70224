"""``kithd poll`` reads now, and ``kithd status`` tells what came of it."""

import json
import os
import sys
from pathlib import Path

import pytest

from daemon.cli.app import main

SETTINGS = """
[owner]
addresses = ["you@example.org"]

[sources.work]
kind = "mbox"
path = "work.mbox"

[sources.cards]
kind = "vcf"
path = "absent.vcf"
"""

LETTER = """From you@example.org Mon Nov 16 09:00:00 2026
From: You <you@example.org>
To: Ana Diaz <ana@example.com>
Message-ID: <1@example.org>
Date: Mon, 16 Nov 2026 09:00:00 +0000

Here is the floor plan.

"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(SETTINGS)
    (tmp_path / "work.mbox").write_text(LETTER)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("KITHD_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["kithd", *words])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return os.EX_OK


def test_one_source_is_read_by_name_and_there_is_nothing_new_then(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "poll", "work") == 0
    assert capsys.readouterr().out == "1 new\n"
    assert run(monkeypatch, "poll", "work", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"n_stored": 0, "n_obeyed": 0, "troubles": []}
    assert home.exists()


def test_what_cannot_be_read_is_told_and_the_rest_is_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "poll", "--json") == 69
    facts = json.loads(capsys.readouterr().out)
    assert facts["n_stored"] == 1
    [trouble] = facts["troubles"]
    assert set(trouble) == {"source", "needs", "is_final"}
    assert trouble["source"] == "cards"
    assert run(monkeypatch, "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    cards, work = status["sources"]
    assert (work["n_observations"], work["needs"], work["is_stopped"]) == (1, "", False)
    assert cards["needs"] or cards["failing_since"]
    assert status["service"] == {"is_running": False, "host": None, "pid": None, "not_reloaded": ""}
    assert status["digest"]["next_at"] is None
    assert home.exists()


def test_before_anything_was_read_status_names_each_source(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "status") == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line.split(maxsplit=1)[1] for line in lines if line.startswith("Source")]
    assert told == ["cards: never read", "work: never read"]
    assert run(monkeypatch, "status", "--json") == 0
    sources = json.loads(capsys.readouterr().out)["sources"]
    assert [(s["name"], s["read_at"], s["n_observations"]) for s in sources] == [
        ("cards", None, 0),
        ("work", None, 0),
    ]
    assert home.exists()


def test_a_source_that_is_not_there_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "poll", "wrok") == 64
    problem, _, remedy = capsys.readouterr().err.splitlines()
    assert "'wrok'" in problem
    assert remedy == "Try: kithd poll work"
    assert home.exists()
