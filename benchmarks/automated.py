"""Mail labelled by others -> how well machines' mail is told from people's, by marks alone.

Usage: python -m benchmarks.automated DIR

``DIR`` holds ``corpora`` (``bounces``, ``mail``, ``LABELS.tsv``) and ``mailboxes``. What
is labelled a bounce, an automatic reply or a feedback report should be taken for a
machine's; messages of the list archive, all written by people, and mail that carries no
label should not. Labels are those of the collections the files come from.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from connectors.formats import mbox
from connectors.formats.rfc5322 import Unreadable, read_message
from connectors.mbox import MboxConnector, MboxSettings
from connectors.observations import Message
from connectors.protocol import Reading
from daemon.interactions.automated import Origin, classify
from daemon.jobs.refresh import SINCE

MACHINES = frozenset({"bounce", "auto-reply", "feedback-report"})
ARCHIVE = Path("mailboxes", "maintainer.mbox.gz")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One message: where it lies, what it is said to be, and whether it is taken for a machine's.

    ``is_machine`` is None where it cannot be read at all.
    """

    place: str
    label: str
    is_machine: bool | None


def main() -> None:
    """Print precision and recall, and every message that was taken for what it is not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automated")
    parser.add_argument("folder", type=Path, metavar="DIR")
    folder: Path = parser.parse_args().folder
    print("\n".join(describe([*judge_corpora(folder / "corpora"), *judge_archive(folder)])))


def judge_corpora(folder: Path) -> Iterator[Verdict]:
    """Yield a verdict on each labelled bounce and each message of ``mail`` without a label."""
    with (folder / "LABELS.tsv").open(newline="") as lines:
        labels = dict(list(csv.reader(lines, delimiter="\t"))[1:])
    for path in sorted([*(folder / "bounces").iterdir(), *(folder / "mail").iterdir()]):
        place = str(path.relative_to(folder))
        label = labels.get(place, "" if place.startswith("mail/") else "unknown")
        if label in MACHINES or not label:
            yield Verdict(place, label, judge(path))


def judge(path: Path) -> bool | None:
    """Return whether the message at ``path`` is taken for a machine's, None if unreadable."""
    raw = path.read_bytes()
    try:
        message = read_message(mbox.content(raw) if raw[:5] == b"From " else raw, uid=path.name)
    except Unreadable:
        return None
    return is_machine(message)


def judge_archive(folder: Path) -> Iterator[Verdict]:
    """Yield a verdict on each message of the list archive."""
    settings = MboxSettings(path=folder / ARCHIVE, read=Reading.HEADERS)
    for batch in MboxConnector(settings, since=SINCE).poll(None):
        for message in batch.observations:
            if isinstance(message, Message):
                yield Verdict(f"{ARCHIVE}: {message.uid}", "person", is_machine(message))


def is_machine(message: Message) -> bool:
    """Return whether ``message`` is taken for a machine's."""
    return classify(message) is Origin.MACHINE


def describe(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the report, line by line."""
    found = list(verdicts)
    read = [v for v in found if v.is_machine is not None]
    caught = [v for v in read if v.is_machine]
    right = [v for v in caught if v.label in MACHINES]
    yield _share("precision", len(right), len(caught))
    for label in ("", *sorted(MACHINES)):
        wanted = [v for v in read if v.label in ({label} if label else MACHINES)]
        name = f"recall, {label}" if label else "recall"
        yield _share(name, sum(bool(v.is_machine) for v in wanted), len(wanted))
    for label, name in (("person", "list archive"), ("", "mail without a label")):
        others = [v for v in read if v.label == label]
        yield _share(f"mistaken, {name}", sum(bool(v.is_machine) for v in others), len(others))
    yield f"not readable, not counted: {len(found) - len(read)}"
    yield from (f"missed ({v.label}): {v.place}" for v in read if _is_missed(v))
    yield from (f"mistaken: {v.place}" for v in caught if v.label not in MACHINES)


def _is_missed(verdict: Verdict) -> bool:
    return verdict.label in MACHINES and not verdict.is_machine


def _share(name: str, k: int, n: int) -> str:
    low, high = wilson(k, n)
    return f"{name}: {k}/{n} = {k / n:.4f} (95 % interval {low:.4f} to {high:.4f})"


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of ``k`` in ``n``, ``n`` above 0.

    Source: Wilson 1927, the score interval, with z = 1.96.
    """
    z, share = 1.96, k / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


if __name__ == "__main__":
    main()
