"""Several sources side by side -> one writer: readers read, the caller stores batch by batch."""

import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from connectors.errors import Unavailable
from connectors.protocol import Batch, Connector, Cursor, Progress
from daemon.commands.accept import Trust
from daemon.interactions.model import Ego
from daemon.jobs import own_addresses
from daemon.jobs.basis import Basis
from daemon.jobs.glean import SAID
from daemon.jobs.poll import read_changes, store
from daemon.jobs.refresh import connect
from daemon.jobs.settle import Trouble, settle
from daemon.store import ingest, sources
from daemon.store.database import Database
from daemon.store.ingest import CursorMoved
from daemon.store.sources import Source

SIDE_BY_SIDE = 4
"""Sources read at the same time: more would wait for the one writer."""

SLICE_SECONDS = 0.25
"""How soon a wish to stop is noticed while nothing arrives."""

SILENT_SECONDS = 600.0
"""How long a reader may bring nothing before it is given up."""

GRACE_SECONDS = 3.0
"""How long readers whose connections were closed may take to notice."""

OnBatch = Callable[[str, Progress | None], None]


def never() -> bool:
    """Return that nobody wishes to stop."""
    return False


def ignore(_source: str, _progress: Progress | None) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Reading:
    """One source that is being read.

    ``cursor`` is what was stored last, ``told`` what its account said once all was read.
    """

    source: Source
    cursor: Cursor | None
    connector: Connector | None = None
    batches: Iterator[Batch] = field(default_factory=lambda: iter(()))
    told: own_addresses.Told | None = None
    heard_at: float = field(default_factory=monotonic)
    is_closed: bool = False

    def close(self) -> None:
        """Release the connection; a reader that waits for it then ends."""
        self.is_closed = True
        if self.connector is not None:
            self.connector.close()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one call stored, what could not be read, and how many are still being read."""

    n_stored: int
    troubles: tuple[Trouble, ...]
    n_reading: int


class Gatherer:
    """Reads sources side by side, and goes on with them from call to call until each is read.

    A reader is one batch ahead of what is stored, so that a source is read while another, or
    its own last batch, is written. Cursors are stored with their batches, so whatever is
    still in memory when all is closed is read again.
    """

    def __init__(
        self,
        engine: Database,
        basis: Basis,
        *,
        trust: Trust | None = None,
        is_stopping: Callable[[], bool] = never,
        on_batch: OnBatch = ignore,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Take what does not change from call to call; read nothing yet.

        Args:
            engine: The database.
            basis: The owner and the settings.
            trust: What a reply must show to be kept.
            is_stopping: Asked often; once true, no further batch is taken.
            on_batch: Told the source and its progress after each batch.
            draw: Numbers by chance, 0 to 1.
        """
        self._engine, self._basis, self._trust = engine, basis, trust
        self._is_stopping, self._on_batch, self._draw = is_stopping, on_batch, draw
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="reader")
        self._waiting: dict[Future[Batch | None], Reading] = {}
        self._n_stored, self._troubles = 0, list[Trouble]()

    def gather(
        self, wanted: Iterable[Source], *, at: datetime, seconds: float | None = None
    ) -> Gathered:
        """Store what ``wanted`` and those still being read bring; one's trouble stops no other.

        Args:
            wanted: Sources to begin with, registered; those being read are not begun again.
            at: The present.
            seconds: After this time no further batch is taken; the rest is for the next call.

        Raises:
            sqlalchemy.exc.DBAPIError: The database could not be written; nothing is lost.
        """
        self._n_stored, self._troubles = 0, []
        self._begin_all(wanted, at)
        until = None if seconds is None else monotonic() + seconds
        while self._waiting and not self._is_over(until):
            done, _ = wait(self._waiting, timeout=SLICE_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                self._take(future, at)
                if self._is_over(until):
                    break
            self._give_up_the_silent(at)
        return Gathered(self._n_stored, tuple(self._troubles), len(self._waiting))

    def close(self) -> bool:
        """Close every connection; return whether every reader noticed in time. Idempotent."""
        for reading in self._waiting.values():
            reading.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        _, hanging = wait(self._waiting, timeout=GRACE_SECONDS)
        self._waiting.clear()
        return not hanging

    def _is_over(self, until: float | None) -> bool:
        return self._is_stopping() or (until is not None and monotonic() >= until)

    def _begin_all(self, wanted: Iterable[Source], at: datetime) -> None:
        busy = {reading.source.name for reading in self._waiting.values()}
        for source in wanted:
            if source.name not in busy:
                cursor = ingest.cursor_of(self._engine, source.name)
                reading = Reading(source, cursor)
                reading.batches = self._read(reading, at)
                self._go_on(reading)

    def _read(self, reading: Reading, at: datetime) -> Iterator[Batch]:
        """Connect and read; runs in the threads of the pool, so that a bad one harms no other."""
        reading.connector = connect(reading.source, self._basis, text_since=at - SAID)
        if not reading.is_closed:
            yield from read_changes(reading.connector, reading.cursor)
            reading.told = own_addresses.ask(reading.connector, reading.source, at=at)

    def _go_on(self, reading: Reading) -> None:
        reading.heard_at = monotonic()
        self._waiting[self._pool.submit(next, reading.batches, None)] = reading

    def _take(self, future: Future[Batch | None], at: datetime) -> None:
        reading = self._waiting.pop(future)
        problem = future.exception()
        batch = None if problem else future.result()
        if batch is None:
            reading.close()
            own_addresses.note(self._engine, reading.source, reading.told, at=at)
            self._settle(reading, problem, at)
            return
        self._go_on(reading)
        try:
            self._store_or_drop(reading, batch, at)
        except CursorMoved as moved:
            self._settle(reading, moved, at)

    def _store_or_drop(self, reading: Reading, batch: Batch, at: datetime) -> None:
        """Store ``batch``; if it cannot be, go no further: what comes after it must not be
        stored in its place."""
        with ExitStack() as undo:
            undo.callback(self._drop, reading)
            self._store(reading, batch, at)
            undo.pop_all()

    def _store(self, reading: Reading, batch: Batch, at: datetime) -> None:
        ego, name = Ego(self._basis.addresses), reading.source.name
        store(self._engine, name, batch, reading.cursor, ego=ego, at=at, trust=self._trust)
        reading.cursor = batch.cursor
        self._n_stored += len(batch.observations)
        if (progress := batch.progress) and progress.expected:
            done = {"n_done": progress.done, "n_expected": progress.expected}
            sources.note_progress(self._engine, name, **done)
        self._on_batch(name, batch.progress)

    def _drop(self, reading: Reading) -> None:
        self._waiting = {f: r for f, r in self._waiting.items() if r is not reading}
        reading.close()

    def _give_up_the_silent(self, at: datetime) -> None:
        for reading in list(self._waiting.values()):
            if monotonic() - reading.heard_at >= SILENT_SECONDS:
                self._drop(reading)
                minutes = f"{SILENT_SECONDS / 60:.0f} minutes"
                self._settle(reading, Unavailable(f"it brought nothing for {minutes}"), at)

    def _settle(self, reading: Reading, problem: BaseException | None, at: datetime) -> None:
        trouble = settle(self._engine, reading.source, problem, at=at, draw=self._draw())
        if trouble:
            self._troubles.append(trouble)
