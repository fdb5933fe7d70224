"""Progress of a long read -> a bar on a terminal, a plain line now and then elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TextIO

import typer

from connectors.protocol import Progress
from daemon.jobs.refresh import OnSource

SILENT_SECONDS = 3.0
"""How long a read may take before it says how far it is, or another is shown in its place."""


@contextmanager
def show_progress(stream: TextIO | None = None) -> Iterator[OnSource]:
    """Yield what to tell progress to. What it prints goes to standard error."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Lines(stream)
        return
    with ExitStack() as shown:
        yield _Bars(stream, shown)


class _Bars:
    """One bar at a time, of one of the sources that are being read side by side."""

    def __init__(self, stream: TextIO, shown: ExitStack) -> None:
        self._stream, self._shown = stream, shown
        self._source, self._done, self._moved_at = "", 0, 0.0
        self._is_full = True

    def __call__(self, source: str, progress: Progress) -> None:
        if not progress.expected or (source != self._source and not self._may_leave()):
            return
        if source != self._source:
            self._begin(source, progress.expected)
        self._bar.update(progress.done - self._done)
        self._done, self._moved_at = progress.done, monotonic()
        self._is_full = progress.done >= progress.expected

    def _may_leave(self) -> bool:
        """Stay with a source until it is read or silent, so that the estimate means something."""
        return self._is_full or monotonic() - self._moved_at >= SILENT_SECONDS

    def _begin(self, source: str, expected: int) -> None:
        self._shown.close()
        self._source, self._done = source, 0
        bar = typer.progressbar(
            length=expected, label=f"Reading {source}", file=self._stream, show_pos=True
        )
        self._bar = self._shown.enter_context(bar)


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream, self._told_at = stream, monotonic()

    def __call__(self, source: str, progress: Progress) -> None:
        if monotonic() - self._told_at >= SILENT_SECONDS:
            of = f" of {progress.expected:,}" if progress.expected else ""
            print(f"Reading {source}: {progress.done:,}{of} {progress.unit}", file=self._stream)
            self._told_at = monotonic()
