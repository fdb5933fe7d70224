"""A reverse proxy before a WebDAV server: it notes what is asked, and may answer in its stead.

It stands for what the real servers at hand do not do by themselves: services without
sync-collection, other refusals of a token, stumbling over one item, throttling, lies.
"""

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import urlsplit

OWN = {"accept-encoding", "connection", "content-length", "date", "transfer-encoding"}
"""Header fields that each side writes for itself."""


@dataclass(frozen=True)
class Asked:
    """A request as it came in, its header fields by names in lower case."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str]

    @property
    def is_sync(self) -> bool:
        return "sync-collection" in self.body and self.method == "REPORT"

    @property
    def token(self) -> str:
        """The token of a report of changes; "" where all is asked for."""
        return self.body.partition("sync-token>")[2].partition("<")[0]


@dataclass(frozen=True)
class Answered:
    """An answer as it goes out."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Instead: TypeAlias = Callable[[Asked], Answered | None]
Afterwards: TypeAlias = Callable[[Asked, str], str]


@dataclass
class Proxy:
    """``instead`` answers what it does not leave to the server; ``afterwards`` rewrites bodies."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    instead: Instead = lambda _: None
    afterwards: Afterwards = lambda _, body: body

    def count(self, method: str) -> int:
        return sum(one.method == method for one in self.asked)


@contextmanager
def proxy(upstream: str = "") -> Iterator[Proxy]:
    """Stand before the server at ``upstream``; before none, where all is answered instead."""
    state = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Else every answer waits 40 ms for an acknowledgement.

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            asked = Asked(
                self.command, self.path, body, {k.lower(): v for k, v in self.headers.items()}
            )
            state.asked.append(asked)
            answered = state.instead(asked) or _forward(upstream, asked)
            content = state.afterwards(asked, answered.body).encode()
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PROPFIND = do_REPORT = do_PUT = do_DELETE = handle_one

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def _forward(upstream: str, asked: Asked) -> Answered:
    place = urlsplit(upstream)
    assert place.hostname, "there is nothing behind this proxy"
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    headers = {k: v for k, v in asked.headers.items() if k not in OWN}
    headers |= {"accept-encoding": "identity"}
    connection.request(asked.method, asked.path, asked.body.encode(), headers)
    answer = connection.getresponse()
    kept = {k: v for k, v in answer.getheaders() if k.lower() not in OWN}
    answered = Answered(answer.status, answer.read().decode(), kept)
    connection.close()
    return answered


def without_sync(asked: Asked, body: str) -> str:
    """Hide that the server reports changes."""
    if asked.method != "PROPFIND":
        return body
    for name in ("sync-collection", "sync-token"):
        body = body.replace(f"{name} ", "hidden ").replace(f"{name}>", "hidden>")
        body = body.replace(f"{name}/>", "hidden/>")
    return body
