"""One conversation with a mail server: connected, signed in, and ended in bounded time."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from imaplib import IMAP4
from threading import Timer
from time import monotonic
from typing import Any

from imapclient.response_parser import parse_fetch_response

from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.imap.settings import ImapSettings, trust
from connectors.imap.syntax import (
    Entry,
    Status,
    as_name,
    as_set,
    is_foreign,
    parse_lines,
    quote,
    read_entry,
    read_namespaces,
    read_status,
)
from connectors.imap.wire import Client, Wire

SIGN_IN_SECONDS = 60.0
"""Seconds from the first packet to being signed in."""
COMMAND_SECONDS = 120.0
"""Seconds for the whole answer to one command, however steadily it drips."""
GOODBYE_SECONDS = 3.0
IDLE_SECONDS = 540.0
"""Seconds after which IDLE is begun anew, so that routers on the way do not forget it.

Source: RFC 2177 asks for less than 29 minutes; home routers forget after 10 and more.
"""

# A server may say what it likes; whatever the parser makes of that is the server's trouble.
_ODD = (IMAP4.error, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_CODE = re.compile(r"\[([A-Z-]+)")
# Source: RFC 5530 section 3: the codes that say the server is at fault, not the password.
_NOT_NOW = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"}
# Source: OpenSSL's names for a peer that does not speak TLS, or only what is older than 1.2.
_NO_TLS = {
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
}


class Refused(Exception):
    """The server said NO to a command about one folder; the connection still stands."""


class Session:
    """A signed-in connection that only reads.

    Every method ends in bounded time, and raises Unavailable where the connection is lost,
    too slow, or not understood; no message repeats what the server said. ``cut`` may be
    called from any thread.
    """

    def __init__(self, settings: ImapSettings) -> None:
        """Remember whom to call; touch nothing yet."""
        self._settings = settings
        self._client: Client | None = None
        self._cutter: socket.socket | None = None
        self._is_late = False
        self.is_cut = False

    def open(self) -> None:
        """Connect and sign in.

        Raises:
            AccessDenied: The server refuses the user or the secret.
            Misconfigured: The settings, the certificate or the protection cannot be right.
            Unavailable: The server cannot be reached now.
        """
        self._settings.require_protection()
        context = trust(self._settings.ca_file)
        secret = self._settings.secret.reveal()
        if _has_controls(secret + self._settings.user):
            raise Misconfigured("the user or the secret holds a line break or another control")
        self._is_late = False
        with self._within(SIGN_IN_SECONDS), self._naming_tls_errors():
            self._connect(context)
            self._sign_in(secret)

    def close(self) -> None:
        """Say goodbye, if there is somebody, and hang up. Idempotent."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_ODD), self._timed(GOODBYE_SECONDS):
                client.logout()
            with suppress(OSError):
                client.wire.shutdown()
        cutter, self._cutter = self._cutter, None
        if cutter is not None:
            cutter.close()

    def reopen(self) -> None:
        """Hang up, connect and sign in again; errors as :meth:`open`."""
        self.close()
        self.open()

    @property
    def is_lost_for_good(self) -> bool:
        """Whether it was cut, or the server is too slow: connecting again would not help."""
        return self.is_cut or self._is_late

    def cut(self) -> None:
        """Hang up at once, from any thread; whoever waits for the server waits no more."""
        self.is_cut = True
        self._shut()

    def can(self, capability: str) -> bool:
        """Ask whether the server offers ``capability``."""
        with self._within(COMMAND_SECONDS):
            return bool(self._talking.has_capability(capability))

    def list_folders(self, returning: str) -> tuple[list[Entry], dict[bytes, Status]]:
        """List the user's own folders; return them, and the states that came with the list.

        What other users share is left out where the server tells which that is (RFC 2342).

        Args:
            returning: Return options (RFC 5258, RFC 5819), "" for a plain LIST.
        """
        options = (f"RETURN ({returning})",) if returning else ()
        with self._within(COMMAND_SECONDS):
            wire = self._talking.wire
            words = ("LIST", '""', '"*"', *options)
            if self._talking.has_capability("NAMESPACE"):
                _, typ = wire.ask_both(("NAMESPACE",), words)
            else:
                typ, _ = wire.xatom(*words)
            told = parse_lines(wire.response("NAMESPACE")[1])
            spaces = [space for line in told for space in read_namespaces(line)]
            listed = [read_entry(line) for line in parse_lines(wire.response("LIST")[1])]
            entries = [entry for entry in listed if not is_foreign(entry.name, spaces)]
            stated = parse_lines(wire.response("STATUS")[1])
            states = {as_name(name): read_status(pairs) for name, pairs, *_ in stated}
        if typ != "OK":
            raise Unavailable(f"{self._settings.host} does not list its folders")
        return entries, states

    def status(self, folder: bytes) -> Status:
        """Return the state of ``folder``.

        Raises:
            Refused: There is none by that name, or it may not be looked at.
        """
        with self._within(COMMAND_SECONDS):
            name: Any = quote(folder)  # as bytes: it need not be ASCII
            typ, lines = self._talking.wire.status(name, "(UIDNEXT UIDVALIDITY MESSAGES)")
            if typ == "OK":
                return read_status(parse_lines(lines)[0][1])
        raise Refused

    def examine(self, folder: bytes) -> Status:
        """Open ``folder``, read-only, for what follows.

        Raises:
            Refused: There is none by that name, or it may not be opened.
        """
        with self._within(COMMAND_SECONDS):
            wire = self._talking.wire
            name: Any = quote(folder)  # as bytes: it need not be ASCII
            typ, exists = wire.select(name, True)
            if typ == "OK":
                n_messages = int(exists[-1] or 0)
                return Status(_number(wire, "UIDVALIDITY"), _number(wire, "UIDNEXT"), n_messages)
        raise Refused

    def uids_between(self, low: int, high: int) -> list[int]:
        """List the UIDs in the open folder from ``low`` to ``high``, ascending."""
        lines = self._search(f"UID {low}:{high}")
        return sorted(uid for uid in lines if low <= uid <= high)

    def has_header(self, name: str, value: str, *, first: int) -> bool:
        """Ask whether a message from sequence number ``first`` on has this header field."""
        quoted = quote(value.encode("ascii")).decode("ascii")
        return bool(self._search(f"{first}:* HEADER {name} {quoted}"))

    def fetch(self, uids: Sequence[int], items: str) -> dict[int, dict[bytes, Any]]:
        """Fetch ``items`` of messages in the open folder; what is expunged is missing.

        Raises:
            Refused: The server gives none of them out.
        """
        with self._within(COMMAND_SECONDS):
            wire = self._talking.wire
            typ, lines = wire.uid("FETCH", as_set(uids), items)
            if typ != "OK":
                # A server may refuse because some of them are gone. Source: RFC 2180, 4.1.
                lines = wire.response("FETCH")[1]
            found: dict[int, dict[bytes, Any]] = parse_fetch_response(
                lines, self._talking.normalise_times
            )
        if typ != "OK" and not found:
            raise Refused
        return found

    def idle(self, seconds: float) -> bool:
        """Wait for news of the open folder; return whether a message came (RFC 2177)."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if any(_is_arrival(line) for line in self._idle_once(min(left, IDLE_SECONDS))):
                return True
        return False

    def catch_up(self) -> bool:
        """Return whether a message came to the open folder since the last command."""
        with self._within(COMMAND_SECONDS):
            return any(_is_arrival(line) for line in self._talking.noop()[1])

    @property
    def _talking(self) -> Client:
        if self._client is None:
            raise Unavailable(f"not connected to {self._settings.host}")
        self._client.wire.begin_answer()
        return self._client

    def _search(self, criteria: str) -> list[int]:
        with self._within(COMMAND_SECONDS):
            typ, lines = self._talking.wire.uid("SEARCH", criteria)
            if typ == "OK":
                return [int(number) for line in lines if line for number in line.split()]
        raise Refused

    def _idle_once(self, seconds: float) -> list[Any]:
        client = self._talking
        with self._within(COMMAND_SECONDS):
            client.idle()
        with self._naming_loss():
            heard = client.idle_check(timeout=seconds)
        with self._within(COMMAND_SECONDS):
            return [*heard, *client.idle_done()[1]]

    def _connect(self, context: ssl.SSLContext) -> None:
        host, port = self._settings.host, self._settings.service_port
        is_tls = self._settings.security == "tls"

        def connect() -> Wire:
            return Wire(host, port, context if is_tls else None, self._connected)

        self._client = Client(connect, host, port, is_tls=is_tls)
        if self._settings.security == "starttls":
            self._start_tls(context)

    def _connected(self, plain: socket.socket) -> None:
        # A second handle on the connection: the first may be blocked in a read, or be wrapped.
        if self._cutter is not None:
            self._cutter.close()
        self._cutter = plain.dup()
        if self.is_cut:
            self._shut()

    def _start_tls(self, context: ssl.SSLContext) -> None:
        """Protect the connection, or refuse it. Source: RFC 8314 section 3.2, RFC 9051, 11.1."""
        try:
            self._talking.starttls(context)
        except IMAP4.abort:
            raise
        except IMAP4.error:
            raise Misconfigured(
                f"{self._settings.host} does not offer STARTTLS, so nothing was sent; if the "
                'server speaks TLS on port 993, write security = "tls"; if it did offer STARTTLS '
                "before, somebody may be listening in"
            ) from None

    def _sign_in(self, secret: str) -> None:
        client, user = self._talking, self._settings.user
        is_token = self._settings.sign_in == "xoauth2"
        if not is_token and client.has_capability("LOGINDISABLED"):
            raise Misconfigured(f"{self._settings.host} takes no password on this connection")
        wire = client.wire
        try:
            if is_token:
                wire.authenticate("XOAUTH2", _once(f"user={user}\1auth=Bearer {secret}\1\1"))
            elif (user + secret).isascii():
                wire.login(quote(user.encode()).decode(), secret)
            else:
                wire.authenticate("PLAIN", _once(f"\0{user}\0{secret}"))
        except IMAP4.abort:
            raise
        except IMAP4.error as refusal:
            raise self._refusal(str(refusal)) from None

    def _refusal(self, told: str) -> ConnectorError:
        host = self._settings.host
        code = _CODE.search(told)
        if code and code[1] in _NOT_NOW:
            return Unavailable(f"{host} lets nobody in at the moment ({code[1]})")
        if self._settings.sign_in == "xoauth2":
            return AccessDenied(f"{host} refuses the access token; sign in again to get a new one")
        return AccessDenied(
            f"{host} refuses the user or the password; check both. Many providers want an app "
            "password here: make one in your account's security settings and put it into "
            f"{self._settings.secret.reference}"
        )

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """End what is not done after ``seconds``, and name what goes wrong."""
        with self._naming_loss(), self._timed(seconds):
            yield

    @contextmanager
    def _timed(self, seconds: float) -> Iterator[None]:
        timer = Timer(seconds, self._be_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def _naming_loss(self) -> Iterator[None]:
        try:
            yield
        except _ODD as problem:
            raise Unavailable(self._describe(problem)) from None

    @contextmanager
    def _naming_tls_errors(self) -> Iterator[None]:
        host = self._settings.host
        try:
            yield
        except ssl.SSLCertVerificationError as problem:
            raise Misconfigured(
                f"the certificate of {host} is not to be trusted: {problem.verify_message}"
            ) from None
        except ssl.SSLError as problem:
            if problem.reason in _NO_TLS:
                raise Misconfigured(
                    f"{host} does not speak TLS 1.2 or later on port "
                    f"{self._settings.service_port}; check port and security"
                ) from None
            raise

    def _describe(self, problem: Exception) -> str:
        host = self._settings.host
        if self.is_cut:
            return f"the connection to {host} was closed"
        if self._is_late or isinstance(problem, TimeoutError):
            return f"{host} answers too slowly"
        if isinstance(problem, socket.gaierror):
            return f"the name {host} cannot be found"
        if isinstance(problem, OSError):
            return f"{host} cannot be reached ({problem.strerror or type(problem).__name__})"
        if isinstance(problem, IMAP4.abort):
            return f"{host} ended the connection"
        return f"{host} answers in a way that is not understood"

    def _be_late(self) -> None:
        self._is_late = True
        self._shut()

    def _shut(self) -> None:
        cutter = self._cutter
        if cutter is not None:
            with suppress(OSError):
                cutter.shutdown(socket.SHUT_RDWR)


def _number(wire: Wire, name: str) -> int:
    return int(wire.response(name)[1][-1] or 0)


def _is_arrival(line: Any) -> bool:
    return len(line) > 1 and line[1] in (b"EXISTS", b"RECENT")


def _has_controls(text: str) -> bool:
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


def _once(answer: str) -> Callable[[bytes], bytes]:
    """Answer the first challenge; to a second, which explains a refusal, say nothing."""
    answers = iter((answer.encode(),))
    return lambda _challenge: next(answers, b"")
