"""A study -> JSON: everything that was measured, with its size and its intervals."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.decay.columns import Column
from benchmarks.decay.compare import Mean, Verdict, differ
from benchmarks.decay.delay import Delay
from benchmarks.decay.networks import Network
from benchmarks.decay.resample import N_RESAMPLES, Interval
from benchmarks.decay.study import Study
from benchmarks.decay.table import OURS


def export(study: Study) -> str:
    """Return the study as one JSON object; what could not be measured is null."""
    return json.dumps(
        {
            "cold_start": study.is_cold,
            "n_resamples": N_RESAMPLES,
            "models": study.models,
            "networks": [_name_network(network) for network in study.networks],
            "columns": [_name_column(column, study.verdicts) for column in study.columns],
            "means": [_name_mean(mean) for mean in study.means],
            "differences": _name_differences(study.means),
            "early": [_name_column(column, study.early) for column in study.early_columns],
            "early_means": [_name_mean(mean) for mean in study.early_means],
            "delays": [_name_delay(delay) for delay in study.delays],
        },
        indent=1,
    )


def _name_network(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "n_people": len(network.people),
        "n_messages": network.n_messages,
        "span_days": network.end_day - network.first_day,
        "n_rows": network.n_rows,
        "n_rows_not_understood": network.n_broken,
        "trouble": network.trouble,
    }


def _name_column(column: Column, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    return {
        "network": column.network,
        "question": column.question,
        "trouble": column.trouble,
        "n": len(column.test),
        "n_owners": len(np.unique(column.test.rows.owner)),
        "share_silent": float(column.test.is_silent.mean()) if len(column.test) else None,
        "n_training": len(column.training),
        "models": {v.model: _name_verdict(v) for v in verdicts if v.column is column},
    }


def _name_verdict(verdict: Verdict) -> dict[str, Any]:
    quality = asdict(verdict.quality) if verdict.quality else {}
    return {**quality, **_name_interval(verdict.auc), "note": verdict.note}


def _name_mean(mean: Mean) -> dict[str, Any]:
    return {
        "model": mean.model,
        "auc": mean.auc.value,
        **_name_interval(mean.auc),
        "calibration_error": mean.calibration_error,
    }


def _name_interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"low": None, "high": None}
    return {"low": interval.low, "high": interval.high}


def _name_differences(means: tuple[Mean, ...]) -> list[dict[str, Any]]:
    return [
        {"model": one.model, "against": other.model, **asdict(differ(one, other))}
        for one in means
        for other in means
        if one.model.startswith(OURS) and one is not other
    ]


def _name_delay(delay: Delay) -> dict[str, Any]:
    soon = delay.soon
    return {
        "network": delay.network,
        "model": delay.model,
        "n_fades": delay.n_fades,
        "n_pauses": delay.n_pauses,
        "tie_years": delay.tie_years,
        "flagged_within_30_days": soon.value if soon else None,
        **_name_interval(soon),
        "flagged_ever": delay.ever if soon else None,
        "median_days": delay.median_days,
        "note": delay.note,
    }
