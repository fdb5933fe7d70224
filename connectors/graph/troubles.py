"""What Microsoft Graph answers instead of what was asked for -> what to do about it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from connectors.errors import AccessDenied, CursorExpired, Misconfigured
from connectors.graph.web import Failed, retry_after
from connectors.http import Answer
from connectors.pace import Busy

_BUSY = frozenset({408, 429, 503, 509})
_BUSY_CODES = frozenset(
    ("activitylimitreached", "throttledrequest", "applicationthrottled", "toomanyrequests")
)
_EXPIRED_CODES = frozenset(
    "syncstatenotfound syncstateinvalid resyncrequired resyncapplydifferences "
    "resyncuploaddifferences".split()
)
"""Source: Microsoft Graph, "Error responses"; SyncStateInvalid as seen by many."""
_ON_PREMISES_CODES = frozenset(
    ("mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "extensionerror")
)
"""Source: "REST API is not yet supported for this mailbox" (Exchange), "Error responses"."""

_code = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


class Refused(Exception):
    """An answer that no waiting mends, and that means something to who asked."""

    def __init__(self, place: str, status: int, code: str) -> None:
        super().__init__(f"{place} answers {status} ({code})")


class Absent(Refused):
    """What was asked for is not there."""


def explain(answer: Answer) -> Exception:
    """Return what to raise for an answer of a status from 300 on, 401 left out.

    Graph gives a code for all that it refuses, some in layers. An answer without one comes from
    something in between, and says nothing.

    Returns:
        ``Busy`` for what passes by itself, ``Failed`` where the request may have been carried
        out all the same, CursorExpired where a token is too old, AccessDenied or Misconfigured
        where the owner has to act, and else ``Refused``.
    """
    codes = [*_codes_in(answer.body)]
    known = {code.casefold() for code in codes}
    place, status = answer.place, answer.status
    if status in _BUSY or not known.isdisjoint(_BUSY_CODES):
        return Busy(f"{place} is asked too often or too busy", retry_after=retry_after(answer))
    if status >= 500:
        return Failed(f"{place} fails ({status})", retry_after=retry_after(answer))
    if not codes:
        return Busy(f"{place} answers {status}, and not in Graph's words")
    if status == 410 or not known.isdisjoint(_EXPIRED_CODES):
        return CursorExpired(f"{place} no longer knows how far it was read")
    return _explain_code(place, status, codes[-1], known)


def explain_handover(answer: Answer) -> Exception:
    """Return what to raise for an answer to a mail that was handed over, but that it was taken.

    Returns:
        As ``explain`` where the mail was clearly not taken: it is offered again after 429, or
        503 in Graph's own words; ``Failed`` for all else, whoever said it.
    """
    is_graphs = any(_codes_in(answer.body))
    is_refusal = (400 <= answer.status < 500 and answer.status != 408) or answer.status == 503
    if answer.status == 429 or (is_graphs and is_refusal):
        return explain(answer)
    return Failed(f"{answer.place} answers {answer.status}")


def _explain_code(place: str, status: int, code: str, known: set[str]) -> Exception:
    if not known.isdisjoint(_ON_PREMISES_CODES):
        return Misconfigured(
            f"{place} does not hold this mailbox: if it lies on an Exchange server of your "
            'organization, write kind = "exchange"'
        )
    if status == 403:
        return AccessDenied(
            f"{place} refuses access ({code}): your organization may have to allow this app; "
            "type: kithd sign-in"
        )
    return (Absent if status == 404 else Refused)(place, status, code)


def _codes_in(body: bytes) -> Iterator[str]:
    """Yield the codes of an error, from the outermost to the most precise one.

    Source: Microsoft Graph, "Error responses", for ``innererror`` within one another.
    """
    try:
        layer: Any = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return
    while isinstance(layer, dict):
        code = layer.get("code")
        if isinstance(code, str) and _code.fullmatch(code):
            yield code
        layer = layer.get("innererror", layer.get("innerError"))
