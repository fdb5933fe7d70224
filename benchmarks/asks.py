"""Labelled sentences -> how well asks are found: ``python -m benchmarks.asks DIR``.

Reads ``DIR/asks/asks.tsv``, a label (Yes or No), a tab and a sentence a line. Prints each
figure with its 95 % interval over 2,000 bootstrap resamples of the sentences.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from daemon.cues.asks import weigh_ask
from daemon.cues.languages.en import ENGLISH
from daemon.cues.model import CueKind
from daemon.cues.read import MIN_CONFIDENCE

N_RESAMPLES = 2_000
PRECISION_FLOOR = 0.90  # Source: shared design, suggestions, "Cues"

Scores: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.bool_]
Figure: TypeAlias = Callable[[Labels, Scores, float], float]


def score(sentence: str) -> float:
    """Return how sure kithd is, in [0, 1], that a sentence is an ask."""
    lowered = sentence.lower().replace("\u2019", "'")
    rules = ENGLISH.candidates(lowered).get(CueKind.ASK, [])
    weighed = weigh_ask(lowered, rules)
    return 0.0 if weighed is None else weighed.confidence


def read_labelled(path: Path) -> tuple[Labels, Scores]:
    """Return the labels and the scores of the sentences in ``path``, in its order."""
    rows = [line.partition("\t") for line in path.read_text("utf-8", "replace").splitlines()]
    rows = [row for row in rows if row[0] in ("Yes", "No")]
    labels = np.array([row[0] == "Yes" for row in rows], dtype=np.bool_)
    return labels, np.array([score(row[2]) for row in rows], dtype=np.float64)


def precision(labels: Labels, scores: Scores, at: float) -> float:
    """Return the share of sentences scored ``at`` or above that are asks; 1 if none is."""
    found = scores >= at
    return float(labels[found].mean()) if found.any() else 1.0


def recall(labels: Labels, scores: Scores, at: float) -> float:
    """Return the share of asks that are scored ``at`` or above; 0 if there is none."""
    return float((scores[labels] >= at).mean()) if labels.any() else 0.0


def f1(labels: Labels, scores: Scores, at: float) -> float:
    """Return the harmonic mean of precision and recall."""
    p, r = precision(labels, scores, at), recall(labels, scores, at)
    return 2 * p * r / (p + r) if p + r else 0.0


def accuracy(labels: Labels, scores: Scores, at: float) -> float:
    """Return the share of sentences on the right side of ``at``."""
    return float(((scores >= at) == labels).mean())


def recall_at_precision(labels: Labels, scores: Scores, floor: float) -> float:
    """Return the best recall at any threshold whose precision is ``floor`` or more."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(labels[order])
    is_step = np.append(ranked[1:] != ranked[:-1], True) & (ranked > 0.0)
    is_good = is_step & (hits / np.arange(1, len(hits) + 1) >= floor)
    return float(hits[is_good].max() / labels.sum()) if is_good.any() else 0.0


FIGURES: tuple[tuple[str, Figure, float], ...] = (
    ("precision", precision, MIN_CONFIDENCE),
    ("recall", recall, MIN_CONFIDENCE),
    ("F1", f1, MIN_CONFIDENCE),
    ("accuracy", accuracy, MIN_CONFIDENCE),
    ("accuracy at .50", accuracy, 0.5),
    ("F1 at .50", f1, 0.5),
    ("recall at precision .90", recall_at_precision, PRECISION_FLOOR),
)


def resample(figure: Figure, labels: Labels, scores: Scores, at: float) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of a figure over resampled sentences."""
    draws = np.random.default_rng(7).integers(0, len(labels), (N_RESAMPLES, len(labels)))
    values = [figure(labels[draw], scores[draw], at) for draw in draws]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def main(arguments: list[str]) -> int:
    """Print the figures for the folder named first; 64 where none is named."""
    if len(arguments) != 1:
        print("usage: python -m benchmarks.asks DIR")
        return 64
    path = Path(arguments[0]) / "asks" / "asks.tsv"
    if not path.is_file():
        print("asks: not run: no data")
        return 0
    labels, scores = read_labelled(path)
    print(f"asks: n {len(labels)}, of which asks {int(labels.sum())}; told at {MIN_CONFIDENCE}")
    for name, figure, at in FIGURES:
        low, high = resample(figure, labels, scores, at)
        print(f"  {name:<24} {figure(labels, scores, at):.3f}  [{low:.3f}, {high:.3f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
