"""A real SMTP server on a free loopback port, with the faults that servers and networks have."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

NAME, PASSWORD = "robin", "zwölf-canary-smtp"  # beyond ASCII, as passwords may be
SECONDS = 10.0


class Fault(Enum):
    """What goes wrong, and how."""

    NONE = ""
    GREYLIST = "450 4.2.0 <robin@example.org>: greylisted, see https://example.net/grey"
    NO_SUCH_USER = "550 5.1.1 <robin@example.org>: no such user"
    SENDER_REFUSED = "553 5.7.1 <robin@example.org>: not yours"
    FULL = "552 5.2.2 mailbox of robin@example.org is full"
    FULL_FOR_NOW = "452 4.3.1 no room for the mail of robin@example.org"
    SIGN_IN_LATER = "454 4.7.0 try to sign in later"
    CUT_WHEN_TAKEN = "the connection ends when the mail is kept, before the answer"
    CUT_BEFORE_TAKEN = "the connection ends with the mail, which is lost"
    HANG_WHEN_TAKEN = "the mail is kept, and the answer does not come"
    NONSENSE_WHEN_TAKEN = "the mail is kept, and the answer is not SMTP"


@dataclass
class Server:
    """A running server.

    Attributes:
        taken: The mails it took, oldest first; what it said no to is not among them.
        envelopes: Sender and recipients of each.
        users: Who was signed in when it was taken; None for nobody.
        called_itself: What its clients called themselves, one entry a greeting.
        fault: What goes wrong, now; may be changed while it runs.
        n_faults: How often it does before all is well, negative for always.
        on_taken: Told of each mail that was taken, as a server hands it on.
    """

    port: int = 0
    ca_file: Path | None = None
    needs_sign_in: bool = False
    taken: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)
    called_itself: list[str] = field(default_factory=list)
    fault: Fault = Fault.NONE
    n_faults: int = -1
    on_taken: Callable[[bytes], None] | None = None

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.called_itself.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, _server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.needs_sign_in and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if said := self._say(Fault.SENDER_REFUSED):
            return said
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if said := self._say(Fault.GREYLIST, Fault.NO_SUCH_USER):
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if said := self._say(Fault.FULL, Fault.FULL_FOR_NOW):
            return said
        if self._strikes(Fault.CUT_BEFORE_TAKEN):
            server.transport.abort()
            return "451 lost"
        self._take(session, envelope)
        if self._strikes(Fault.CUT_WHEN_TAKEN):
            server.transport.abort()
        if self._strikes(Fault.HANG_WHEN_TAKEN):
            await asyncio.sleep(SECONDS)
        return "gibberish" if self._strikes(Fault.NONSENSE_WHEN_TAKEN) else "250 2.0.0 OK"

    def sign_in(
        self, _server: Any, session: Any, _envelope: Any, _mechanism: str, told: LoginPassword
    ) -> AuthResult:
        if said := self._say(Fault.SIGN_IN_LATER):
            return AuthResult(success=False, handled=False, message=said)
        is_known = (told.login, told.password) == (NAME.encode(), PASSWORD.encode())
        session.user = told.login.decode() if is_known else None
        return AuthResult(success=is_known, handled=False)

    def _take(self, session: Any, envelope: Any) -> None:
        self.taken.append(envelope.content)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.users.append(getattr(session, "user", None))
        if self.on_taken:
            self.on_taken(envelope.content)

    def _strikes(self, *faults: Fault) -> bool:
        if self.fault not in faults or self.n_faults == 0:
            return False
        self.n_faults -= 1
        return True

    def _say(self, *faults: Fault) -> str:
        return self.fault.value if self._strikes(*faults) else ""


class _Controller(Controller):
    """Serves on a socket that is bound already: no other process can take the port meanwhile."""

    def __init__(self, handler: Server, bound: socket.socket, **given: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=handler.port, **given)
        self._bound = bound

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, sock=self._bound, ssl=self.ssl_context
        )


@contextmanager
def serve(
    folder: Path,
    *,
    security: Literal["tls", "starttls", "none"] = "none",
    needs_sign_in: bool = False,
    name: str = "localhost",
    without: tuple[str, ...] = (),
) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        folder: Where the certificate of its authority is put (``ca.pem``).
        security: "tls" from the first byte, "starttls" offered, "none" without either.
        needs_sign_in: Whether NAME and PASSWORD are wanted before mail is taken.
        name: Whom its certificate is made out to.
        without: Ways of signing in that are not offered, of PLAIN and LOGIN.
    """
    bound = socket.create_server(("127.0.0.1", 0))
    found = Server(port=bound.getsockname()[1], needs_sign_in=needs_sign_in)
    given: dict[str, Any] = {
        "authenticator": found.sign_in,
        "auth_require_tls": False,
        "auth_exclude_mechanism": without,
        "ident": "test",
    }
    if security != "none":
        found.ca_file, context = _certify(folder, name)
        given["ssl_context" if security == "tls" else "tls_context"] = context
    controller = _Controller(found, bound, **given)
    controller.start()
    try:
        yield found
    finally:
        # Who has just been let in is given a handler first: nobody else would close his socket.
        asyncio.run_coroutine_threadsafe(_let_turns_pass(), controller.loop).result(5)
        controller.stop()


async def _let_turns_pass() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _certify(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """One authority for all tests: making keys is slow."""
    authority = _authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _certificate(name).configure_cert(context)
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file, context


@cache
def _authority() -> trustme.CA:
    return trustme.CA()


@cache
def _certificate(name: str) -> trustme.LeafCert:
    return _authority().issue_cert(name)


@contextmanager
def speak(*lines: bytes, pause: float = 0.0) -> Iterator[int]:
    """Accept one connection, say ``lines`` a piece at a time whatever is said, then nothing more.

    Yields the port. For what no proper server can be made to do.
    """
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        talk = threading.Thread(target=_talk, args=(listening, lines, pause, done), daemon=True)
        talk.start()
        yield listening.getsockname()[1]
        done.set()
        listening.shutdown(socket.SHUT_RDWR)  # ends an accept that waits
        talk.join(SECONDS)


def _talk(
    listening: socket.socket, lines: tuple[bytes, ...], pause: float, done: threading.Event
) -> None:
    try:
        connected, _ = listening.accept()
    except OSError:
        return
    with connected:
        for line in lines:
            if done.wait(pause):
                return
            try:
                connected.sendall(line)
            except OSError:
                return
        done.wait(SECONDS)
