"""Every calendar and address book of the corpora is read or set aside, within its bounds."""

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.ics import IcsConnector, IcsSettings
from connectors.occurrences import EXPAND, SERIES_SECONDS
from connectors.protocol import Batch, Connector
from connectors.vcf import VcfConnector, VcfSettings
from connectors.worker import Worker
from tests.invariants import assert_line, assert_wholesome

SINCE = datetime(2000, 1, 1, tzinfo=UTC)
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
SECONDS_LIMIT = 5.0
MEMORY_LIMIT = 300 * 1024  # KiB; Source: reliability notes, limits on input.


def corpus(name: str) -> list[Path]:
    root = os.environ.get("KITHD_DATA")
    if not root:
        pytest.skip("not run: no data")
    return sorted(path for path in Path(root, "corpora", name).iterdir() if path.is_file())


def peak_memory(process: int | str) -> int:
    """Return the most memory a process ever had resident, in KiB. Source: proc(5), VmHWM."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def forget_peak() -> int:
    """Begin to measure this process's peak anew; return what it has resident now, in KiB.

    Other tests ran in it before. Source: proc(5), clear_refs.
    """
    Path("/proc/self/clear_refs").write_text("5")
    return peak_memory("self")


def judge(batches: list[Batch]) -> str:
    """Check all that came of a file, and say in a word how it went."""
    observations = [one for batch in batches for one in batch.observations]
    rejected = [one for batch in batches for one in batch.rejected]
    for observation in observations:
        assert_wholesome(observation)
    for one in rejected:
        assert_line(one.uid, 200)
        assert_line(one.reason, 300)
    if rejected:
        return "salvaged" if observations else "set aside"
    return "read" if observations else "nothing in it"


def survey(
    name: str, build: Callable[[Path], Connector], peak: Callable[[], int]
) -> tuple[Counter[str], str]:
    verdicts: Counter[str] = Counter()
    slowest, largest = (0.0, ""), 0
    for path in corpus(name):
        started = time.monotonic()
        with closing(build(path)) as connector:
            batches = list(connector.poll(None))
            largest = max(largest, peak())
        slowest = max(slowest, (time.monotonic() - started, path.name))
        verdicts[judge(batches)] += 1
        verdicts["observations"] += sum(len(batch.observations) for batch in batches)
        verdicts["components set aside"] += sum(len(batch.rejected) for batch in batches)
    assert slowest[0] < SECONDS_LIMIT, slowest
    assert largest < MEMORY_LIMIT, largest
    return verdicts, f"slowest {slowest[0]:.2f} s ({slowest[1]}), peak {largest // 1024} MB"


def test_every_calendar_is_read_or_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    with Worker(EXPAND, seconds=SERIES_SECONDS) as worker:

        class Sharing(IcsConnector):
            """Uses one worker for all files: three hundred starts would take a minute."""

            def __init__(self, settings: IcsSettings, *, since: datetime) -> None:
                super().__init__(settings, since=since)
                self._expander._worker = worker

            def close(self) -> None: ...

        def peak() -> int:
            return peak_memory(worker._process.pid) if worker._process else 0

        def build(path: Path) -> Connector:
            return Sharing(IcsSettings(path, UNTIL), since=SINCE)

        verdicts, bounds = survey("ics", build, peak)
        restarts = worker.n_started - 1
    with capsys.disabled():
        print(f"\ncalendars: {dict(verdicts)}; {bounds}; {restarts} workers killed")
    assert verdicts["read"] + verdicts["salvaged"] > 150


def test_every_address_book_is_read_or_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    def build(path: Path) -> Connector:
        return VcfConnector(VcfSettings(path), since=SINCE)

    before = forget_peak()
    verdicts, bounds = survey("vcf", build, lambda: peak_memory("self") - before)
    with capsys.disabled():
        print(f"\naddress books: {dict(verdicts)}; {bounds}")
    assert verdicts["read"] + verdicts["salvaged"] >= 19
