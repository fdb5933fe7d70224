"""Made-up years -> how often the state shown is the one the generator meant.

Usage: python -m benchmarks.demo_year [--seeds 1 2 3 ...]
"""

import argparse
import json
import tempfile
from collections import Counter
from math import sqrt
from pathlib import Path

from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.cli.standing import list_ties
from daemon.demo.generate import write_year

TRUTHS = ("active", "cooling", "fading", "dormant", "new", "never-a-person")
SHOWN = ("active", "cooling", "fading", "dormant", "new", "no tie")
Matrix = Counter[tuple[str, str]]


def main() -> None:
    """Print the confusion matrix over the seeds, and what must never happen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo_year")
    parser.add_argument("--seeds", type=int, nargs="+", default=[7])
    seeds = parser.parse_args().seeds
    matrix: Matrix = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="kithd-bench-") as scratch:
            matrix += compare(Path(scratch), seed)
    print("\n".join(describe(matrix, seeds)))


def compare(folder: Path, seed: int) -> Matrix:
    """Return how often each truth was shown as each state in the year of ``seed``."""
    year = write_year(folder / "year", seed=seed)
    wishes = Wishes(sources=year.sources, me=year.owner, at=year.at.isoformat())
    shown = {
        identity: standing.tie.state.value
        for standing in list_ties(open_and_read(wishes))
        for identity in standing.person.identities
    }
    people = json.loads(year.truth.read_text())
    return Counter((p["truth"], shown.get(p["address"], "no tie")) for p in people)


def describe(matrix: Matrix, seeds: list[int]) -> list[str]:
    """Return the matrix as a Markdown table, and the share that agrees with its interval."""
    total = sum(n for (truth, _), n in matrix.items() if truth != "never-a-person")
    right = sum(matrix[state, state] for state in TRUTHS)
    low, high = _wilson(right, total)
    rows = [
        f"| {truth} | " + " | ".join(str(matrix[truth, state] or "") for state in SHOWN) + " |"
        for truth in TRUTHS
    ]
    return [
        f"| truth, shown as | {' | '.join(SHOWN)} |",
        "|---" * (len(SHOWN) + 1) + "|",
        *rows,
        "",
        f"Seeds {', '.join(map(str, seeds))}: {right} of {total} ties as meant "
        f"({right / total:.3f}, 95 % interval {low:.3f} to {high:.3f}); "
        f"kept alive and shown as dormant: {matrix['active', 'dormant']}.",
    ]


def _wilson(k: int, n: int) -> tuple[float, float]:
    """The interval of a share. Source: Wilson 1927, equation for the score interval."""
    z, share = 1.96, k / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


if __name__ == "__main__":
    main()
