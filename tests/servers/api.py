"""A service that answers calls over HTTP, and can be told to fail at any of them."""

import json
import random
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.web import Exchange, serve


@dataclass(frozen=True)
class Call:
    """One request: header fields by lower-case name, the query's values by name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> "Call":
        parts = urlsplit(target)
        named = {name.lower(): value for name, value in headers.items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        return cls(method, unquote(parts.path), query, named, body)

    def one(self, name: str, default: str = "") -> str:
        """Return the only value of a parameter."""
        values = self.query.get(name, [default])
        assert len(values) == 1, (name, values)
        return values[0]

    def form(self) -> dict[str, str]:
        """Return the body as a form's fields."""
        fields = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    @property
    def token(self) -> str:
        """The bearer token it is signed with, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Reply:
    """What is answered. ``is_cut`` ends the connection in the middle of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> "Reply":
        """Return ``value`` as JSON; underscores in the names of header fields are dashes."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        kind = {"Content-Type": "application/json; charset=UTF-8"}
        return cls(status, json.dumps(value).encode(), kind | named)

    def json(self) -> Any:
        return json.loads(self.body)


Fault = Callable[[Call], Reply | None]
"""Decides whether a call is answered wrongly, and how; None for not."""


class Service(Protocol):
    """What answers calls. It is asked by one thread at a time."""

    def answer(self, call: Call) -> Reply: ...


@dataclass
class Served:
    """A service that runs: where, what it was asked so far, and what goes wrong with it."""

    url: str
    service: Service
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def fail_at(self, n: int, reply: Reply) -> None:
        """Answer the ``n``-th call from now on (1 is the next) with ``reply``."""
        at = len(self.calls) + n
        self.faults.append(lambda _: reply if len(self.calls) == at else None)

    def fail_share(self, shares: Mapping[float, Reply], *, seed: int = 1) -> None:
        """Answer a share of all calls with each reply: ``{0.3: too_many, 0.1: broken}``."""
        draw = random.Random(seed)  # noqa: S311 -- which call fails is no secret

        def fault(_: Call) -> Reply | None:
            drawn = draw.random()
            for share, reply in shares.items():
                if drawn < share:
                    return reply
                drawn -= share
            return None

        self.faults.append(fault)

    def answer(self, exchange: Exchange) -> None:
        """Answer one request."""
        asked = self._asked(exchange)
        with self._turn:
            self.calls.append(asked)
            wrong = (fault(asked) for fault in self.faults)
            reply = next((one for one in wrong if one is not None), None)
            reply = reply or self.service.answer(asked)
        _send(exchange, reply)

    def _asked(self, exchange: Exchange) -> Call:
        headers = dict(exchange.headers.items())
        return Call.of(exchange.command, exchange.path, headers, exchange.body)


def _send(exchange: Exchange, reply: Reply) -> None:
    headers = {name.replace("-", "_"): value for name, value in reply.headers.items()}
    if not reply.is_cut:
        return exchange.answer(reply.status, reply.body, **headers)
    exchange.send_response(reply.status)
    for name, value in reply.headers.items():
        exchange.send_header(name, value)
    exchange.send_header("Content-Length", str(len(reply.body)))
    exchange.end_headers()
    exchange.wfile.write(reply.body[: len(reply.body) // 2])
    raise ConnectionAbortedError


@contextmanager
def running(service: Service, *, context: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Run ``service`` on loopback as long as the context lasts; ``context`` is for https."""
    with serve(context=context, host="localhost" if context else "127.0.0.1") as site:
        served = Served(site.url, service)
        site.fallback = served.answer
        yield served
