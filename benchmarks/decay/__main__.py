"""Who wrote whom and when -> how well each model foresees which ties fall silent.

Usage: python -m benchmarks.decay DIR [--only NAME] [--cold-start] [--json] [--plots FOLDER]
       python -m benchmarks.decay DIR --ship
       python -m benchmarks.decay --speed

Every ``*.csv.gz`` in ``DIR`` with columns ``t, src, dst`` (a row per recipient) or
``t, src, dsts`` (recipients separated by spaces) is a network; ``t`` is in seconds.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.decay.columns import survey
from benchmarks.decay.export import export
from benchmarks.decay.models.roster import MODELS
from benchmarks.decay.networks import SUFFIX, find_files, read_network
from benchmarks.decay.plots import draw_plots
from benchmarks.decay.ship import ship
from benchmarks.decay.speed import measure
from benchmarks.decay.study import run
from benchmarks.decay.table import write


def main() -> None:
    """Print the tables, or all of it as JSON; progress goes to standard error."""
    wishes = _parse()
    if wishes.speed:
        print("\n".join(measure()))
        return
    folder: Path = wishes.folder
    if not find_files(folder, wishes.only):
        named = f" named like {wishes.only}" if wishes.only else ""
        print(f"not run: no data ({folder} holds no *{SUFFIX}{named})")
        return
    if wishes.ship:
        print(ship([survey(read_network(path)) for path in find_files(folder, wishes.only)]))
        return
    study = run(folder, MODELS, _report, only=wishes.only, is_cold=wishes.cold_start)
    print(export(study) if wishes.json else "\n".join(write(study)))
    if wishes.plots is not None:
        for path in draw_plots(study, wishes.plots):
            _report(f"drawn: {path}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decay")
    parser.add_argument(
        "folder", type=Path, metavar="DIR", nargs="?", help="where the networks lie"
    )
    parser.add_argument("--only", metavar="NAME", help="judge only files whose name holds NAME")
    parser.add_argument(
        "--cold-start", action="store_true", help="learn from the other networks only"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw plots into FOLDER")
    parser.add_argument("--ship", action="store_true", help="fit what kithd is to ship with")
    parser.add_argument("--speed", action="store_true", help="time made-up ties; needs no DIR")
    wishes = parser.parse_args()
    if wishes.folder is None and not wishes.speed:
        parser.error("DIR is missing: the folder with the networks, as *.csv.gz")
    return wishes


def _report(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
