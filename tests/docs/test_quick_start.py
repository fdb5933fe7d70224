"""The README's own commands, run as a newcomer would, on mail that ends yesterday."""

import gzip
import json
import mailbox
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from daemon.cli.app import build
from daemon.demo.generate import write_year
from daemon.demo.people import OWNER
from daemon.house import open_kept
from daemon.store import outbox
from daemon.store.database import writing
from daemon.store.outbox import Outgoing
from docs.generate import HERE
from tests.docs.pages import ROOT, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")
DESCRIBED = tomllib.loads((HERE / "json.toml").read_text(encoding="utf-8"))["commands"]
TYPES = {
    "text": str,
    "number": int | float,
    "true or false": bool,
    "object": dict,
    "list": list,
    "list of text": list,
    "text or null": str | None,
    "number or null": int | None,
}


WITH_YOU = (OWNER.email.encode(), b"you@example.org")


def yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


def write_export(folder: Path) -> None:
    """Half a year of mail and meetings under the names that the README uses."""
    year = write_year(folder / "year", ends_on=yesterday())
    box = mailbox.mbox(folder / "mail.mbox")
    for file in sorted((folder / "year" / "mail").rglob("*.demo*")):
        box.add(file.read_bytes().replace(*WITH_YOU))
    box.close()
    calendar = next(path for path in year.sources if path.suffix == ".ics")
    (folder / "calendar.ics").write_bytes(calendar.read_bytes().replace(*WITH_YOU))
    shutil.rmtree(folder / "year")


class Newcomer:
    """Somebody with a home, an export of their mail, and the README."""

    def __init__(self, home: Path) -> None:
        bin_ = Path(sys.executable).parent
        self.home = home
        self._environ = {"HOME": str(home), "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
        self._environ |= {"LANG": "C.UTF-8"}

    def type(self, line: str) -> str:
        """Run a line in a shell, and return what it prints."""
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.home,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    home = tmp_path_factory.mktemp("home")
    write_export(home)
    return Newcomer(home)


@pytest.fixture(scope="module")
def printed(newcomer: Newcomer) -> dict[str, str]:
    """What each command of the README prints, in the order of the page."""
    lines = [line for body in blocks(README, "sh") for line in body.splitlines()]
    return {line: newcomer.type(line) for line in lines}


def test_every_command_of_the_readme_runs(printed: dict[str, str]) -> None:
    assert len(printed) >= 7
    assert all(printed.values())


def test_the_first_one_gives_a_digest_and_keeps_nothing(printed: dict[str, str]) -> None:
    first = next(iter(printed))
    assert "--keep" not in first
    assert "Something to bring" in printed[first] or "You owe" in printed[first]


def test_what_is_kept_is_the_owners_alone(printed: dict[str, str], newcomer: Newcomer) -> None:
    assert printed
    kept = newcomer.home / "kithd"
    assert {path.name for path in kept.iterdir()} == {"config.toml", "key", "kithd.db"}
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_nothing_is_written_but_where_it_was_asked_for(
    printed: dict[str, str], newcomer: Newcomer
) -> None:
    assert printed
    found = {path.name for path in newcomer.home.iterdir()}
    assert found == {"mail.mbox", "calendar.ics", "kithd", "digest.html"}


ASKED = {
    "digest": ("digest",),
    "ties": ("ties",),
    "why PERSON": ("why", "Sana Iqbal"),
    "simulate": ("simulate", "--set", "ties.fading_at=0.35"),
    "backtest": ("backtest",),
    "status": ("status",),
    "poll": ("poll",),
    "check": ("check",),
    "do WORDS": ("do", "note ana@example.org sings"),
}


def write_older(folder: Path) -> Path:
    """The mail of the years before, without which the past is too short to be judged."""
    year = write_year(folder / "year", ends_on=yesterday())
    old = next(path for path in year.sources if path.name == "old.mbox.gz")
    (folder / "older.mbox").write_bytes(gzip.decompress(old.read_bytes()).replace(*WITH_YOU))
    return folder / "older.mbox"


def add_source(folder: Path, name: str, path: Path) -> None:
    """Have the mailbox at ``path`` read as well from now on."""
    with (folder / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[sources.{name}]\nkind = "mbox"\npath = "{path}"\n')


@pytest.fixture(scope="module")
def kept(
    printed: dict[str, str], newcomer: Newcomer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What the README's commands kept, with older mail, when two things went wrong since."""
    assert printed
    folder = newcomer.home / "kithd"
    add_source(folder, "older", write_older(tmp_path_factory.mktemp("older")))
    newcomer.type("kithd poll --keep kithd")
    add_source(folder, "gone", newcomer.home / "gone.mbox")
    engine = open_kept(folder)
    unsent = Outgoing("<unsent@example.org>", b"", on=date(2026, 11, 20), state="failed")
    with writing(engine) as tx:
        assert outbox.put(tx, unsent, at=datetime.now(UTC))
    engine.dispose()
    return folder


def test_every_command_with_json_is_asked_or_needs_somebody_to_sign_in() -> None:
    assert set(DESCRIBED) == {*ASKED, "sign-in"}


@pytest.mark.parametrize("command", ASKED)
def test_json_has_the_keys_and_types_that_are_described(command: str, kept: Path) -> None:
    words = (*ASKED[command], "--json", "--keep", str(kept))
    facts = json.loads(CliRunner().invoke(build(words), words).stdout)
    described = DESCRIBED[command]["keys"].items()
    wanted = {key.replace("[]", ""): kind for key, (kind, _) in described}
    free = tuple(f"{key}." for key, kind in wanted.items() if _is_free(key, kind, wanted))
    found = [(key, value) for key, value in walk(facts) if not key.startswith(free)]
    assert {key for key, _ in found} == set(wanted)
    for key, value in found:
        assert isinstance(value, TYPES[wanted[key]]), f"{key} is {value!r}"


def _is_free(key: str, kind: str, wanted: dict[str, str]) -> bool:
    """Whether an object's keys are words of ours or the sources', and not described."""
    return kind == "object" and not any(other.startswith(f"{key}.") for other in wanted)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key in a JSON value, with the keys around it, and its value."""
    match value:
        case dict():
            for key, inner in value.items():
                full = f"{path}.{key}".removeprefix(".")
                yield full, inner
                yield from walk(inner, full)
        case list():
            for inner in value:
                yield from walk(inner, path)
        case _:
            pass
