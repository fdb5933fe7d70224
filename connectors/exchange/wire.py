"""Requests of the library that speaks EWS -> bounded, checked and timed ones, and what came back.

The library sends by a ``requests.Session``. Its usual adapter believes the environment about
proxies, reads answers of any size for as long as they last, and connects to whatever address a
name leads to; this one asks by ``connectors.http`` instead.
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connectors.errors import Unavailable
from connectors.exchange.hosts import Elsewhere, refuse_online
from connectors.http import Answer, Web, raise_for_trouble
from connectors.pace import Busy
from connectors.unpack import Unfit
from connectors.web_address import WebAddress

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK, _UNAUTHORIZED, _INTERNAL_ERROR = 200, 401, 500
_NOT_TAKEN = frozenset({429, 503})
_OURS = frozenset({"accept", "accept-encoding", "connection", "content-length", "user-agent"})
_ENVELOPE_END = b"Envelope>"
_DOCTYPE = b"<!DOCTYPE"


class TooLarge(Unavailable):
    """An answer was longer than is read: asking for less may help."""


class Wire(Web):
    """A connection to one server, which follows no redirect and says when an answer is too long."""

    def _follow(
        self, method: str, home: WebAddress, headers: dict[str, str], body: bytes
    ) -> Answer:
        return self._exchange(method, home, headers, body)

    def _within_bounds(self, parts: Iterable[bytes]) -> bytes:
        try:
            return super()._within_bounds(parts)
        except Unfit:
            raise TooLarge(f"an answer is longer than {self.bounds.bytes >> 20} MB") from None


class Refused(Busy):
    """The server said at once that it does not take the request now."""


class Adapter(BaseAdapter):
    """Sends what a ``requests.Session`` is asked to send over a wire, which outlives it."""

    def __init__(self, wire: Wire, check: Callable[[Answer], None] | None = None) -> None:
        """Remember the wire, and what raises where an answer makes no sense: else no SOAP does."""
        super().__init__()
        self._wire, self._check = wire, check or require_soap

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return an answer that the library knows how to read: SOAP, or a question who we are.

        Its other arguments count for nothing: time-outs, certificates and proxies are the
        wire's to know.

        Raises:
            Refused: The server is busy, and has not looked at the request.
            Busy: It fails, and may have.
            Unavailable: It cannot be reached, or sends what is no answer.
            AccessDenied, Misconfigured: It says that it will never answer this.
        """
        answer = self._wire.request(
            str(request.method), str(request.url), headers=_headers(request), body=_body(request)
        )
        self._check(answer)
        return _Response(request, answer, self)

    def close(self) -> None:
        """Leave the wire open: the library closes a session whenever a request fails."""


class _Response(requests.Response):
    """An answer as the library expects it, given out whole rather than byte by byte."""

    def __init__(self, request: requests.PreparedRequest, answer: Answer, adapter: Adapter) -> None:
        super().__init__()
        self.status_code = answer.status
        self.headers = CaseInsensitiveDict(answer.headers)
        self.url = answer.url
        self.request = request
        self.raw = _Released()
        self._content = answer.body
        # By which NTLM asks again. (The stubs know but one kind of adapter.)
        self.connection = adapter  # type: ignore[assignment]

    def iter_content(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.content


class _Released(BytesIO):
    """What is left of a connection when an answer was read whole."""

    def release_conn(self) -> None:
        """Nothing is held."""


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    """Return the header fields, without those that are the wire's to write."""
    fields = {name.lower(): value for name, value in request.headers.items()}
    return {
        name: value if isinstance(value, str) else value.decode("latin-1")
        for name, value in fields.items()
        if name not in _OURS
    }


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    if isinstance(body, str):
        return body.encode()
    assert isinstance(body, bytes)  # noqa: S101 -- nothing is streamed by this library
    return body


def require_soap(answer: Answer) -> None:
    """Return if the answer is SOAP, or asks who we are.

    The library's parser mends what is broken, so an answer that was cut off would pass for one
    that holds less; and SOAP allows no document type, in which entities are defined.

    Source: SOAP 1.1 section 3; exchangelib 5.6 ``util.to_xml``.
    """
    if answer.status == _UNAUTHORIZED:
        return
    if answer.status in _REDIRECTS:
        raise_for_redirect(answer)
    is_whole = answer.body.rstrip().endswith(_ENVELOPE_END) and _DOCTYPE not in answer.body
    if answer.status == _OK and not is_whole:
        raise Unavailable(f"{answer.place} answers with something else than EWS")
    if answer.status == _OK or (answer.status == _INTERNAL_ERROR and is_whole):
        return
    try:
        raise_for_trouble(answer)
    except Unavailable as trouble:
        if answer.status < _INTERNAL_ERROR and answer.status not in _NOT_TAKEN:
            raise
        kind = Refused if answer.status in _NOT_TAKEN else Busy
        raise kind(str(trouble), retry_after=trouble.retry_after) from None


def raise_for_redirect(answer: Answer) -> None:
    """Say what a redirect means, which is never followed: a password would go with it.

    Raises:
        Elsewhere: It leads to another server, which may be Exchange Online.
        Unavailable: It leads elsewhere on the same server, as while that is repaired.
    """
    here = WebAddress.parse(answer.url)
    there = here.redirected(answer.headers.get("location", ""))
    refuse_online(there.host)
    if there.host != here.host:
        raise Elsewhere(
            f"{here.place} redirects to {there.place}; if that is yours, write "
            "its address as the url"
        )
    raise Unavailable(f"{here.place} redirects to another page")
