"""A question to an answer by a function that may hang or swell: asked in a killable process.

The process is started at the first question, answers one after the other, and is killed and
replaced when it takes too long or too much. Questions and answers are JSON, a line each; so
nothing that the process says can run code here.

Source: reliability notes, limits on input ("parse in a killable worker process with time and
memory limits, never in a thread"), threats T12 and T13, fault 13.
"""

import json
import os
import pkgutil
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

SECONDS_LIMIT = 5.0
"""By the clock, for one question: what catches a process that waits for ever."""
MEMORY_LIMIT = 300 * 2**20
"""Bytes of address space beyond those in use when the process is ready."""
ANSWER_LIMIT = 64 * 2**20
_CHUNK = 2**16
_NO_MEMORY = 77
_MODULE = "connectors.worker"
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONTZPATH")


class Unanswered(Exception):
    """The process was killed, or ended itself, over a question. The next one gets a new one."""


class Worker:
    """A process that answers questions by calling ``function``.

    Not to be used by two threads at once. Close it, or use it as a context manager.
    """

    def __init__(self, function: str, *, seconds: float = SECONDS_LIMIT) -> None:
        """Name the function, as "package.module:name"; start nothing yet.

        Args:
            function: Takes one JSON value and returns one.
            seconds: The computing time it may take for one question.
        """
        self._function, self._seconds = function, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self.n_started = 0

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def ask(self, question: Any) -> Any:
        """Return the function's answer.

        Raises:
            Unanswered: It took too long, too much memory, or the process down with it.
        """
        process = self._process or self._start()
        try:
            return _exchange(process, json.dumps(question).encode() + b"\n")
        except Unanswered:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise Unanswered("the reader could not be asked") from error

    def close(self) -> None:
        """End the process. Idempotent."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        self.n_started += 1
        # Standard error may quote what was parsed, so nobody is to see it.
        self._process = subprocess.Popen(  # noqa: S603 -- this interpreter, this module
            [sys.executable, "-P", "-m", _MODULE, self._function, str(self._seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        return self._process


def _exchange(process: subprocess.Popen[bytes], question: bytes) -> Any:
    questions, answers = process.stdin, process.stdout
    if questions is None or answers is None:
        raise Unanswered("the reader has no pipes")
    questions.write(question)
    questions.flush()
    answer = bytearray()
    deadline = time.monotonic() + SECONDS_LIMIT
    while not answer.endswith(b"\n"):
        left = max(0.0, deadline - time.monotonic())
        if not select.select([answers], [], [], left)[0]:
            raise Unanswered(f"no answer within {SECONDS_LIMIT:g} s")
        chunk = os.read(answers.fileno(), _CHUNK)
        if not chunk:
            raise Unanswered(_reason(process.wait()))
        answer += chunk
        if len(answer) > ANSWER_LIMIT:
            raise Unanswered("an answer beyond all bounds")
    return json.loads(answer)


def _reason(code: int) -> str:
    if code == -signal.SIGPROF:
        return "took too long to compute"
    if code == _NO_MEMORY:
        return f"needed more than {MEMORY_LIMIT // 2**20} MB"
    return f"brought its reader down ({code})"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = [str(Path(__file__).resolve().parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def main(name: str, seconds: float) -> None:
    """Answer the questions on standard input, until it ends: the other side of a Worker.

    The timer counts computing time and is the kernel's: it ends the process even in the
    middle of a regular expression, and even when nobody is left to wait for the answer.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # What a library prints is no answer.
    function: Callable[[Any], Any] = pkgutil.resolve_name(name)
    _limit_memory()
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = json.dumps(function(json.loads(line))).encode()
        except MemoryError:
            os._exit(_NO_MEMORY)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(answer + b"\n")
        answers.flush()


def _limit_memory() -> None:
    """Allow so much more address space than is in use, and no core dumps.

    Source: proc(5), statm: the first figure is the size in pages.
    """
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_LIMIT, used + MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
