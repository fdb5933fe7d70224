"""Forty features a tie -> a chance of silence, by gradient boosting: the strongest usual rival."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from benchmarks.decay.arrays import Floats
from benchmarks.decay.cuts import Examples
from benchmarks.decay.models.calibrate import require
from benchmarks.decay.models.features import describe
from benchmarks.decay.rows import Rows


def tabulate(rows: Rows) -> Floats:
    """Return the features, a row each, in the order of ``describe``."""
    return np.column_stack(list(describe(rows).values()))


@dataclass(frozen=True, slots=True)
class FittedBoosting:
    """The trees."""

    trees: HistGradientBoostingClassifier

    def score(self, rows: Rows, horizon: Floats) -> Floats:
        """Return the chance of silence; it was learnt for one horizon and knows no other."""
        del horizon
        features = rows.derive(tabulate)
        with threadpool_limits(1):
            chance: Floats = self.trees.predict_proba(features)[:, 1]
        return chance


@dataclass(frozen=True, slots=True)
class Boosting:
    """Small trees, slowly learnt; nothing random, so a run can be repeated."""

    name: str = field(default="gradient boosting", init=False)

    def fit(self, training: Examples) -> FittedBoosting:
        """Return the trees for ``training``."""
        require(training)
        trees = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=150,
            max_leaf_nodes=8,
            min_samples_leaf=40,
            l2_regularization=10.0,
            early_stopping=False,
            random_state=0,
        )
        features = training.rows.derive(tabulate)
        with threadpool_limits(1):  # threads that wait for a shared core take many times as long
            return FittedBoosting(
                trees.fit(features, training.is_silent, sample_weight=training.weights)
            )
