"""A process that forks children which die at a chosen boundary: the n-th statement or read.

It is told what to run as JSON, a line each, on standard input:
``{"task": "tests.faults.tasks:morning", "given": {...}, "boundary": "sql", "at": 3}``, and
answers with ``{"killed": true}`` or ``{"killed": false, "counts": {"sql": 41, "net": 17}}``.
Boundaries are "sql" (before each statement and each commit), "net" (after each read from a
socket) and "" for none. A child dies by SIGKILL, as at a power cut: nothing is unwound.
Forking a process that has loaded everything makes a run cost milliseconds instead of a second.
"""

import json
import os
import pkgutil
import signal
import socket
import ssl
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy import Engine, event

counts: Counter[str] = Counter()
fatal: tuple[str, int] = ("", 0)


def pass_boundary(kind: str) -> None:
    """Count a boundary; die if it is the chosen one."""
    counts[kind] += 1
    if (kind, counts[kind]) == fatal:
        os.kill(os.getpid(), signal.SIGKILL)


def watch_statements() -> None:
    """Make every statement and every commit of any database a boundary."""

    def before(*_: Any) -> None:
        pass_boundary("sql")

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)


def watch_reads() -> None:
    """Make the end of every read from a socket a boundary."""
    for kind in (socket.socket, ssl.SSLSocket):
        for name in ("recv", "recv_into"):
            setattr(kind, name, _counted(getattr(kind, name)))


def _counted(read: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: Any, *args: Any, **named: Any) -> Any:
        found = read(self, *args, **named)
        pass_boundary("net")
        return found

    return counted


def run_child(order: dict[str, Any], answers: int) -> None:
    """Do the task, and tell how many boundaries there were, unless killed before."""
    global fatal
    fatal = (order["boundary"], order["at"])
    counts.clear()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a child prints is no answer
    task: Callable[..., None] = pkgutil.resolve_name(order["task"])
    try:
        task(**order["given"])
        told = {"killed": False, "counts": dict(counts)}
    except BaseException:  # noqa: BLE001 -- told to the test, which fails on it
        told = {"killed": False, "error": traceback.format_exc()}
    os.write(answers, json.dumps(told).encode())
    os._exit(0)


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for ``order`` and return what came of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        run_child(order, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status) == signal.SIGKILL}
    return dict(json.loads(answer))


def main() -> None:
    """Answer orders until standard input ends."""
    watch_statements()
    watch_reads()
    import_module("tests.faults.tasks")
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
