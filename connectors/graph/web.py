"""Requests to Microsoft's services -> answers, or what is to be done where there is none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpcore

from connectors.errors import Unavailable
from connectors.graph.settings import GraphSettings
from connectors.http import Answer, Bounds, Web, raise_for_trouble
from connectors.pace import Busy
from connectors.unpack import Unfit

ANSWER_BYTES = 32 * 2**20
"""Of one answer, unpacked: a page of a hundred messages with all their header fields has two."""
ANSWER_SECONDS = 60.0
"""From the first byte sent to the last one received, with all that lies in between."""
SILENCE = timedelta(minutes=5)
"""When to ask again a service that said nothing in ANSWER_SECONDS: not within this poll."""

_TOO_MANY = 429
_LATE = (httpcore.ReadTimeout, httpcore.WriteTimeout)
_BROKEN = (httpcore.ReadError, httpcore.WriteError, httpcore.ProtocolError, Unfit)


class Failed(Busy):
    """A service took a request and then failed, or fell silent: it may have done what it said."""


def open_web(settings: GraphSettings) -> Web:
    """Return a way to Microsoft's services. No redirect is followed: none of them redirects."""
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
    fields = {**headers, "content-length": str(len(body))} if method == "POST" else headers
    try:
        return web.request(method, url, headers=fields, body=body)
    except Unavailable as trouble:
        # Web says the same of a service that was not reached and of one that broke off; what
        # it had to deal with tells them apart.
        if isinstance(trouble.__context__, _LATE):
            raise Failed(str(trouble), retry_after=SILENCE) from None
        if isinstance(trouble.__context__, _BROKEN):
            raise Failed(str(trouble)) from None
        raise


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long a service asks to be left alone: seconds or a date, a day at the most."""
    try:
        raise_for_trouble(replace(answer, status=_TOO_MANY))
    except Unavailable as trouble:
        return trouble.retry_after
    return None
