"""Every message that breaks other parsers is read or refused, within five seconds and 300 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MEMORY_LIMIT = 300 * 2**20
SECONDS_LIMIT = 5.0
READ_AT_LEAST = {"mail": 365, "bounces": 360, "replies": 12}  # the rest has no author or date

# Runs in a process of its own, for memory can only be bounded there. Prints one line of JSON.
READER = """
import json, resource, sys, time
from pathlib import Path

from connectors.formats.rfc5322 import Unreadable, read_message
from tests.invariants import assert_wholesome

limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
n_read, refusals, worst = 0, {}, 0.0
for path in sorted(Path(sys.argv[1]).iterdir()):
    raw = path.read_bytes()
    started_at = time.perf_counter()
    try:
        assert_wholesome(read_message(raw, uid=path.name))
        n_read += 1
    except Unreadable as refusal:
        refusals[str(refusal)] = refusals.get(str(refusal), 0) + 1
    except BaseException:
        print(path.name, file=sys.stderr)
        raise
    worst = max(worst, time.perf_counter() - started_at)
print(json.dumps({"n_read": n_read, "refusals": refusals, "worst_seconds": worst}))
"""


@pytest.fixture
def corpora() -> Path:
    folder = os.environ.get("KITHD_DATA")
    if not folder:
        pytest.skip("not run: no data")
    return Path(folder, "corpora")


def read_folder(folder: Path) -> dict[str, Any]:
    """Read each file of a folder in a process bounded in memory; fail if it dies."""
    result = subprocess.run(
        [sys.executable, "-c", READER, str(folder), str(MEMORY_LIMIT)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


@pytest.mark.parametrize("name", READ_AT_LEAST)
def test_every_file_is_read_or_refused_within_bounds(corpora: Path, name: str) -> None:
    report = read_folder(corpora / name)
    n_files = sum(1 for _ in (corpora / name).iterdir())
    assert report["n_read"] + sum(report["refusals"].values()) == n_files
    assert report["n_read"] >= READ_AT_LEAST[name]
    assert report["worst_seconds"] < SECONDS_LIMIT
