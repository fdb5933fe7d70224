"""Every layer contract holds, and each is shown to fail by an import that breaks it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

BREAKS = {
    "layers": ("daemon/ties/gaps.py", "import daemon.digest.model"),
    "connectors-stand-alone": ("connectors/mbox.py", "import daemon.clock"),
    "by-protocol": ("daemon/jobs/poll.py", "import connectors.mbox"),
    "independent-connectors": ("connectors/mbox.py", "import connectors.vcf"),
    "functional-core": ("daemon/cues/read.py", "import subprocess"),
    "one-database": ("daemon/jobs/poll.py", "import sqlalchemy"),
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("daemon", "connectors"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_every_contract(house: Path) -> None:
    assert "0 broken" in lint(house)


@pytest.mark.parametrize("contract", BREAKS)
def test_an_import_that_breaks_a_contract_is_seen(house: Path, contract: str) -> None:
    place, line = BREAKS[contract]
    file = house / place
    file.write_text(file.read_text() + f"\n{line}\n")
    assert "1 broken" in lint(house, "--contract", contract)


def test_every_contract_has_an_import_that_breaks_it() -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    named = {line.split('"')[1] for line in settings.splitlines() if line.startswith("id = ")}
    assert named == set(BREAKS)


def lint(house: Path, *words: str) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [str(LINT), "--no-cache", *words],
        cwd=house,
        env={"PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr
