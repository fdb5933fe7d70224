"""Columns and models -> verdicts: every model on the same rows, each with its intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.decay.arrays import Floats
from benchmarks.decay.columns import Column
from benchmarks.decay.metrics import Quality, assess
from benchmarks.decay.models.protocol import Model, TooLittle
from benchmarks.decay.resample import Draws, Interval, draw, interval, resample_auc

Report = Callable[[str], None]
"""Says how far the work is."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """How one model did in one column.

    ``quality`` is None, and ``note`` says why, where the model could not be used.
    ``resampled`` is the AUC in each resample, ``chance`` what it said of each test row.
    """

    model: str
    column: Column
    quality: Quality | None
    resampled: Floats
    chance: Floats
    note: str = ""

    @property
    def auc(self) -> Interval | None:
        """The AUC with its interval."""
        return interval(self.quality.auc, self.resampled) if self.quality else None


def judge_all(columns: Sequence[Column], models: Sequence[Model], report: Report) -> list[Verdict]:
    """Return a verdict for each model on each column that can be judged."""
    fit_to_judge = [column for column in columns if not column.trouble]
    draws = draw_owners(fit_to_judge)
    verdicts = []
    for k, column in enumerate(fit_to_judge, 1):
        for model in models:
            report(f"[{k}/{len(fit_to_judge)}] {column.name}: {model.name}")
            verdicts.append(judge(column, model, draws[column.network]))
    return verdicts


def draw_owners(columns: Sequence[Column]) -> dict[str, Draws]:
    """Return the resamples of each network's owners, over all its columns."""
    names = dict.fromkeys(column.network for column in columns)
    return {
        name: draw(name, np.concatenate([c.test.rows.owner for c in columns if c.network == name]))
        for name in names
    }


def judge(column: Column, model: Model, draws: Draws) -> Verdict:
    """Return how ``model`` does on ``column``."""
    test = column.test
    try:
        chance = model.fit(column.training).score(test.rows, test.horizon)
    except TooLittle as reason:
        return Verdict(model.name, column, None, np.zeros(0), np.zeros(0), f"too little: {reason}")
    quality = assess(test.is_silent, chance)
    resampled = resample_auc(test.is_silent, chance, test.rows.owner, draws)
    return Verdict(model.name, column, quality, resampled, chance)


@dataclass(frozen=True, eq=False)
class Mean:
    """One model over all columns in which every model could be used."""

    model: str
    auc: Interval
    calibration_error: float
    resampled: Floats


def average(verdicts: Sequence[Verdict]) -> list[Mean]:
    """Return the mean of each model over the columns that all models share."""
    left_out = {v.column for v in verdicts if v.quality is None}
    shared = [v for v in verdicts if v.column not in left_out]
    models = dict.fromkeys(v.model for v in shared)
    return [_average([v for v in shared if v.model == model]) for model in models]


def _average(verdicts: Sequence[Verdict]) -> Mean:
    qualities = [v.quality for v in verdicts if v.quality]
    resampled = np.mean([v.resampled for v in verdicts], axis=0)
    value = float(np.mean([quality.auc for quality in qualities]))
    miss = float(np.mean([quality.calibration_error for quality in qualities]))
    return Mean(verdicts[0].model, interval(value, resampled), miss, resampled)


def differ(one: Mean, other: Mean) -> Interval:
    """Return by how much the mean AUC of ``one`` exceeds that of ``other``.

    Both are taken in the same resamples, so that what moves both is no difference.
    """
    return interval(one.auc.value - other.auc.value, one.resampled - other.resampled)
