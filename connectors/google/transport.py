"""Requests of Google's client library -> answers of the web, within kithd's own bounds.

The library talks through anything that looks like ``httplib2.Http``. That itself takes proxies
from the environment, follows redirects, asks again in silence where a connection broke (so that
a mail is sent twice), and knows no bound of size, or of time in all.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpcore
import httplib2

from connectors.errors import Unavailable
from connectors.google.errors import Failed, explain
from connectors.google.settings import GoogleSettings
from connectors.http import Answer, Bounds, Web
from connectors.unpack import Unfit

ANSWER_BYTES = 96 * 2**20
"""Of one answer, unpacked: the largest message that Gmail takes in, and a third for base64.

Source: Gmail Help, "Attachments & size limits": 50 MB to receive.
"""
BATCH_BYTES = 16 * 2**20
"""Of the answer to a batch: the library makes six copies of it. One that is larger is halved."""
ANSWER_SECONDS = 60.0
"""From the first byte sent to the last one received, with all that lies in between."""
SILENCE = timedelta(minutes=5)
"""When to ask again a service that said nothing in ANSWER_SECONDS: not within this poll."""

_UNAUTHORIZED = 401
_LATE = (httpcore.ReadTimeout, httpcore.WriteTimeout)
_BROKEN = (httpcore.ReadError, httpcore.WriteError, httpcore.ProtocolError, Unfit)


def open_web(settings: GoogleSettings) -> Web:
    """Return a way to Google's services. No redirect is followed: none of them redirects."""
    bounds = Bounds(bytes=ANSWER_BYTES, seconds=ANSWER_SECONDS, redirects=0)
    return Web(allow_private=settings.allow_private, ca_file=settings.ca_file, bounds=bounds)


def ask_web(
    web: Web, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """Return the answer, of whatever status.

    Raises:
        Failed: There was none, or none that can be read, to what may have been taken.
        Unavailable: The service was not reached at all.
        Misconfigured: The address may not be asked.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    # The library offers more ways of packing than are unpacked here.
    fields["accept-encoding"] = "gzip"
    if method != "GET":
        fields["content-length"] = str(len(body))
    try:
        return web.request(method, url, headers=fields, body=body)
    except Unavailable as trouble:
        if isinstance(trouble.__context__, _LATE):
            raise Failed(str(trouble), retry_after=SILENCE) from None
        if isinstance(trouble.__context__, _BROKEN):
            raise Failed(str(trouble)) from None
        raise


class Transport:
    """Looks like ``httplib2.Http`` to the library, and raises what an answer means.

    Only 401 goes through as it is: what is above renews the token and asks once more.
    """

    def __init__(self, settings: GoogleSettings, service: str) -> None:
        """Open nothing yet. ``service`` is the name that errors say."""
        self._service, self._web = service, open_web(settings)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        redirections: int = 0,  # noqa: ARG002 -- none are followed
        connection_type: Any = None,  # noqa: ARG002 -- there is but one
    ) -> tuple[httplib2.Response, bytes]:
        """Return the answer and its body, as ``httplib2.Http.request`` does.

        Raises:
            Busy, Refused, AccessDenied, Unavailable: See ``explain``.
            Failed: See ``ask_web``.
        """
        sent = body.encode() if isinstance(body, str) else body or b""
        is_batch = (headers or {}).get("content-type", "").startswith("multipart/mixed")
        n_bytes = BATCH_BYTES if is_batch else ANSWER_BYTES
        self._web.bounds = replace(self._web.bounds, bytes=n_bytes)
        answer = ask_web(self._web, method, uri, headers or {}, sent)
        if answer.status >= 300 and answer.status != _UNAUTHORIZED:
            raise explain(answer, self._service)
        fields = {**answer.headers, "status": str(answer.status)}
        return httplib2.Response(fields), answer.body

    def close(self) -> None:
        """End what runs in another thread, and all connections. Idempotent."""
        self._web.close()
