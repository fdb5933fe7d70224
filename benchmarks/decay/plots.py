"""A study -> two pictures: whether the chances come true, and how soon fades are flagged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.decay.compare import Verdict
from benchmarks.decay.delay import Delay
from benchmarks.decay.metrics import calibration_curve
from benchmarks.decay.study import Study

CALIBRATION, DELAY = "calibration.svg", "delay.svg"
_SHOWN = ("tie decay", "BG/NBD", "gradient boosting", "six-term logistic", "overdue ratio")
_DAYS = 180


def draw_plots(study: Study, folder: Path) -> list[Path]:
    """Write what there is to draw into ``folder``, made if missing; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = [name for name in study.models if name in _SHOWN or name.startswith("kithd")]
    written = []
    if study.verdicts:
        written.append(_draw_calibration(study, shown, folder / CALIBRATION))
    if study.delays:
        written.append(_draw_delay(study, shown, folder / DELAY))
    return written


def _draw_calibration(study: Study, shown: Sequence[str], path: Path) -> Path:
    columns = [column for column in study.columns if not column.trouble]
    figure = Figure(figsize=(3.2 * len(columns), 3.6), layout="constrained")
    for axes, column in zip(_lay_out(figure, len(columns)), columns, strict=True):
        axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
        for verdict in study.verdicts:
            if verdict.column is column and verdict.quality and verdict.model in shown:
                _add_calibration(axes, verdict, shown.index(verdict.model))
        axes.set_title(column.name, fontsize=9)
        axes.set_xlabel("chance of silence that was said")
    return _finish(figure, "share that was silent", path)


def _add_calibration(axes: Axes, verdict: Verdict, number: int) -> None:
    curve = calibration_curve(verdict.column.test.is_silent, verdict.chance)
    axes.plot(
        curve.said, curve.seen, **_style(verdict.model, number), marker=".", label=verdict.model
    )


def _draw_delay(study: Study, shown: Sequence[str], path: Path) -> Path:
    networks = list(dict.fromkeys(delay.network for delay in study.delays))
    figure = Figure(figsize=(3.6 * len(networks), 3.6), layout="constrained")
    for axes, network in zip(_lay_out(figure, len(networks)), networks, strict=True):
        for delay in study.delays:
            if delay.network == network and delay.soon and delay.model in shown:
                _add_delay(axes, delay, shown.index(delay.model))
        axes.axvline(30, color="#bbbbbb", linewidth=1)
        axes.set_title(network, fontsize=9)
        axes.set_xlabel("days of silence")
    return _finish(figure, "share of fades flagged", path)


def _add_delay(axes: Axes, delay: Delay, number: int) -> None:
    days = np.arange(_DAYS + 1)
    share = np.searchsorted(np.sort(delay.days), days, side="right") / delay.n_fades
    axes.step(days, share, where="post", label=delay.model, **_style(delay.model, number))


def _style(model: str, number: int) -> dict[str, Any]:
    """Ours are drawn strong, the others thin; colours stay the same in every plot."""
    is_ours = model.startswith("kithd")
    return {"color": f"C{number % 10}", "linewidth": 2.2 if is_ours else 1.1}


def _lay_out(figure: Figure, n: int) -> list[Axes]:
    return list(figure.subplots(1, n, sharey=True, squeeze=False)[0])


def _finish(figure: Figure, label: str, path: Path) -> Path:
    figure.axes[0].set_ylabel(label)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(2 * len(figure.axes), 5), fontsize=8
    )
    # Without a date, and with ids from a fixed salt, the same study gives the same file.
    with rc_context({"svg.hashsalt": "kithd"}):
        figure.savefig(path, metadata={"Date": None})
    return path
