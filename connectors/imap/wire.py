"""The bytes of one connection, bounded: what a server may send before it is cut off."""

import imaplib
import socket
from collections.abc import Callable
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, TypeAlias

from imapclient import IMAPClient, SocketTimeout

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

CONNECT_SECONDS = 15.0
"""Seconds to reach one of the host's addresses."""
READ_SECONDS = 30.0
"""Seconds without a single byte after which a connection counts as dead."""
ANSWER_LIMIT = 64 * 1024 * 1024
"""Bytes of the answers to one command. An honest page has a few at most, and the worst that a
page of headers can be is 25 MiB (100 of 256 KiB)."""

Words: TypeAlias = tuple[str, ...]


class Wire(imaplib.IMAP4):
    """A connection whose answers are bounded and never cut short unnoticed.

    A line beyond 1 MB is refused by the standard library itself.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: SSLContext | None,
        on_connected: Callable[[socket.socket], None],
    ) -> None:
        """Connect, and read the greeting.

        Args:
            host: Whom to connect to, and whose certificate to expect.
            port: Its port.
            context: For TLS from the first byte; None for a plain connection.
            on_connected: Told the socket before anything was read from it.
        """
        self._context = context
        self._on_connected = on_connected
        self._n_left = ANSWER_LIMIT
        self._is_greeting = True
        self._held: list[bytes] | None = None
        super().__init__(host, port, CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        try:
            self._on_connected(plain)
            plain.settimeout(READ_SECONDS)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is None:
                return plain
            return self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def capability(self) -> tuple[str, list[Any]]:
        """Return the capabilities; those told in the greeting are not asked for again.

        Later ones are: what was said before STARTTLS counts no more (RFC 9051 section 6.2.1).
        """
        told = self.untagged_responses.pop("CAPABILITY", None)
        is_greeting, self._is_greeting = self._is_greeting, False
        return ("OK", told) if told and is_greeting else super().capability()

    def begin_answer(self) -> None:
        """Allow another ANSWER_LIMIT bytes."""
        self._n_left = ANSWER_LIMIT

    def ask_both(self, first: Words, second: Words) -> tuple[str, str]:
        """Send two commands in one write; return how each went, the untagged answers kept.

        Args:
            first: A name and arguments; it goes "BAD" where the server says it is none.
            second: Another, whose answers cannot be taken for the first one's (RFC 3501, 5.5).

        Raises:
            imaplib.IMAP4.error: The second is none, or the connection is lost.
        """
        self._held = []
        try:
            tags = [self._command(*words) for words in (first, second)]
        finally:
            held, self._held = b"".join(self._held), None
        self.send(held)
        return self._end(first[0], tags[0]), self._command_complete(second[0], tags[1])[0]

    def send(self, data: "Buffer") -> None:
        """Send ``data``, or hold it back while commands are put together."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(bytes(data))

    def _end(self, name: str, tag: bytes) -> str:
        try:
            return str(self._command_complete(name, tag)[0])
        except self.abort:
            raise
        except self.error:
            return "BAD"

    def read(self, size: int) -> bytes:
        """Return exactly ``size`` bytes of a literal.

        Raises:
            imaplib.IMAP4.abort: The connection ended before, or the answers grew too long.
        """
        self._spend(size)
        part = super().read(size)
        if len(part) < size:
            raise self.abort("the connection ended within a literal")
        return part

    def readline(self) -> bytes:
        """Return one line, within the bounds."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self._n_left -= size
        if self._n_left < 0:
            raise self.abort("the answer is too long")


class Client(IMAPClient):  # type: ignore[misc]  # the library is not typed
    """The library's client on a wire of our own. It keeps no log of what is said."""

    def __init__(self, wire: Callable[[], Wire], host: str, port: int, *, is_tls: bool) -> None:
        """Connect by calling ``wire``."""
        self._connect_wire = wire
        timeout = SocketTimeout(CONNECT_SECONDS, READ_SECONDS)
        super().__init__(host, port, ssl=is_tls, timeout=timeout)
        self.wire.debug = 0
        self.normalise_times = False

    @property
    def wire(self) -> Wire:
        """The connection below."""
        wire: Wire = self._imap
        return wire

    def _create_IMAP4(self) -> Wire:
        return self._connect_wire()
