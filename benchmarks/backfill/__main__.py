"""Time whole commands, and print each beside the bare reading of the same heads.

Usage: python -m benchmarks.backfill [--data DIR | --imap] [--messages N] [--runs N]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.backfill import imap
from benchmarks.backfill.bare import read_heads
from benchmarks.backfill.mail import EGO, write_maildir

OWNER = ("macro@linux-mips.org", "macro@ds2.pg.gda.pl")
KITHD = (sys.executable, "-m", "daemon")


@dataclass(frozen=True, slots=True)
class Run:
    """One command from its start to its end."""

    seconds: float
    megabytes: float


def main() -> None:
    """Run every case there is data for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill")
    parser.add_argument("--data", default=os.environ.get("KITHD_DATA"), help="real data")
    parser.add_argument("--imap", action="store_true", help="read from a Dovecot instead")
    parser.add_argument("--messages", type=int, help="made-up messages: 100,000, or 20,000 by IMAP")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each command")
    wishes = parser.parse_args()
    if wishes.imap:
        imap.measure(wishes.messages or 20_000, wishes.runs)
        return
    print(f"{'case':<34} {'s, median [range]':<22} {'MB':>5} {'messages/s':>11} {'x bare':>7}")
    with tempfile.TemporaryDirectory(prefix="kithd-bench-") as scratch:
        if wishes.data:
            _measure_archive(Path(wishes.data), Path(scratch), wishes.runs)
        else:
            print("a list archive of 5,393 messages: not run: no data (--data, KITHD_DATA)")
        _measure_maildir(Path(scratch), wishes.messages or 100_000, wishes.runs)


def _measure_archive(data: Path, scratch: Path, runs: int) -> None:
    archive = data / "mailboxes" / "maintainer.mbox.gz"
    words = _words(archive, OWNER, "--at", "2008-06-01")
    _report("archive", archive, words, scratch / "archive", runs)


def _measure_maildir(scratch: Path, count: int, runs: int) -> None:
    maildir = scratch / "Maildir"
    write_maildir(maildir, count)
    words = _words(maildir, (EGO,))
    _report("Maildir", maildir, words, scratch / "maildir", runs)


def _report(name: str, mail: Path, words: Sequence[str], keep: Path, runs: int) -> None:
    bare_command = (sys.executable, "-m", "benchmarks.backfill.bare", str(mail))
    count = read_heads(mail)
    bare = [_time(bare_command) for _ in range(runs)]
    limit = median(run.seconds for run in bare)
    _print(f"{name}: bare reading of heads", bare, count, limit)
    _print(f"{name}: digest", [_time(words) for _ in range(runs)], count, limit)
    kept = [_time((*words, "--keep", f"{keep}-{n}")) for n in range(runs)]
    _print(f"{name}: digest --keep, first", kept, count, limit)
    again = [_time((*words, "--keep", f"{keep}-{n}")) for n in range(runs)]
    _print(f"{name}: digest --keep, nothing new", again, count, limit)


def _words(mail: Path, owner: Sequence[str], *more: str) -> list[str]:
    me = [word for address in owner for word in ("--me", address)]
    return [*KITHD, "digest", "--from", str(mail), *me, *more]


def _time(command: Sequence[str]) -> Run:
    """Run ``command`` to its end; the kernel says how much memory it took at most."""
    began = time.perf_counter()
    # Compiled modules may be kept, as where the program is installed.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{said.decode()}")
    return Run(time.perf_counter() - began, usage.ru_maxrss / 1024)


def _print(name: str, runs: Sequence[Run], count: int, limit: float) -> None:
    seconds = sorted(run.seconds for run in runs)
    middle = median(seconds)
    spread = f"{middle:.2f} [{seconds[0]:.2f}-{seconds[-1]:.2f}]"
    memory = max(run.megabytes for run in runs)
    rate, ratio = count / middle, middle / limit
    print(f"{name:<34} {spread:<22} {memory:>5.0f} {rate:>11,.0f} {ratio:>7.1f}", flush=True)


if __name__ == "__main__":
    main()
