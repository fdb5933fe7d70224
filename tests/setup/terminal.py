"""A command at a terminal -> what it shows, and a way to type."""

import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SECONDS = 30.0


class Terminal:
    """A running command, its terminal, and all that was shown on it so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", descriptor: int) -> None:
        self._process, self._descriptor = process, descriptor
        self.shown = ""
        self._read = 0

    def answer(self, question: str, text: str) -> None:
        """Wait until ``question`` is shown, and type ``text`` and Enter."""
        self.expect(question)
        os.write(self._descriptor, text.encode() + b"\n")

    def answer_hidden(self, question: str, text: str) -> None:
        """The same for a question whose answer is not shown: wait until it would not be."""
        self.expect(question)
        ends_at = time.monotonic() + SECONDS
        while termios.tcgetattr(self._descriptor)[3] & termios.ECHO:
            assert time.monotonic() < ends_at, "what is typed is shown"
            time.sleep(0.01)
        os.write(self._descriptor, text.encode() + b"\n")

    def expect(self, words: str) -> None:
        """Wait until ``words`` are shown, after what was expected before."""
        ends_at = time.monotonic() + SECONDS
        while words not in self.shown[self._read :]:
            if not self._more(ends_at):
                raise AssertionError(f"never shown: {words!r}; but:\n{self.shown}")
        self._read = self.shown.index(words, self._read) + len(words)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._descriptor, b"\x03")

    def end(self) -> int:
        """Read until the command ends, and return its exit status."""
        ends_at = time.monotonic() + SECONDS
        while self._more(ends_at):
            pass
        return self._process.wait(SECONDS)

    def _more(self, ends_at: float) -> bool:
        left = max(0.0, ends_at - time.monotonic())
        if not select.select([self._descriptor], [], [], left)[0]:
            return False
        try:
            chunk = os.read(self._descriptor, 65536)
        except OSError:  # Linux: the other side is closed.
            return False
        self.shown += chunk.decode(errors="replace").replace("\r\n", "\n")
        return bool(chunk)


@contextmanager
def terminal(
    words: Sequence[str], *, environment: Mapping[str, str], folder: Path
) -> Iterator[Terminal]:
    """Run a command at a terminal of its own until the context ends."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_be_as_at_a_terminal,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(ours)


def _be_as_at_a_terminal() -> None:
    """Let Ctrl-C reach the command: standard input is its controlling terminal.

    Whatever is started in the background of a script inherits that SIGINT is ignored, and
    hands this on: POSIX, Shell Command Language, section 2.11.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.close(os.open(os.ttyname(0), os.O_RDWR))
