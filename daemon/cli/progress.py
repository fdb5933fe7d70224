"""Progress of a long read -> a bar on a terminal, a plain line now and then elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from connectors.protocol import Progress
from daemon.jobs.refresh import OnSource

SILENT_SECONDS = 3.0
"""How long a read may take before a plain line says how far it is."""


@contextmanager
def show_progress(stream: TextIO = sys.stderr) -> Iterator[OnSource]:
    """Yield what to tell progress to. What it prints goes to standard error."""
    if not stream.isatty():
        yield _Lines(stream)
        return
    columns = (
        TextColumn("Reading {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(file=stream), transient=True) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, source: str, progress: Progress) -> None:
        if source not in self._tasks:
            self._tasks[source] = self._bars.add_task(source)
        self._bars.update(self._tasks[source], completed=progress.done, total=progress.expected)


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream, self._told_at = stream, monotonic()

    def __call__(self, source: str, progress: Progress) -> None:
        if monotonic() - self._told_at >= SILENT_SECONDS:
            of = f" of {progress.expected:,}" if progress.expected else ""
            print(f"Reading {source}: {progress.done:,}{of} {progress.unit}", file=self._stream)
            self._told_at = monotonic()
