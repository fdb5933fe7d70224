"""On a real network the baselines come out as the design notes say they should."""

import os
from pathlib import Path

import pytest

from benchmarks.decay.columns import lay_out, survey
from benchmarks.decay.compare import draw_owners, judge
from benchmarks.decay.models.roster import MODELS
from benchmarks.decay.networks import read_network

TOLERANCE = 0.035
"""About half a 95 % interval on this network; the cuts of the notes are not known exactly."""

# Source: design notes, benchmark, columns "Enron 30" and "Enron 90".
PUBLISHED = {
    "fixed 30 days": (0.669, 0.682),
    "overdue ratio": (0.615, 0.645),
    "recency": (0.752, 0.758),
    "tie decay": (0.745, 0.747),
    "BG/NBD": (0.744, 0.737),
    "Pareto/NBD": (0.731, 0.708),
    "six-term logistic": (0.765, 0.764),
}


def test_the_baselines_have_the_published_shape() -> None:
    data = os.environ.get("KITHD_DATA")
    path = Path(data or "", "ties", "enron156_multi.csv.gz")
    if not data or not path.exists():
        pytest.skip("not run: no data")
    field = survey(read_network(path))
    columns = [lay_out(field, horizon, None) for horizon in (30, 90)]
    draws = draw_owners(columns)[field.network.name]
    for model in MODELS:
        if model.name in PUBLISHED:
            qualities = [judge(column, model, draws).quality for column in columns]
            found = [quality.auc for quality in qualities if quality]
            assert found == pytest.approx(PUBLISHED[model.name], abs=TOLERANCE), model.name
