"""What happens -> lines on standard error: JSON for the journal, words for a terminal.

No line holds an address, a subject, the text of a message or a secret. What is logged is
what kithd itself says; of an error it did not foresee only the kind and the place
(``locate``), and of what a library warns only the library.
"""

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from daemon.clock import Clock
from daemon.locate import locate

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/@]*@)?([^\s/?#]*)[^\s]*")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=\[\]]+@[^\s<>\"'(),;:=\[\]]+")
_TOKEN = re.compile(r"(?=[^\s/.:]*[0-9])(?=[^\s/.:]*[A-Za-z])[A-Za-z0-9+=_~-]{20,}")
"""Long, of letters and digits: a key, a token, an identifier. None is worth a risk."""


def mask(text: str) -> str:
    """Return ``text`` without addresses, the paths and queries of links, and what may be a key."""
    shorter = _URL.sub(r"\1\2/...", text)
    return _TOKEN.sub("(masked)", _ADDRESS.sub("(address)", shorter))


class Log:
    """Writes an event and its facts as one line; texts are masked on the way."""

    def __init__(self, stream: TextIO, *, is_read_by_people: bool) -> None:
        """Take where the lines go, and whether people read them there."""
        self._stream, self._is_read_by_people = stream, is_read_by_people
        self._clock = Clock()

    def info(self, event: str, **facts: Any) -> None:
        """Tell what was done."""
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        """Tell of what goes wrong outside, and may go right again by itself."""
        self._write("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        """Tell of what somebody should look at."""
        self._write("error", event, facts)

    def _write(self, level: str, event: str, facts: Mapping[str, Any]) -> None:
        now = self._clock.now().isoformat(timespec="milliseconds")
        told = {k: mask(v) if isinstance(v, str) else v for k, v in facts.items()}
        if self._is_read_by_people:
            said = "".join(f"  {k}={json.dumps(v, ensure_ascii=False)}" for k, v in told.items())
            line = f"{now[11:19]} {level:<8}{event}{said}\n"
        else:
            line = json.dumps({"at": now, "level": level, "event": event, **told}) + "\n"
        # In one call, so that the lines of two threads do not mix; and a log that cannot be
        # written is no reason to stop.
        with suppress(OSError):
            self._stream.write(line)
            self._stream.flush()


def open_log(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> Log:
    """Return a log to ``stream``, standard error by default, in the form for who reads there."""
    stream = stream or sys.stderr
    return Log(stream, is_read_by_people=stream.isatty() and "JOURNAL_STREAM" not in environ)


def take_over(log: Log) -> None:
    """Let ``log`` tell what else would be written to standard error, without its text."""

    def tell_of_thread(ended: threading.ExceptHookArgs) -> None:
        name = ended.thread.name if ended.thread else ""
        error = locate(ended.exc_value) if ended.exc_value else ended.exc_type.__name__
        log.error("a thread ended", thread=name, error=error)

    threading.excepthook = tell_of_thread
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.WARNING, handlers=[_Quietly(log)], force=True)


class _Quietly(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Name the library that warns, and nothing of what it says."""
        self._log.warning("a library warns", library=record.name)
