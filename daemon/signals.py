"""Signals to the process -> wishes that the service looks at when it suits it."""

import os
import select
import signal
import sys
import threading
import time
from types import FrameType

BEGUN_ANEW = "KITHD_BEGUN_ANEW"
"""The variable by which a process that began anew knows that it did."""

LAST_RESORT_SECONDS = 8.0
"""After a wish to stop the process ends by itself, whatever it is waiting for.

Source: reliability notes, fault 4: a stop takes 10 s at the most. What is cut off then is
cut off as by a power failure, which loses nothing.
"""

_ENDS = (signal.SIGTERM, signal.SIGINT)
_HEARD = (*_ENDS, signal.SIGHUP)


class Signals:
    """What the service is wished to do, and a way to wait until it is wished something new.

    A handler of signals may take no lock, so a wish is a plain flag and waking up is a byte
    in a pipe. Source: signal(7), "async-signal-safe"; Bernstein, the self-pipe trick.
    """

    def __init__(self) -> None:
        """Wish nothing yet."""
        self.is_stopping = False
        self.is_reloading = False
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)

    def stop(self) -> None:
        """Wish the service to end."""
        self.is_stopping = True
        self.wake()

    def reload(self) -> None:
        """Wish the service to read its settings again."""
        self.is_reloading = True
        self.wake()

    def wake(self) -> None:
        """End the wait that is going on, or the next one. Any thread may call this."""
        try:
            os.write(self._write_end, b".")
        except BlockingIOError:
            return  # the pipe is full of reasons to wake up

    def wait(self, seconds: float) -> None:
        """Wait until woken, ``seconds`` at the most, by a clock that nobody can put back."""
        ready, _, _ = select.select([self._read_end], [], [], max(0.0, seconds))
        if ready:
            os.read(self._read_end, 4096)


def obey_signals(signals: Signals, *, last_resort_seconds: float = LAST_RESORT_SECONDS) -> None:
    """Let SIGTERM and SIGINT wish ``signals`` to stop and SIGHUP to reload; once a process.

    A process that has not ended ``last_resort_seconds`` after the wish is ended.
    """

    def hear(number: int, _frame: FrameType | None) -> None:
        if number in _ENDS:
            signals.stop()
        else:
            signals.reload()

    # Blocked while the thread is made, which inherits that: signals are for the main thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    for number in _HEARD:
        signal.signal(number, hear)
    _end_in_time(last_resort_seconds)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)


def begin_anew(signals: Signals) -> None:
    """Start this program again in place of itself: same process, same words, fresh memory.

    Returns only if it was wished to stop meanwhile. Signals that come later wait until
    ``obey_signals``. Source: execve(2), signal(7): the mask of blocked signals and the
    signals that wait are kept.
    """
    # Blocked before it is looked: what came until now was heard, what comes now is kept.
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    if signals.is_stopping:
        return
    os.environ[BEGUN_ANEW] = "1"
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 -- its own words


def _end_in_time(seconds: float) -> None:
    """End the process some time after a wish to stop, even if it waits where Python cannot go.

    The number of a signal is written to a pipe at once, while a handler must wait until the
    main thread comes back from the library it is in. Source: signal.set_wakeup_fd.
    """
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)

    def watch() -> None:
        while os.read(read_end, 1)[0] not in _ENDS:
            pass
        time.sleep(seconds)
        os._exit(0)

    threading.Thread(target=watch, name="last-resort", daemon=True).start()
