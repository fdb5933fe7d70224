"""The daemon's work under the unit's own filter of system calls, address families and memory."""

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systemd import confined
from tests.systemd.analyze import UNITS, allowed_calls, needs_systemd_analyze
from tests.systemd.settings import settings_of

WORK = """
import socket, sqlite3, ssl, subprocess
import css_inline, dns.resolver, httpcore, lxml.html, numpy, xml.parsers.expat
from connectors.credentials.secrets import Secret
from connectors.worker import Worker
ssl.create_default_context()
css_inline.inline("<p>x</p>")
lxml.html.fromstring("<p>x</p>")
assert Secret("command:echo kept").reveal() == "kept"
socket.socket(socket.AF_INET6).close()
socket.getaddrinfo("localhost", 993)
with Worker("json:dumps") as worker:
    assert worker.ask([1]) == "[1]"
print("worked")
"""
LETTER = b"""From: robin@example.org\r\nTo: ana@example.com\r\nSubject: Tiles\r
Message-ID: <1@example.org>\r\nDate: Mon, 1 Sep 2025 10:00:00 +0000\r\n\r\nHere they are.\r\n"""
SETTINGS = """[owner]
addresses = ["robin@example.org"]
[sources.mail]
kind = "maildir"
path = "Mail"
"""
ROOT = Path(__file__).parents[2]
REFUSED = {
    "raw sockets": "import socket; socket.socket(socket.AF_PACKET)",
    "netlink": "import socket; socket.socket(socket.AF_NETLINK)",
    "code made at run time": "import mmap; mmap.mmap(-1, 4096, prot=6)",
    "another's process": "import ctypes; assert not ctypes.CDLL(None).ptrace(0, 0, 0, 0), 'no'",
    "a new root": "import os; os.chroot('/')",
}


@pytest.fixture
def confined_by_the_unit() -> list[str]:
    needs_systemd_analyze()
    try:
        ctypes.CDLL(confined.LIBRARY)
    except OSError:
        assert not os.environ.get("KITHD_ALL"), "libseccomp is missing"
        pytest.skip("not run: no libseccomp")
    said = settings_of(UNITS / "kithd.service")
    calls = allowed_calls([line.split() for line in said["SystemCallFilter"]])
    families = said["RestrictAddressFamilies"][0].replace(" ", ",")
    script = str(Path(confined.__file__))
    return [sys.executable, script, ",".join(sorted(calls)), families]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_libraries_and_the_reader_work(confined_by_the_unit: list[str], tmp_path: Path) -> None:
    done = run([*confined_by_the_unit, sys.executable, "-c", WORK], tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("worked", "")


def test_a_year_is_read_and_a_digest_made(confined_by_the_unit: list[str], tmp_path: Path) -> None:
    done = run([*confined_by_the_unit, sys.executable, "-m", "daemon", "demo"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Your network this week" in done.stdout


def test_the_service_gets_ready_and_stops(confined_by_the_unit: list[str], tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    (tmp_path / "Mail" / "cur" / "1:2,S").write_bytes(LETTER)
    settings = tmp_path / "config.toml"
    settings.write_text(SETTINGS)
    words = [*confined_by_the_unit, sys.executable, "-m", "daemon", "run"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        known = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        known |= {"STATE_DIRECTORY": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
        log = (tmp_path / "log").open("w")
        with (
            log,
            subprocess.Popen(
                [*words, "--config", str(settings)], cwd=tmp_path, env=known, stderr=log
            ) as service,
        ):
            try:
                while b"READY=1" not in manager.recv(4096):
                    pass
                service.terminate()
                assert service.wait(20) == 0, (tmp_path / "log").read_text()
            finally:
                service.kill()


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_the_daemon_never_does_is_refused(
    attempt: str, confined_by_the_unit: list[str], tmp_path: Path
) -> None:
    done = run([*confined_by_the_unit, sys.executable, "-c", REFUSED[attempt]], tmp_path)
    assert done.returncode == 1
    assert "Error" in done.stderr
