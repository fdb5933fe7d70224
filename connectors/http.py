"""A request to a web address -> its answer, within bounds of place, size and time."""

import base64
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

import httpcore

from connectors.credentials.secrets import Secret
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.pinned import Network, Resolve, is_private, is_public, look_up
from connectors.unpack import Unfit, unpack
from connectors.web_address import WebAddress

LONGEST_WAIT = timedelta(days=1)
"""The most that a Retry-After is believed. Source: reliability notes, fault 26."""
IDLE_SECONDS = 15.0
"""How long a connection is kept for the next request."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4
_DENIALS = frozenset({401, 403, 407})
_ABSENCES = frozenset({404, 410})
_PERSONAL = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may cost: bytes after unpacking, seconds in all, redirects."""

    bytes: int = 16 * 2**20
    seconds: float = 60.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A status from 200 on, header fields by lower-case name, the body, and where it came from.

    Printing it shows the status alone.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    @property
    def place(self) -> str:
        """What an error may say of where it came from."""
        return WebAddress.parse(self.url).place


@dataclass(frozen=True, slots=True)
class Login:
    """Whom to sign in as, by HTTP basic authentication."""

    user: str
    secret: Secret


@dataclass(slots=True)
class Web:
    """A connection to the web that is kept between requests; close it.

    ``allow_private`` admits addresses of private networks, and plain http to them. Nothing of
    the environment counts: no proxies, no netrc. Errors name hosts, and nothing else of an
    address, since a path or a query may be a secret.

    Attributes:
        allow_private: Whether the owner meant a server of their own network.
        login: Sent to the host that is asked, whichever the caller asks, and never to another
            one that it redirects to.
        ca_file: The certificates to trust, instead of those that the system trusts.
        bounds: Of each request, with all its redirects.
        resolve: Says where a host is.
    """

    allow_private: bool = False
    login: Login | None = None
    ca_file: Path | None = None
    bounds: Bounds = field(default_factory=Bounds)
    resolve: Resolve = look_up
    _network: Network = field(init=False, repr=False)
    _pool: httpcore.ConnectionPool | None = field(init=False, repr=False, default=None)
    _signature: dict[str, str] = field(init=False, repr=False, default_factory=dict)
    _busy: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Open nothing yet."""
        self._network = Network(self.resolve)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Return the answer, of whatever status, after following its redirects.

        A method is kept by a redirect, and its body with it, unless the answer says 303.

        Raises:
            Unavailable: No answer, or not a whole one within ``bounds``.
            Misconfigured: The address, or one it redirects to, may not be asked or is not
                what it says it is; or the login's secret is not there.
            AccessDenied: The login's secret is not given out.
        """
        try:
            with self._busy:
                self._network.deadline = time.monotonic() + self.bounds.seconds
                wanted = {name.lower(): value for name, value in (headers or {}).items()}
                return self._follow(method, WebAddress.parse(url), wanted, body)
        finally:
            if self._network.is_ended:
                self._end()

    def close(self) -> None:
        """End a request that runs in another thread, and all connections. Idempotent."""
        self._network.end()
        self._end()

    def _end(self) -> None:
        """Close the pool, unless a request runs: that one does so when it is over."""
        if self._busy.acquire(blocking=False):
            try:
                if self._pool is not None:
                    self._pool.close()
            finally:
                self._busy.release()

    def _follow(
        self, method: str, home: WebAddress, headers: dict[str, str], body: bytes
    ) -> Answer:
        headers |= self._authorization()
        target = home
        for _ in range(self.bounds.redirects + 1):
            answer = self._exchange(method, target, headers, body)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            target = target.redirected(location)
            if target.origin != home.origin:
                headers = {k: v for k, v in headers.items() if k not in _PERSONAL}
            if answer.status == 303:
                method, body = "GET", b""
        raise Unavailable(f"{home.place} redirects more than {self.bounds.redirects} times")

    def _authorization(self) -> dict[str, str]:
        """Return what signs a request, the secret being asked for at the first one only.

        Source: RFC 7617 section 2.
        """
        if self.login is not None and not self._signature:
            pair = f"{self.login.user}:{self.login.secret.reveal()}".encode()
            self._signature = {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        return self._signature

    def _exchange(
        self, method: str, target: WebAddress, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        self._admit(target)
        usual = {"user-agent": _user_agent(), "accept": "*/*", "accept-encoding": "gzip"}
        fields = {"host": target.authority, **usual, **headers}
        if body:
            fields["content-length"] = str(len(body))
        sent = [(name.encode(), value.encode()) for name, value in fields.items()]
        with (
            self._naming_errors(target.place),
            self._opened().stream(
                method, target.url, headers=sent, content=body or None
            ) as response,
        ):
            got = _fields(response.headers)
            parts = unpack(response.iter_stream(), got.get("content-encoding", ""))
            content = self._within_bounds(parts)
        return Answer(response.status, got, content, target.text)

    def _admit(self, target: WebAddress) -> None:
        """Say which addresses may be connected to for ``target``."""
        network = self._network
        if target.is_secure and not self.allow_private:
            network.admits, network.refusal = is_public, "lies in a private network"
        elif target.is_secure:
            network.admits, network.refusal = _is_anybodys, "is no server's address"
        elif self.allow_private:
            network.admits, network.refusal = is_private, "may be asked by https only"
        else:
            raise Misconfigured(f"{target.place} is not secure; write https://")

    def _opened(self) -> httpcore.ConnectionPool:
        if self._pool is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=_trust(self.ca_file),
                max_connections=4,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=self._network,
            )
        return self._pool

    def _within_bounds(self, parts: Iterable[bytes]) -> bytes:
        body = bytearray()
        for part in parts:
            body += part
            if len(body) > self.bounds.bytes:
                raise Unfit(f"answers with more than {self.bounds.bytes / 2**20:g} MB")
        return bytes(body)

    @contextmanager
    def _naming_errors(self, place: str) -> Iterator[None]:
        """Turn what went wrong into what to do about it; nothing that was sent is quoted."""
        try:
            yield
        except httpcore.TimeoutException:
            raise Unavailable(f"{place} does not answer in time") from None
        except httpcore.ConnectError as error:
            raise _why_not_connected(place, error) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            reason = "was closed" if self._network.is_ended else "broke off its answer"
            raise Unavailable(f"{place} {reason}") from None
        except Unfit as error:
            raise Unavailable(f"{place} {error}") from None


def raise_for_trouble(answer: Answer) -> None:
    """Return if the answer is what was asked for, or says that it has not changed.

    Raises:
        AccessDenied: 401, 403, 407.
        Misconfigured: 404, 410.
        Unavailable: Any other status outside 200 to 299 and 304, with its Retry-After.
    """
    status = answer.status
    if 200 <= status < 300 or status == 304:
        return
    place = answer.place
    if status in _DENIALS:
        raise AccessDenied(f"{place} refuses access ({status}); check the user and the password")
    if status in _ABSENCES:
        raise Misconfigured(f"{place} holds nothing at this address ({status}); check the url")
    raise Unavailable(f"{place} answers {status}", retry_after=_retry_after(answer.headers))


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long to wait, at most LONGEST_WAIT. Source: RFC 9110 section 10.2.3."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return min(timedelta(seconds=int(value)), LONGEST_WAIT)
    then = read_http_date(value)
    if then is None:
        return None
    # By the server's own clock, where it tells it: ours may be wrong.
    now = read_http_date(headers.get("date", "")) or datetime.now(UTC)
    return min(max(then - now, timedelta()), LONGEST_WAIT)


def read_http_date(value: str) -> datetime | None:
    """Return the instant of a date field in UTC, None where it is none (RFC 9110 section 5.6.7)."""
    with suppress(ValueError, OverflowError):
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _is_anybodys(address: str) -> bool:
    return is_public(address) or is_private(address)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom to believe, read again only when the certificates on the disk have changed."""
    system = ssl.get_default_verify_paths()
    read = [ca_file] if ca_file else [Path(path) for path in (system.cafile, system.capath) if path]
    try:
        return _trust_as_of(ca_file, tuple(path.stat().st_mtime_ns for path in read))
    except (OSError, ValueError):
        raise Misconfigured(f"{ca_file} holds no certificate that can be read") from None


@lru_cache(maxsize=8)
def _trust_as_of(ca_file: Path | None, _changed_ns: tuple[int, ...]) -> ssl.SSLContext:
    # Measured: those of a Debian system take 40 ms to read, more than a poll takes besides.
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _why_not_connected(place: str, error: httpcore.ConnectError) -> ConnectorError:
    match cause := next(iter(error.args), None):
        case ssl.SSLCertVerificationError():
            reason = cause.verify_message.rstrip(".").lower()
            return Misconfigured(f"{place} shows a certificate that is not trusted: {reason}")
        case ssl.SSLError():
            return Unavailable(f"{place} offers no secure connection ({cause.reason})")
        case OSError() if cause.strerror:
            return Unavailable(f"{place} cannot be reached ({cause.strerror.lower()})")
        case _:
            return Unavailable(f"{place} cannot be reached")


def _fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return header fields by lower-case name, those of one name joined by commas."""
    fields: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


@cache
def _user_agent() -> str:
    return f"kithd/{metadata.version('kithd')}"
