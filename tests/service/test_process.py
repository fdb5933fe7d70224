"""The service as a process: its manager, its signals, its end, and its successor."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from daemon.config.kinds import list_kinds
from tests.service.process import (
    PATIENCE,
    SENDING,
    SETTINGS,
    Manager,
    imap_at,
    manager,
    service,
    silent_server,
)


def test_it_says_when_it_is_ready_how_it_is_and_that_it_makes_progress(tmp_path: Path) -> None:
    place = f"@kithd-test-{os.getpid()}"
    with (
        manager(place) as heard,
        service(tmp_path, NOTIFY_SOCKET=place, WATCHDOG_USEC="300000") as running,
    ):
        says = heard.listen(lambda says: says.count("WATCHDOG=1") > 20)
        assert says[0] == "READY=1"
        assert "STATUS=0 sources, no delivery" in says
        running.send(signal.SIGSTOP)
        heard.sock.settimeout(1.0)
        assert wait_for_silence(heard), "it beats without making progress"
        running.send(signal.SIGCONT)
        assert running.stop()[0] == 0
        heard.listen(lambda says: "STOPPING=1" in says)


def wait_for_silence(heard: Manager) -> bool:
    for _ in range(1000):
        try:
            heard.sock.recv(4096)
        except TimeoutError:
            return True
    return False


def test_it_ends_in_time_while_it_waits_for_a_server_that_hangs(tmp_path: Path) -> None:
    with (
        silent_server() as silent,
        service(tmp_path, settings=SETTINGS + imap_at(silent.port, tmp_path)) as running,
    ):
        silent.wait_for_callers(2)  # one reads, one waits for news
        code, seconds = running.stop()
        assert code == 0
        assert seconds < 5


def test_good_settings_are_taken_at_a_signal_and_bad_ones_are_not(tmp_path: Path) -> None:
    place = str(tmp_path / "notify")
    config = tmp_path / "config.toml"
    with manager(place) as heard, service(tmp_path, NOTIFY_SOCKET=place) as running:
        heard.listen(lambda says: "STATUS=0 sources" in "\n".join(says))
        config.write_text(SETTINGS + "\n[sources.box]\nkind = 'mbox'\npath = 'absent.mbox'\n")
        running.send(signal.SIGHUP)
        running.wait_for("reloaded")
        says = heard.listen(lambda says: says.count("READY=1") == 2)
        assert says[says.index("RELOADING=1") + 1].startswith("MONOTONIC_USEC=")
        heard.listen(lambda says: any("1 source" in line for line in says))
        config.write_text(SETTINGS + "digest_huor = 3\n")
        running.send(signal.SIGHUP)
        running.wait_for("the new settings cannot be used; the old ones stay")
        heard.listen(lambda says: any("new settings not taken" in line for line in says))
        assert running.process.poll() is None
        config.write_text(SETTINGS)
        told = command("status", tmp_path)
        assert "It goes on with its old settings" in told.stdout
        assert f"process {running.process.pid} on " in told.stdout
        running.send(signal.SIGHUP)
        running.wait_for("reloaded", times=2)
        assert "old settings" not in command("status", tmp_path).stdout


def command(name: str, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "daemon", name, "--config", str(folder / "config.toml"), *words],
        env={**os.environ, "STATE_DIRECTORY": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_a_second_instance_says_who_is_there_and_goes(tmp_path: Path) -> None:
    with service(tmp_path) as first:
        first.wait_for("started")
        told = command("run", tmp_path)
        assert told.returncode == 75
        assert told.stderr.splitlines()[0] == "Another kithd is running for this owner."
        assert f"process {first.process.pid} on" in told.stderr
        assert first.process.poll() is None


def test_killed_it_can_be_started_again_at_once_and_sends_no_second_digest(
    tmp_path: Path,
) -> None:
    with service(tmp_path, SETTINGS + SENDING) as running:
        running.wait_for("prepared the day")
        running.send(signal.SIGKILL)
        running.process.wait()
    with service(tmp_path) as running:
        running.wait_for("started")
        assert running.stop()[0] == 0
        assert not any(line["event"] == "prepared the day" for line in running.lines)


def test_after_a_digest_it_begins_anew_as_the_same_process(tmp_path: Path) -> None:
    with service(tmp_path, SETTINGS + SENDING) as running:
        running.wait_for("prepared the day")
        running.wait_for("started", times=2)
        assert f"process {running.process.pid} on" in command("status", tmp_path).stdout
        assert running.stop()[0] == 0


def test_no_connector_is_imported_that_the_settings_do_not_name(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        SETTINGS + "\n[sources.cards]\nkind = 'vcf'\npath = 'absent.vcf'\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", LOADED, "--config", str(tmp_path / "config.toml")],
        env={**os.environ, "STATE_DIRECTORY": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=True,
    )
    kinds = {*list_kinds(), "memory"}
    loaded = {line.split(".")[1] for line in told.stdout.splitlines()}
    assert loaded & kinds == {"vcf"}
    assert not loaded & {"http", "webdav", "unpack"}


LOADED = """
import os, signal, sys, threading
from daemon.cli import run_command
threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
from pathlib import Path
run_command.run(config=Path(sys.argv[2]))
print(*sorted(m for m in sys.modules if m.startswith("connectors.")), sep="\\n")
"""
