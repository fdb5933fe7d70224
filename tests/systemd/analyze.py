"""A folder of unit files -> what systemd-analyze says of them, as if they were installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
COMMAND = shutil.which("systemd-analyze")
_TARGETS = ("sysinit", "basic", "shutdown", "network-online", "nss-lookup", "multi-user", "default")


def needs_systemd_analyze() -> None:
    """Skip where systemd-analyze is missing, fail where it must not be."""
    if COMMAND is None:
        assert not os.environ.get("KITHD_ALL"), "systemd-analyze is missing"
        pytest.skip("not run: no systemd-analyze")


def install(root: Path, *, units: Path = UNITS) -> Path:
    """Lay out what the units refer to below ``root``; return where the units lie."""
    folder = root / "etc" / "systemd" / "system"
    for place in (folder, root / "etc" / "systemd" / "user"):
        place.mkdir(parents=True)
        for target in _TARGETS:
            (place / f"{target}.target").write_text("[Unit]\nDescription=of every machine\n")
    for unit in units.glob("*.service"):
        shutil.copy(unit, folder)
    shutil.copy(units / "user" / "kithd.service", root / "etc" / "systemd" / "user")
    for program in ("opt/kithd/bin/kithd", "bin/kill", ".local/bin/kithd"):
        file = root / program
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o755)
    return folder


def verify(root: Path, unit: str) -> str:
    """Everything ``systemd-analyze verify`` prints of an installed unit; nothing is good.

    Source: its exit status is 0 even for settings it does not know.
    """
    return _run("verify", f"--root={root}", "--man=no", unit).strip()


def verify_of_user(root: Path) -> str:
    """The same of the unit of a user, whose home is ``root``: users have no other root."""
    unit = root / "etc" / "systemd" / "user" / "kithd.service"
    return _run("verify", "--user", "--man=no", str(unit), home=root).strip()


def exposure(unit: Path) -> float:
    """The exposure of a unit file, from 0 (none) to 10."""
    said = _run("security", "--offline=true", "--no-pager", str(unit))
    return float(said.rpartition("Overall exposure level for")[2].split(":")[1].split()[0])


def allowed_calls(filters: list[list[str]]) -> set[str]:
    """The system calls that ``SystemCallFilter=`` lines allow, in their order."""
    allowed: set[str] = set()
    for first, *others in filters:
        named = _calls([first.lstrip("~"), *others])
        allowed = allowed - named if first.startswith("~") else allowed | named
    return allowed


def _calls(names: list[str]) -> set[str]:
    found = {name for name in names if not name.startswith("@")}
    if groups := [name for name in names if name.startswith("@")]:
        said = _run("syscall-filter", "--no-pager", *groups)
        lines = {line.strip() for line in said.splitlines() if not line.strip().startswith("#")}
        inner = {line for line in lines if line.startswith("@")} - set(groups)
        found |= {line for line in lines if line and not line.startswith("@")}
        found |= _calls(sorted(inner)) if inner else set()
    return found


def _run(*words: str, home: Path = Path("/")) -> str:
    assert COMMAND is not None
    environment = {"PATH": os.defpath, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        [COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    return done.stdout
