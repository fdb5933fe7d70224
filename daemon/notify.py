"""The state of the service -> messages to the service manager, where there is one.

Source: sd_notify(3): one datagram of NAME=value lines to the socket in NOTIFY_SOCKET.
"""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Tells the service manager how the service is; without one it tells nobody."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Take the environment that a service manager started this process with."""
        place = environ.get("NOTIFY_SOCKET", "")
        self._place = "\0" + place[1:] if place.startswith("@") else place
        usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        is_for_me = pid in ("", str(os.getpid()))
        self.watchdog_seconds = int(usec) / 1e6 if usec.isdecimal() and is_for_me else None
        """How long the manager waits for a sign of life, in seconds; None if it asks for none."""

    def ready(self) -> None:
        """Say that the service has started, or has reloaded."""
        self._tell("READY=1")

    def beat(self) -> None:
        """Say that the service makes progress."""
        if self.watchdog_seconds:
            self._tell("WATCHDOG=1")

    def status(self, says: str) -> None:
        """Show ``says``, one line, in the manager's own status."""
        self._tell(f"STATUS={' '.join(says.split())}")

    def reloading(self) -> None:
        """Say that the settings are being read again; ``ready`` ends it."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={now}")

    def stopping(self) -> None:
        """Say that the service is about to end."""
        self._tell("STOPPING=1")

    def _tell(self, says: str) -> None:
        if not self._place:
            return
        # A manager that does not listen must not stop the service.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(says.encode(), self._place)
