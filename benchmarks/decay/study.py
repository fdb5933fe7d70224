"""A folder of networks -> the whole study: verdicts, means, early warnings and delays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.decay.columns import Column, Field, lay_out_all, survey
from benchmarks.decay.compare import Mean, Report, Verdict, average, judge_all
from benchmarks.decay.delay import Delay, measure_all
from benchmarks.decay.models.protocol import Model
from benchmarks.decay.networks import Network, find_files, read_network
from benchmarks.decay.until_dormant import lay_out_early, learn_for


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that was measured, and with which models in which order.

    ``networks`` are all that were read; with a cold start also those only learnt from.
    """

    is_cold: bool
    models: tuple[str, ...]
    networks: tuple[Network, ...]
    columns: tuple[Column, ...]
    verdicts: tuple[Verdict, ...]
    means: tuple[Mean, ...]
    early_columns: tuple[Column, ...]
    early: tuple[Verdict, ...]
    early_means: tuple[Mean, ...]
    delays: tuple[Delay, ...]


def run(
    folder: Path,
    models: Sequence[Model],
    report: Report,
    *,
    only: str | None = None,
    is_cold: bool = False,
) -> Study:
    """Return the study of the networks in ``folder``; ``only`` judges those named like it.

    A warm start learns from each network's own past, a cold one from all the others.
    """
    wanted = set(find_files(folder, only))
    fields, judged = [], []
    for path in find_files(folder) if is_cold else sorted(wanted):
        report(f"reading {path.name}")
        fields.append(survey(read_network(path)))
        if path in wanted:
            judged.append(fields[-1])
    columns = lay_out_all(fields, judged, is_cold=is_cold)
    verdicts = judge_all(columns, models, report)
    early_columns, early, delays = _follow_silences(fields, judged, models, report, is_cold=is_cold)
    return Study(
        is_cold,
        tuple(model.name for model in models),
        tuple(field.network for field in fields),
        tuple(columns),
        tuple(verdicts),
        tuple(average(verdicts)),
        tuple(early_columns),
        tuple(early),
        tuple(average(early)),
        tuple(delays),
    )


def _follow_silences(
    fields: Sequence[Field],
    judged: Sequence[Field],
    models: Sequence[Model],
    report: Report,
    *,
    is_cold: bool,
) -> tuple[list[Column], list[Verdict], list[Delay]]:
    columns: list[Column] = []
    delays: list[Delay] = []
    for field in judged:
        others = [other for other in fields if other is not field] if is_cold else None
        training = learn_for(field, others)
        columns += lay_out_early(field, training)
        delays += measure_all(field, training, models, report)
    return columns, judge_all(columns, models, report), delays
