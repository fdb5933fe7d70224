"""A TCP proxy on loopback that counts, cuts, stalls or trickles what a server sends.

Use it in front of any real server::

    with Proxy(("127.0.0.1", port)) as proxy:
        proxy.fault = Fault(cut_after=1000)     # for connections made from now on
        ... connect to 127.0.0.1:proxy.port ...
        assert proxy.n_down > 1000

It knows nothing of what passes through it, TLS included.
"""

import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_CHUNK = 65536


@dataclass(frozen=True)
class Fault:
    """What befalls one connection, counted in bytes from the server to the client.

    Attributes:
        cut_after: Hang up on both sides after so many bytes.
        stall_after: Pass on nothing more after so many bytes, and stay connected.
        trickle_after: From so many bytes on, pass on one byte every ``trickle_seconds``.
        trickle_seconds: See there.
        change: Passes on what it makes of each chunk (of a connection that is not TLS).
    """

    cut_after: int | None = None
    stall_after: int | None = None
    trickle_after: int | None = None
    trickle_seconds: float = 0.05
    change: Callable[[bytes], bytes] | None = None


@dataclass
class Proxy:
    """Listens on 127.0.0.1 from the beginning of the context to its end.

    Attributes:
        target: Where connections go on to: host and port.
        fault: What befalls connections that are made from now on.
        port: Where it listens.
        n_down: Bytes from the server so far, all connections together.
        n_up: Bytes to the server so far.
        n_connections: Connections so far.
        n_turns: How often the client spoke after the server had: round trips.
    """

    target: tuple[str, int]
    fault: Fault = Fault()
    port: int = 0
    n_down: int = 0
    n_up: int = 0
    n_connections: int = 0
    n_turns: int = 0
    _ends: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept, self._listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        for thread in self._threads:
            thread.join(5)
        if self._listener:
            self._listener.close()

    def end(self) -> None:
        """Hang up all connections and take no more; the end of the context does so too."""
        self._ends.set()

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._ends.is_set():
            with suppress(TimeoutError):
                client, _ = listener.accept()
                self.n_connections += 1
                self._start(self._serve, client, self.fault)

    def _serve(self, client: socket.socket, fault: Fault) -> None:
        with client, suppress(OSError), socket.create_connection(self.target, 5) as server:
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Pipe(self, client, server, fault).run(self._ends)


@dataclass
class _Pipe:
    """One connection through the proxy."""

    proxy: Proxy
    client: socket.socket
    server: socket.socket
    fault: Fault
    n_down: int = 0
    is_server_speaking: bool = True

    def run(self, ends: threading.Event) -> None:
        """Pass on both ways until one side hangs up, the fault cuts, or the proxy ends."""
        while not ends.is_set():
            ready, _, _ = select.select([self.client, self.server], [], [], 0.05)
            if self.client in ready and not self._pass_up():
                return
            if self.server in ready and not self._pass_down(ends):
                return

    def _pass_up(self) -> bool:
        chunk = self.client.recv(_CHUNK)
        self.proxy.n_up += len(chunk)
        self.proxy.n_turns += self.is_server_speaking and bool(chunk)
        self.is_server_speaking = False
        self.server.sendall(chunk)
        return bool(chunk)

    def _pass_down(self, ends: threading.Event) -> bool:
        chunk = self.server.recv(_CHUNK)
        if chunk and self.fault.change:
            chunk = self.fault.change(chunk)
        self.proxy.n_down += len(chunk)
        self.is_server_speaking = True
        return bool(chunk) and self._send(chunk, ends)

    def _send(self, chunk: bytes, ends: threading.Event) -> bool:
        before, self.n_down = self.n_down, self.n_down + len(chunk)
        fault = self.fault
        if fault.cut_after is not None and self.n_down >= fault.cut_after:
            self.client.sendall(chunk[: max(0, fault.cut_after - before)])
            return False
        if fault.stall_after is not None and self.n_down >= fault.stall_after:
            self.client.sendall(chunk[: max(0, fault.stall_after - before)])
            _wait_for_hang_up(self.client, ends)
            return False
        if fault.trickle_after is not None and self.n_down >= fault.trickle_after:
            return self._trickle(chunk, max(0, fault.trickle_after - before), ends)
        self.client.sendall(chunk)
        return True

    def _trickle(self, chunk: bytes, at_once: int, ends: threading.Event) -> bool:
        self.client.sendall(chunk[:at_once])
        for n in range(at_once, len(chunk)):
            if ends.wait(self.fault.trickle_seconds):
                return False
            self.client.sendall(chunk[n : n + 1])
        return True


def _wait_for_hang_up(client: socket.socket, ends: threading.Event) -> None:
    until = time.monotonic() + 60
    while not ends.is_set() and time.monotonic() < until:
        ready, _, _ = select.select([client], [], [], 0.05)
        if ready and not client.recv(_CHUNK):
            return
