"""A web server on loopback whose every answer a test may write itself, however wrong."""

import base64
import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import EAI_NONAME, gaierror, socket
from typing import Any, TypeAlias

import trustme

from connectors.credentials.secrets import Secret
from connectors.http import Login

HOST = "feeds.example.org"


def here(_host: str, _port: int) -> list[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


def no_such_name(_host: str, _port: int) -> list[str]:
    """Resolve nothing."""
    raise gaierror(EAI_NONAME, "Name or service not known")


def login(folder: Path, password: str = "open sesame") -> Login:  # noqa: S107 -- of nobody
    """Return who the owner signs in as; the password is kept in a file in ``folder``."""
    path = folder / "password"
    path.write_text(password)
    path.chmod(0o600)
    return Login("owner", Secret(f"file:{path}"))


@dataclass(frozen=True)
class Asked:
    """One request: its header fields by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Exchange(BaseHTTPRequestHandler):
    """A request, and the means to answer it."""

    protocol_version = "HTTP/1.1"
    # Headers and body are written one after the other: else each answer waits 40 ms for the first.
    disable_nagle_algorithm = True
    server: "_Server"
    body: bytes = b""

    def answer(self, status: int, body: bytes = b"", /, **headers: str) -> None:
        """Answer properly; underscores in the names of header fields are dashes."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304 and self.command != "HEAD":
            self.wfile.write(body)

    def stream(self, parts: Iterable[bytes], *, pause: float = 0.0, **headers: str) -> None:
        """Answer 200 in chunks, as long as there are any and somebody listens."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in parts:
            self.pour(b"%x\r\n%s\r\n" % (len(part), part), pause)
        self.wfile.write(b"0\r\n\r\n")

    def pour(self, raw: bytes, pause: float = 0.0) -> None:
        """Send bytes as they are, and wait, unless the test is over."""
        self.wfile.write(raw)
        self.server.site.n_poured += len(raw)
        if self.server.is_over.wait(pause):
            raise ConnectionAbortedError

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.site.asked.append(Asked(self.command, self.path, headers, self.body))
        page = self.server.site.pages.get(self.path.partition("?")[0], self.server.site.fallback)
        page(self)

    do_GET = do_HEAD = do_POST = do_PROPFIND = do_REPORT = _answer_any


Page: TypeAlias = Callable[[Exchange], None]


@dataclass
class Site:
    """A server that runs: what it answers by path, and what it was asked."""

    url: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    fallback: Page = field(default_factory=lambda: missing)
    asked: list[Asked] = field(default_factory=list)
    n_connections: int = 0
    n_poured: int = 0

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def at(self, host: str, path: str = "/") -> str:
        """Return the address of ``path`` under another name."""
        scheme = self.url.partition(":")[0]
        return f"{scheme}://{host}:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        super().__init__((host, port), Exchange)
        self.context, self.is_over = context, threading.Event()
        self.site = Site(f"{'https' if context else 'http'}://{host}:{self.server_port}")

    def get_request(self) -> tuple[socket, Any]:
        self.site.n_connections += 1
        return super().get_request()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands here, in the connection's own thread."""
        if self.context is None:
            return super().finish_request(request, client_address)
        with self.context.wrap_socket(request, server_side=True) as secured:
            return super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up, and are meant to."""


@contextmanager
def serve(
    *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Site]:
    """Run a server as long as the context lasts; ``context`` is for https."""
    server = _Server(host, port, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.site
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Authority:
    """A certificate authority that nobody trusts who does not know its ``file``."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def context(self, *names: str, expires: datetime | None = None) -> ssl.SSLContext:
        """Return what a server needs to be ``names``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names, not_after=expires).configure_cert(context)
        return context


def missing(exchange: Exchange) -> None:
    exchange.answer(404, b"<html>Nothing here</html>")


def fixed(status: int, body: bytes = b"", /, **headers: str) -> Page:
    """Return a page that always answers the same."""
    return lambda exchange: exchange.answer(status, body, **headers)


def redirect(to: str, status: int = 302) -> Page:
    """Return a page that points elsewhere."""
    return fixed(status, Location=to)


def document(
    body: bytes,
    *,
    has_etag: bool = True,
    changed_at: datetime | None = None,
    is_packed: bool = False,
) -> Page:
    """Return a page that is sent only to those who have not got it yet."""
    etag = f'"{sha256(body).hexdigest()[:8]}"' if has_etag else None
    modified = format_datetime(changed_at, usegmt=True) if changed_at else None
    named = {"ETag": etag, "Last_Modified": modified}
    headers = {name: value for name, value in named.items() if value}
    if is_packed:
        headers["Content_Encoding"] = "gzip"
    sent = gzip.compress(body) if is_packed else body

    def page(exchange: Exchange) -> None:
        known, since = (exchange.headers.get(n) for n in ("If-None-Match", "If-Modified-Since"))
        is_known = known == etag if etag and known else bool(modified and since == modified)
        exchange.answer(304 if is_known else 200, sent, **headers)

    return page


def guarded(page: Page, user: str, password: str) -> Page:
    """Return ``page``, for one who signs in."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()

    def guard(exchange: Exchange) -> None:
        if exchange.headers.get("Authorization") == f"Basic {pair}":
            return page(exchange)
        return exchange.answer(401, b"Who are you?", WWW_Authenticate='Basic realm="feeds"')

    return guard


def wait_for(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)
