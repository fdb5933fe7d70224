"""The command over files it has never seen: good, tiny, odd and empty ones side by side."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.decay.export import export
from benchmarks.decay.models.roster import MODELS
from benchmarks.decay.plots import draw_plots
from benchmarks.decay.study import Study, run
from benchmarks.decay.table import write
from tests.benchmarks.decay.builders import as_csv, make_up, write_gz

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    write_gz(folder / "good.csv.gz", as_csv(make_up(7)))
    write_gz(folder / "tiny.csv.gz", "t,src,dst\n100,1,2\n200000,2,1\n400000,1,2\n")
    odd = [(t, f"li {src}", tuple(f"li-{dst}" for dst in dsts)) for t, src, dsts in make_up(8)]
    rows = [f"{t},{src.replace(' ', '-')},{dst}" for t, src, dsts in odd for dst in dsts]
    write_gz(folder / "odd.csv.gz", "\n".join(["T,src,dst,x", "?", *reversed(rows), "9,,"]))
    write_gz(folder / "empty.csv.gz", "")
    return folder


@pytest.fixture(scope="module")
def warm(folder: Path) -> Study:
    return run(folder, MODELS, lambda _: None)


def test_every_file_has_its_say(warm: Study) -> None:
    assert [network.name for network in warm.networks] == ["empty", "good", "odd", "tiny"]
    troubles = {column.name: column.trouble for column in warm.columns}
    assert troubles["empty 30"] == "no column t and no column src and no column dst"
    assert troubles["tiny 30"] == "too short: 5 days, 120 needed"
    assert not troubles["good 30"] + troubles["good 90"] + troubles["odd 30"]


def test_every_model_is_judged_on_the_same_rows(warm: Study) -> None:
    judged = [column for column in warm.columns if not column.trouble]
    assert len(warm.verdicts) == len(judged) * len(MODELS)
    for verdict in warm.verdicts:
        assert verdict.quality is not None
        assert len(verdict.chance) == len(verdict.column.test)
        assert verdict.auc is not None
        assert verdict.auc.low is not None
        assert verdict.auc.low <= verdict.auc.value


def test_the_tables_show_every_model_and_every_trouble(warm: Study) -> None:
    page = "\n".join(write(warm))
    for words in (*(f"| {name} |" for name in warm.models), "too short: 5 days", "warm start"):
        assert words in page
    assert "- odd: 16 people" in page
    assert "2 of" in page
    assert "rows not understood" in page


def test_the_json_holds_all_of_it(warm: Study) -> None:
    said = json.loads(export(warm))
    (column,) = [c for c in said["columns"] if (c["network"], c["question"]) == ("good", "30")]
    assert column["n"] > 100
    assert column["models"].keys() == set(warm.models)
    assert column["models"]["recency"].keys() >= {"auc", "low", "high", "brier", "log_loss"}
    assert {d["against"] for d in said["differences"]} >= {"tie decay", "BG/NBD"}
    assert {d["network"] for d in said["delays"]} == {"good", "odd"}


def test_the_plots_are_pictures_and_come_out_alike(warm: Study, tmp_path: Path) -> None:
    first, again = draw_plots(warm, tmp_path / "a"), draw_plots(warm, tmp_path / "b")
    assert [path.name for path in first] == ["calibration.svg", "delay.svg"]
    for one, other in zip(first, again, strict=True):
        assert "<svg" in one.read_text()
        assert one.read_bytes() == other.read_bytes()


def test_a_cold_start_reads_all_and_judges_what_was_asked_for(folder: Path) -> None:
    quick = [model for model in MODELS if model.name in {"recency", "tie decay"}]
    study = run(folder, quick, lambda _: None, only="odd", is_cold=True)
    assert {column.network for column in study.columns} == {"odd"}
    assert len(study.networks) == 4
    for column in study.columns:
        assert {past.history.network for past in column.training.rows.pasts} == {"good"}
    assert all(verdict.quality for verdict in study.verdicts)


def test_alone_with_a_cold_start_only_what_needs_no_training_is_judged(tmp_path: Path) -> None:
    write_gz(tmp_path / "good.csv.gz", as_csv(make_up(7, n_people=10)))
    quick = [model for model in MODELS if model.name in {"recency", "tie decay"}]
    study = run(tmp_path, quick, lambda _: None, is_cold=True)
    assert {v.model: bool(v.quality) for v in study.verdicts} == {
        "recency": True,
        "tie decay": False,
    }
    page = "\n".join(write(study))
    assert "too little: 0 examples" in page
    assert json.loads(export(study))["means"] == []


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "benchmarks.decay", *map(str, words)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_prints_json_and_says_how_far_it_is(folder: Path) -> None:
    done = command(folder, "--only", "tiny", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["networks"][0]["n_messages"] == 3
    assert "reading tiny.csv.gz" in done.stderr


def test_the_command_says_when_there_is_nothing_to_run_on(tmp_path: Path) -> None:
    done = command(tmp_path / "nowhere")
    assert (done.returncode, done.stdout[:16]) == (0, "not run: no data")
