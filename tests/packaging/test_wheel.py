"""The built wheel carries all it needs and runs; its import names are its own."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("kithd-*.whl"))


@pytest.mark.parametrize("name", ["daemon", "connectors"])
def test_no_other_distribution_claims_our_import_names(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"kithd"}


def test_the_wheel_carries_templates_migrations_and_the_demo_year(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in (".html.jinja", "daemon/store/migrations/env.py", "daemon/demo/cast.toml"):
        assert any(part in name for name in names), part
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)


def test_the_installed_wheel_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    """Installed beside the libraries that are here already, away from the checkout."""
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(site),
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    script = "import sys; from daemon.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, "demo", "--to", str(tmp_path / "demo")],
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "you could give today" in done.stdout
