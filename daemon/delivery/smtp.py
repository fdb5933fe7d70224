"""A message -> a mail server that takes it, over a protected connection or not at all."""

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from threading import Timer
from typing import Literal

from connectors.credentials.secrets import Secret
from connectors.errors import AccessDenied, Misconfigured
from daemon.delivery.addresses import for_envelope
from daemon.delivery.errors import InDoubt, NotNow, Refused

READ_SECONDS = 60.0
TOTAL_SECONDS = 90.0
"""Shorter than the ten minutes of RFC 5321, section 4.5.3.2.6: a doubt is settled by looking
for the mail and never by sending it at once again, so that waiting would gain nothing.
"""

_CALLS_ITSELF = "[127.0.0.1]"
"""What is said in EHLO: no name of the owner's machine. Source: RFC 5321, section 4.1.3."""

_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
"""Source: RFC 3463, section 2. What stands after it may hold addresses, and is not shown."""

_CERTIFICATE = {
    10: "has expired",
    18: "is signed by nobody known; a server of your own needs ca_file",
    19: "is signed by nobody known; a server of your own needs ca_file",
    20: "is signed by nobody known; a server of your own needs ca_file",
    62: "is made out to another name",
    64: "is made out to another name",
}
"""By the number of the failed check. Source: OpenSSL, x509_vfy.h (X509_V_ERR_...)."""


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """A mail server that takes mail from its owner. Times are in seconds.

    ``security`` is "tls" from the first byte, "starttls" before anything is said, or "none",
    which is obeyed on this machine alone. Each answer may take ``read_seconds``, all of them
    ``total_seconds``. Certificates are verified against ``ca_file``, or the system's store.
    """

    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    secret: Secret | None = None
    ca_file: Path | None = None
    read_seconds: float = READ_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:  # noqa: ARG002 -- the protocol's; a mail server does not tell one it has seen
        """Hand ``message`` over; the answer is always True, a server does not know it again.

        Raises:
            NotNow, Refused, InDoubt: As ``Transport.send`` says.
        """
        try:
            by, whom = for_envelope(sender), for_envelope(to)
        except ValueError as problem:
            raise Refused(str(problem)) from None
        with self._sign_in() as session:
            _demand(session.docmd("MAIL", f"FROM:<{by}>"), "the sender", 250)
            _demand(session.docmd("RCPT", f"TO:<{whom}>"), "the recipient", 250, 251)
            _hand_over(session, message)
        return True

    def check(self) -> None:
        """Connect, protect the connection and sign in.

        Raises:
            NotNow, Refused: As ``Transport.send`` says.
        """
        with self._sign_in() as session:
            _demand(session.docmd("NOOP"), "an idle word", 250)

    @contextmanager
    def _sign_in(self) -> Iterator[smtplib.SMTP]:
        session = smtplib.SMTP(local_hostname=_CALLS_ITSELF, timeout=self.read_seconds)
        watch = Timer(self.total_seconds, _cut, [session])
        watch.daemon = True
        watch.start()
        try:
            self._connect(session)
            self._authenticate(session)
            yield session
            with suppress(OSError):
                session.putcmd("QUIT")  # not waited for: what matters has been answered
        except OSError as problem:
            raise NotNow(_say(problem)) from None
        finally:
            watch.cancel()
            session.close()

    def _connect(self, session: smtplib.SMTP) -> None:
        session.sock = socket.create_connection((self.host, self.port), self.read_seconds)
        if self.security == "none" and not is_this_machine(session.sock.getpeername()[0]):
            raise Refused('without protection mail goes to this machine only; set security = "tls"')
        if self.security == "tls":
            self._protect(session)
        _demand(session.getreply(), "the connection", 220)
        _demand(session.ehlo(), "the greeting", 250)
        if self.security == "starttls":
            self._start_tls(session)

    def _start_tls(self, session: smtplib.SMTP) -> None:
        """Source: RFC 3207, sections 4.2 (what was said before counts for nothing) and 6."""
        if not session.has_extn("starttls"):
            raise NotNow("the mail server offers no STARTTLS, and nothing is sent in the open")
        _demand(session.docmd("STARTTLS"), "the protection", 220)
        self._protect(session)
        _demand(session.ehlo(), "the greeting", 250)

    def _protect(self, session: smtplib.SMTP) -> None:
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError:
            raise Refused("the file that ca_file names holds no certificate") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        assert session.sock is not None  # noqa: S101 -- it was opened just before
        # The handshake comes after: the watch must be able to end that as well.
        protected = context.wrap_socket(
            session.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        session.sock, session.file = protected, None
        protected.do_handshake()

    def _authenticate(self, session: smtplib.SMTP) -> None:
        """Sign in by PLAIN or LOGIN, in UTF-8, which the standard library's cannot.

        Source: RFC 4954, section 4; RFC 4616; draft-murchison-sasl-login.
        """
        if not self.user or self.secret is None:
            return
        password = _reveal(self.secret)
        offered = session.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            told = _encode(f"\0{self.user}\0{password}")
            answer = session.docmd("AUTH", f"PLAIN {told}")
        elif "LOGIN" in offered:
            _demand(session.docmd("AUTH", "LOGIN"), "your sign-in", 334)
            _demand(session.docmd(_encode(self.user)), "your sign-in", 334)
            answer = session.docmd(_encode(password))
        else:
            raise Refused("the mail server offers no way to sign in with a password")
        if 500 <= answer[0] < 600:
            raise Refused(
                f"the mail server refused your sign-in ({_say_status(*answer)}); put the "
                "password right and type: kithd check --connect"
            )
        _demand(answer, "your sign-in", 235)


def _hand_over(session: smtplib.SMTP, message: bytes) -> None:
    """Send the mail, and then its end mark alone: before that it surely was not taken.

    Source: RFC 5321, sections 4.1.1.4 and 4.5.2 (a line that is one dot ends the mail).
    """
    _demand(session.docmd("DATA"), "the mail", 354)
    body = re.sub(rb"(?m)^\.", b"..", message)
    session.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    try:
        session.send(b".\r\n")
        answer = session.getreply()
    except OSError:
        raise InDoubt("the connection was lost when the mail had been handed over") from None
    if not (200 <= answer[0] < 300 or 400 <= answer[0] < 600):
        raise InDoubt("the mail server answered with something else than a yes or a no")
    _demand(answer, "the mail", *range(200, 300))


def _demand(answer: tuple[int, bytes], what: str, *wanted: int) -> None:
    code, text = answer
    if code in wanted:
        return
    if 500 <= code < 600:
        raise Refused(f"the mail server refused {what} ({_say_status(code, text)})")
    if 400 <= code < 500:
        raise NotNow(f"the mail server put off {what} ({_say_status(code, text)})")
    raise NotNow("the mail server does not speak as one")


def _say_status(code: int, text: bytes) -> str:
    found = _STATUS.match(text)
    return f"{code} {found[0].decode()}" if found else str(code)


def _say(problem: OSError) -> str:
    match problem:
        case ssl.SSLCertVerificationError():
            fault = _CERTIFICATE.get(problem.verify_code, "could not be verified")
            return f"the mail server's certificate {fault}"
        case ssl.SSLError():
            return "the connection to the mail server could not be protected"
        case socket.gaierror():
            return "the mail server's name could not be looked up"
        case TimeoutError():
            return "the mail server did not answer in time"
        case ConnectionRefusedError():
            return "the mail server takes no connections"
    return "the connection to the mail server was lost"


def is_this_machine(address: str) -> bool:
    """Return whether a numeric address, of IPv4 or IPv6, never leaves this machine."""
    found = ip_address(address.partition("%")[0])
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _reveal(secret: Secret) -> str:
    """What the keeper says of it may name the account, and stays here: the check tells it."""
    try:
        return secret.reveal()
    except Misconfigured:
        raise Refused(
            "the password for sending is not there; type: kithd check --connect"
        ) from None
    except AccessDenied:
        # A keyring is locked until somebody logs in: the mail may wait for that.
        raise NotNow("the password for sending cannot be had just now") from None


def _encode(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _cut(session: smtplib.SMTP) -> None:
    if session.sock is not None:
        with suppress(OSError):
            # Not the protected socket's own method: that gives up its protection first, and
            # what the other thread is about to send would go out in the open.
            socket.socket.shutdown(session.sock, socket.SHUT_RDWR)
