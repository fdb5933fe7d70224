"""A study -> its tables, in Markdown."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from benchmarks.decay.columns import Column
from benchmarks.decay.compare import Mean, Verdict, differ
from benchmarks.decay.delay import Delay
from benchmarks.decay.kithd import SHIPPED, SHIPPED_FROM
from benchmarks.decay.metrics import Quality
from benchmarks.decay.networks import Network
from benchmarks.decay.resample import Interval
from benchmarks.decay.study import Study

OURS = "kithd"
_MEASURES: dict[str, Callable[[Quality], float]] = {
    "average precision": lambda quality: quality.average_precision,
    "Brier": lambda quality: quality.brier,
    "log loss": lambda quality: quality.log_loss,
    "calibration error": lambda quality: quality.calibration_error,
}


def write(study: Study) -> Iterator[str]:
    """Yield the report, line by line."""
    yield from map(_say_network, study.networks)
    start = "cold start: learnt from the other networks" if study.is_cold else "warm start"
    yield from _head(f"AUC, {start}")
    yield from _tabulate_auc(study.columns, study.verdicts, study.means, study.models)
    yield from _say_shipped(study)
    if study.means:
        yield from _head("Means over the columns that all models share")
        yield from _tabulate_measures(study)
        yield from _head("Difference of the mean AUC, in the same resamples")
        yield from _tabulate_differences(study.means)
    yield from _head("Early warning: AUC after 14 and 30 days of silence, will it reach G?")
    yield from _tabulate_auc(study.early_columns, study.early, study.early_means, study.models)
    if study.delays:
        yield from _head("Delay at half a false flag per tie-year")
        yield from _tabulate_delays(study.delays)


def _say_network(network: Network) -> str:
    span = network.end_day - network.first_day
    size = f"{len(network.people):,} people, {network.n_messages:,} messages, {span:,} days"
    broken = f"; {network.n_broken:,} of {network.n_rows:,} rows not understood"
    trouble = f"; {network.trouble}" if network.trouble else ""
    return f"- {network.name}: {size}{broken if network.n_broken else ''}{trouble}"


def _head(title: str) -> Iterable[str]:
    return ("", f"## {title}", "")


def _rows(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _tabulate_auc(
    columns: Sequence[Column],
    verdicts: Sequence[Verdict],
    means: Sequence[Mean],
    models: Sequence[str],
) -> Iterator[str]:
    judged = [column for column in columns if not column.trouble]
    found = {(verdict.model, verdict.column): verdict for verdict in verdicts}
    mean = {one.model: one.auc for one in means}
    if judged:
        yield from _rows(
            ("model", *(column.name for column in judged), "mean"),
            [
                ("n / share silent", *map(_say_size, judged), ""),
                *(
                    (
                        model,
                        *(_say_interval(found[model, column].auc) for column in judged),
                        _say_interval(mean.get(model)),
                    )
                    for model in models
                ),
            ],
        )
    yield from (f"- {column.name}: {column.trouble}" for column in columns if column.trouble)
    yield from (f"- {v.column.name}, {v.model}: {v.note}" for v in verdicts if v.note)


def _say_shipped(study: Study) -> Iterator[str]:
    known = [network.name for network in study.networks if network.name in SHIPPED_FROM]
    if known and SHIPPED.name in study.models:
        yield f"- {SHIPPED.name}: fitted on {', '.join(known)}, so no cold start there"


def _say_size(column: Column) -> str:
    return f"{len(column.test)}/{_say(float(np.mean(column.test.is_silent)), 2)}"


def _tabulate_measures(study: Study) -> Iterator[str]:
    def average(model: str, measure: Callable[[Quality], float]) -> str:
        values = [
            measure(v.quality)
            for v in study.verdicts
            if v.model == model and v.quality and v.column not in left_out
        ]
        return _say(float(np.mean(values)))

    left_out = {v.column for v in study.verdicts if v.quality is None}
    yield from _rows(
        ("model", "AUC", *_MEASURES),
        (
            (
                one.model,
                _say_interval(one.auc),
                *(average(one.model, measure) for measure in _MEASURES.values()),
            )
            for one in study.means
        ),
    )


def _tabulate_differences(means: Sequence[Mean]) -> Iterator[str]:
    ours = [one for one in means if one.model.startswith(OURS)]
    yield from _rows(
        ("against", *(one.model for one in ours)),
        (
            (other.model, *("" if o is other else _say_signed(differ(o, other)) for o in ours))
            for other in means
        ),
    )


def _tabulate_delays(delays: Sequence[Delay]) -> Iterator[str]:
    networks = dict.fromkeys(delay.network for delay in delays)
    for network in networks:
        its = [delay for delay in delays if delay.network == network]
        size = f"{its[0].n_fades:,} fades, {its[0].n_pauses:,} pauses"
        yield f"{network}: {size}, {its[0].tie_years:,.0f} tie-years"
        yield ""
        heading = ("model", "flagged within 30 days", "ever", "median days")
        yield from _rows(heading, map(_say_delay, its))
        yield ""


def _say_delay(delay: Delay) -> tuple[str, str, str, str]:
    if delay.soon is None:
        return delay.model, delay.note, "", ""
    median = "more than half never" if delay.median_days is None else f"{delay.median_days:.0f}"
    return delay.model, _say_interval(delay.soon), _say(delay.ever, 2), median


def _say_interval(one: Interval | None) -> str:
    if one is None:
        return "-"
    if one.low is None or one.high is None:
        return _say(one.value)
    return f"{_say(one.value)} [{_say(one.low)}, {_say(one.high)}]"


def _say_signed(one: Interval) -> str:
    if one.low is None or one.high is None:
        return f"{one.value:+.3f}"
    return f"{one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


def _say(value: float, places: int = 3) -> str:
    text = f"{value:.{places}f}"
    return text[1:] if text.startswith("0.") else text
