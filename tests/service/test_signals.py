"""Signals are wishes; one to stop is granted in time whatever the process is doing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

from daemon.signals import Signals

STUCK = """
import sqlite3, sys
from daemon.signals import Signals, obey_signals
obey_signals(Signals(), last_resort_seconds=0.5)
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN EXCLUSIVE")
waiter = sqlite3.connect(sys.argv[1], timeout=60)
print("waiting", flush=True)
waiter.execute("CREATE TABLE t (x)")
"""

ANEW = """
import os, signal, sys
from daemon.signals import Signals, begin_anew, obey_signals
if "KITHD_TEST_SECOND" in os.environ:
    signals = Signals()
    obey_signals(signals)
    print(os.getpid(), signals.is_reloading, sys.argv[1:])
else:
    first = Signals()
    obey_signals(first)
    print(os.getpid(), flush=True)
    os.environ["KITHD_TEST_SECOND"] = "1"
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    os.kill(os.getpid(), signal.SIGHUP)
    begin_anew(first)
"""


STOPPED = """
import os, signal
from daemon.signals import Signals, begin_anew, obey_signals
signals = Signals()
obey_signals(signals)
os.kill(os.getpid(), signal.SIGTERM)
begin_anew(signals)
print("ended")
"""


def test_wished_to_stop_at_the_last_moment_it_does_not_begin_anew() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout == "ended\n"


def test_a_wait_ends_when_it_is_woken_from_another_thread() -> None:
    signals, began = Signals(), time.monotonic()
    Timer(0.1, signals.wake).start()
    signals.wait(20)
    assert time.monotonic() - began < 10


def test_a_wish_made_before_the_wait_ends_it_too_and_only_once() -> None:
    signals = Signals()
    for _ in range(100_000):
        signals.wake()
    signals.reload()
    assert signals.is_reloading
    began = time.monotonic()
    signals.wait(20)
    assert time.monotonic() - began < 10


def test_a_process_stuck_in_a_library_ends_soon_after_it_is_wished_to(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(tmp_path / "db")], stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()


def test_begun_anew_it_is_the_same_process_and_hears_what_was_signalled_meanwhile(
    tmp_path: Path,
) -> None:
    script = tmp_path / "anew.py"
    script.write_text(ANEW)
    told = subprocess.run(
        [sys.executable, str(script), "run", "now"],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = told.stdout.splitlines()
    assert second == f"{first} True ['run', 'now']"
