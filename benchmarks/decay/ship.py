"""Networks -> the parameters that kithd ships with, and how each network alone would have them."""

import json
from collections.abc import Sequence

from benchmarks.decay.columns import Field
from benchmarks.decay.cuts import HORIZONS, Examples, all_cuts, examples_at, join_examples
from benchmarks.decay.kithd import UNFITTED, learn
from benchmarks.decay.until_dormant import learn as learn_dormancy
from daemon.ties.fit import ODDS

DIGITS = 2
"""What is shipped is rounded to these: the third differs between any two halves of a network."""


def gather(fields: Sequence[Field]) -> Examples:
    """Return all there is to learn from ``fields``: 30 days, 90 days, and until dormant."""
    parts = [
        examples_at(field.ties, all_cuts(field.network, horizon), horizon)
        for field in fields
        for horizon in HORIZONS
    ]
    parts += [learn_dormancy(field, field.network.end_day) for field in fields]
    return join_examples([part for part in parts if len(part)])


def ship(fields: Sequence[Field]) -> str:
    """Return as JSON what `Renewal` is to have as its defaults, learnt from all ``fields``."""
    alone = {field.network.name: _round([field]) for field in fields}
    return json.dumps({"shipped": _round(fields), "alone": alone}, indent=2)


def _round(fields: Sequence[Field]) -> dict[str, float]:
    found = learn(gather(fields), UNFITTED, ODDS).to_dict()
    return {name: round(found[name], DIGITS) for name in ODDS}
