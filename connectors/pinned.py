"""A host's name to a stream to one address of it, looked up once, checked, and timed.

Who names a host may not be the owner: a feed redirects, a calendar server points elsewhere. So
every address of a name is checked before any is connected to, and the connection is made to the
address that was checked, not to whatever the name says a moment later (DNS rebinding).
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

import httpcore

from connectors.errors import Misconfigured, Unavailable

CONNECT_SECONDS = 5.0
"""For one address, so that a network without IPv6 leaves time for IPv4; and for a look-up."""
_RECORD = 16 * 1024  # Bytes written at a time: a TLS record (RFC 8446 section 5.1).

Resolve: TypeAlias = Callable[[str, int], Iterable[str]]
"""A host and a port to its addresses, best first; OSError where there are none."""
_Address: TypeAlias = IPv4Address | IPv6Address

_METADATA = frozenset(map(ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")))
"""Where clouds tell machines their secrets, outside 169.254.0.0/16.

Source: documents of Alibaba Cloud, Azure and AWS on instance metadata.
"""
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 section 2.4 as IANA has allotted it.
_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 behind NAT64 (RFC 6052 section 2.1).


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` as the system's resolver orders them.

    Raises:
        OSError: There are none, or nobody can say.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(text: str) -> bool:
    """Return whether an address is one of the open Internet."""
    return all(map(_is_global, _meanings(text)))


def is_private(text: str) -> bool:
    """Return whether an address is one that an owner may have at home: private, or this machine.

    Link-local, multicast and metadata addresses are nobody's server, so they are neither
    private nor public here.
    """
    return all(map(_is_at_home, _meanings(text)))


def _meanings(text: str) -> tuple[_Address, ...]:
    """Return an address, and the one that is written into it where it is a tunnel's."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address in _TRANSLATED:
        return (IPv4Address(address.packed[-4:]),)
    inner = (address.sixtofour, *(address.teredo or ()))
    return (address, *filter(None, inner))


def _is_global(address: _Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and address not in _METADATA


def _is_at_home(address: _Address) -> bool:
    nobodys = address.is_link_local or address.is_multicast or address.is_unspecified
    return not (address.is_global or nobodys or address in _METADATA)


@dataclass(slots=True)
class Network(httpcore.NetworkBackend):
    """Connects to checked addresses until ``deadline``, and can be ended from another thread.

    Attributes:
        resolve: Asked once for each connection.
        admits: Whether an address may be connected to, and ``refusal``, what to say if not.
        deadline: An instant of ``time.monotonic``, for all that is done with any connection.
    """

    resolve: Resolve = look_up
    admits: Callable[[str], bool] = is_public
    refusal: str = "lies in a private network"
    deadline: float = 0.0
    is_ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _open: set[socket.socket] = field(default_factory=set, repr=False)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline counts instead
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of ``host`` that answers.

        Raises:
            Misconfigured: One of its addresses is not admitted.
            Unavailable: Its name says nothing.
            httpcore.ConnectError, httpcore.ConnectTimeout: None of its addresses answers.
        """
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._checked(host, port):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, min(CONNECT_SECONDS, self.left()), local_address, socket_options
                )
                return _Stream(stream, self, self._track(stream))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def left(self) -> float:
        """Return how many seconds are left.

        Raises:
            httpcore.ReadTimeout: None are.
            httpcore.ReadError: The end came from another thread.
        """
        if self.is_ended:
            raise httpcore.ReadError("ended")
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return seconds

    def end(self) -> None:
        """Break all connections, in whichever thread they are waited for. Idempotent."""
        with self._lock:
            self.is_ended = True
            for handle in self._open:
                with suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def forget(self, handle: socket.socket) -> None:
        """Close the handle of a connection that is over."""
        with self._lock:
            self._open.discard(handle)
            handle.close()

    def _track(self, stream: httpcore.NetworkStream) -> socket.socket:
        """Return a second handle of a connection: TLS takes the first one out of sight."""
        connected: socket.socket = stream.get_extra_info("socket")
        with self._lock:
            if self.is_ended:
                stream.close()
                raise httpcore.ReadError("ended")
            handle = connected.dup()
            self._open.add(handle)
        return handle

    def _checked(self, host: str, port: int) -> list[str]:
        addresses = self._resolved(host, port)
        if not all(map(self.admits, addresses)):
            raise Misconfigured(f"{host} {self.refusal}")
        return addresses

    def _resolved(self, host: str, port: int) -> list[str]:
        """Look the name up, in a thread that nobody needs to wait for."""
        answer: Future[list[str]] = Future()
        threading.Thread(
            target=_look_up_into, args=(answer, self.resolve, host, port), daemon=True
        ).start()
        try:
            return answer.result(min(CONNECT_SECONDS, self.left()))
        except TimeoutError:
            raise Unavailable(f"nobody says where {host} is") from None
        except OSError as error:
            raise Unavailable(f"{host} cannot be found ({error.strerror})") from None


def _look_up_into(answer: "Future[list[str]]", resolve: Resolve, host: str, port: int) -> None:
    try:
        answer.set_result(list(resolve(host, port)))
    except OSError as error:
        answer.set_exception(error)
    except UnicodeError:
        answer.set_exception(OSError(0, "no possible name"))


@dataclass(slots=True)
class _Stream(httpcore.NetworkStream):
    """A connection whose every step has the time that is left, however short the steps."""

    inner: httpcore.NetworkStream
    network: Network
    handle: socket.socket

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- as above
        return self.inner.read(max_bytes, self.network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- as above
        for start in range(0, len(buffer), _RECORD):
            self.inner.write(buffer[start : start + _RECORD], self.network.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- as above
    ) -> httpcore.NetworkStream:
        try:
            inner = self.inner.start_tls(ssl_context, server_hostname, self.network.left())
        except BaseException:
            self.close()
            raise
        return _Stream(inner, self.network, self.handle)

    def close(self) -> None:
        self.network.forget(self.handle)
        self.inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
