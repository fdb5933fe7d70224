"""The units: how far they are exposed, whether systemd understands them, and whether they agree."""

import shutil
from pathlib import Path

import pytest

from tests.docs.test_pages import problem_with
from tests.systemd.analyze import (
    UNITS,
    exposure,
    install,
    needs_systemd_analyze,
    verify,
    verify_of_user,
)
from tests.systemd.settings import is_explained, settings_of

MAX_EXPOSURE = 1.2
"""Source: reliability notes, the unit: the full set scores 1.1 with systemd 252."""

INSTALLED = ["kithd.service", "kithd@.service", "kithd@robin.service", "kithd-check.service"]
OF_THE_SYSTEM = sorted(UNITS.glob("*.service"))
OWN = {"ExecStart", "ExecReload", "Type", "Restart", "RestartSec", "RestartPreventExitStatus"}
OWN |= {"WatchdogSec", "TimeoutStartSec", "TimeoutStopSec", "KillMode"}
NAMED = {"User", "StateDirectory", "LoadCredentialEncrypted"}

COULD_BITE = """
ExecReload RestartPreventExitStatus WatchdogSec TimeoutStartSec TimeoutStopSec KillMode DynamicUser
SupplementaryGroups StateDirectory LoadCredentialEncrypted ProtectSystem ProtectHome PrivateTmp
PrivateDevices PrivateUsers ProtectProc PrivateNetwork NoNewPrivileges RestrictAddressFamilies
MemoryDenyWriteExecute RemoveIPC KeyringMode SystemCallArchitectures SystemCallFilter MemoryMax
OOMPolicy TasksMax LimitCORE
""".split()


@pytest.mark.parametrize("unit", OF_THE_SYSTEM, ids=lambda unit: unit.name)
def test_a_unit_is_hardly_exposed(unit: Path) -> None:
    needs_systemd_analyze()
    assert exposure(unit) <= MAX_EXPOSURE


@pytest.mark.parametrize("unit", INSTALLED)
def test_systemd_has_nothing_to_say_of_a_unit(unit: str, tmp_path: Path) -> None:
    needs_systemd_analyze()
    install(tmp_path)
    assert verify(tmp_path, unit) == ""


def test_systemd_has_nothing_to_say_of_the_unit_of_a_user(tmp_path: Path) -> None:
    needs_systemd_analyze()
    install(tmp_path)
    assert verify_of_user(tmp_path) == ""


def test_systemd_has_nothing_to_say_of_the_drop_in_for_mail_at_home(tmp_path: Path) -> None:
    needs_systemd_analyze()
    drop_ins = install(tmp_path) / "kithd.service.d"
    drop_ins.mkdir()
    shutil.copy(UNITS / "local-maildir.conf", drop_ins)
    assert verify(tmp_path, "kithd.service") == ""


@pytest.mark.parametrize("directive", ["ProtectSystem", "SystemCallFilter", "RestrictNamespaces"])
def test_a_unit_without_a_protection_would_be_seen(directive: str, tmp_path: Path) -> None:
    needs_systemd_analyze()
    whole = (UNITS / "kithd.service").read_text("utf-8").splitlines()
    weaker = tmp_path / "kithd.service"
    weaker.write_text("\n".join(x for x in whole if not x.startswith(f"{directive}=")))
    if directive == "ProtectSystem":  # A dynamic user brings that with it.
        weaker.write_text(weaker.read_text().replace("DynamicUser=yes", "DynamicUser=no"))
    assert exposure(weaker) > MAX_EXPOSURE


@pytest.mark.parametrize(
    ("line", "told"),
    [("ProtectSistem=strict", "Unknown key"), ("ExecStartPre=/opt/kithd/bin/none", "executable")],
)
def test_a_mistake_in_a_unit_would_be_seen(line: str, told: str, tmp_path: Path) -> None:
    needs_systemd_analyze()
    unit = install(tmp_path) / "kithd.service"
    unit.write_text(unit.read_text("utf-8").replace("[Service]\n", f"[Service]\n{line}\n"))
    assert told in verify(tmp_path, "kithd.service")


def test_the_units_of_the_system_differ_in_nothing_but_names() -> None:
    shared = [
        {name: it for name, it in settings_of(unit).items() if name not in OWN | NAMED}
        for unit in OF_THE_SYSTEM
    ]
    assert len(shared) == 3
    assert shared[0] == shared[1] == shared[2]


def test_the_unit_of_a_user_keeps_what_a_user_may_keep() -> None:
    whole = settings_of(UNITS / "kithd.service")
    kept = settings_of(UNITS / "user" / "kithd.service")
    assert {k: v for k, v in kept.items() if k != "ExecStart"}.items() <= whole.items()


def test_the_services_tell_that_they_are_ready_and_alive() -> None:
    for name in ("kithd.service", "kithd@.service", "user/kithd.service"):
        said = settings_of(UNITS / name)
        assert said["Type"] == ["notify"]
        assert said["WatchdogSec"] == ["120"]
        assert said["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_the_units_start_commands_that_there_are() -> None:
    units = [*OF_THE_SYSTEM, UNITS / "user" / "kithd.service"]
    started = [settings_of(unit)["ExecStart"][0].split() for unit in units]
    assert [problem_with(words[1:]) for words in started] == [""] * len(units)
    assert {Path(words[0]).name for words in started} == {"kithd"}


@pytest.mark.parametrize("directive", COULD_BITE)
def test_a_comment_stands_by_what_could_bite(directive: str) -> None:
    assert is_explained(UNITS / "kithd.service", directive)
