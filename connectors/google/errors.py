"""What one of Google's services answers instead of what was asked for -> what to do about it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import AccessDenied, Unavailable
from connectors.http import LONGEST_WAIT, Answer, raise_for_trouble, read_http_date
from connectors.pace import Busy

NEXT_LOOK = timedelta(hours=1)
"""When to ask again once the day's quota is used up: it comes back at midnight in California.

Source: Google's "Capping API usage". A look every hour finds it soon, and costs nothing.
"""

_UNAUTHORIZED, _FORBIDDEN, _TOO_LATE, _TOO_MANY = 401, 403, 408, 429
_RATES = frozenset(
    "rateLimitExceeded userRateLimitExceeded quotaExceeded concurrentLimitExceeded "
    "RATE_LIMIT_EXCEEDED".split()
)
_DAYS = frozenset(("dailyLimitExceeded", "dailyLimitExceededUnreg"))
_SWITCHED_OFF = frozenset(("accessNotConfigured", "SERVICE_DISABLED"))
_TOO_NARROW = frozenset(("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
_POLICIES = frozenset(("domainPolicy", "ADMIN_POLICY_ENFORCED"))
_OF_ONE_THING = frozenset(("forbidden",))

_word = re.compile(r"[A-Za-z][A-Za-z_]{0,63}")
_again = re.compile(r"Retry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z)")


class Refused(Exception):
    """An answer that no waiting mends, and that means something to who asked.

    Attributes:
        status: The HTTP status, from 400 to 499.
        reason: Google's word for why, such as ``notFound``, ``fullSyncRequired`` or
            ``EXPIRED_SYNC_TOKEN``.
        is_permission: Whether the account may not have this one thing, while it has others.
    """

    def __init__(self, status: int, reason: str, *, service: str = "service") -> None:
        super().__init__(f"the {service} answers {status} ({reason})")
        self.status, self.reason = status, reason

    @property
    def is_permission(self) -> bool:
        return self.status == _FORBIDDEN


class Forbidden(AccessDenied):
    """The account may not have the one thing that was asked for; nothing is said of the rest."""


class Failed(Busy):
    """A service took a request and then failed, or fell silent: it may have done what it said."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error's body says, as far as it can be understood: Google's words alone.

    The messages beside them hold addresses and the names of projects, and are not kept.
    """

    reasons: tuple[str, ...] = ()
    is_of_a_day: bool = False
    again_at: datetime | None = None

    @classmethod
    def read(cls, body: bytes) -> "Fault":
        """Read the words out of both forms of error that Google's services use.

        Source: "Handle API errors" of Calendar and "Resolve errors" of Gmail (``errors``); AIP-193
        (``details`` with an ``ErrorInfo``), which People uses. Gmail says when to come back in
        its message alone (seen in googleapis/google-api-ruby-client#20544, and elsewhere).
        """
        error = _error_in(body)
        causes = [*_dicts(error.get("details")), *_dicts(error.get("errors"))]
        words = [*(cause.get("reason") for cause in causes), error.get("status")]
        limits = (_dict(cause.get("metadata")).get("quota_limit") for cause in causes)
        again = _again.search(str(error.get("message", "")))
        return cls(
            tuple(word for word in words if isinstance(word, str) and _word.fullmatch(word)),
            any("PerDay" in str(limit) for limit in limits),
            _read_instant(again[1]) if again else None,
        )

    @property
    def reason(self) -> str:
        """The most precise of its words."""
        return next(iter(self.reasons), "")

    def has(self, words: frozenset[str]) -> bool:
        return not words.isdisjoint(self.reasons)


def explain(answer: Answer, service: str) -> Exception:
    """Return what to raise for an answer of a status from 300 on.

    Args:
        answer: To one request, or to one part of a batch.
        service: The service's name as Google's console writes it.

    Returns:
        ``Busy`` for what passes by itself, ``Unavailable`` for what takes a day, AccessDenied
        where the owner has to act, and else ``Refused``.
    """
    fault = Fault.read(answer.body)
    if answer.status in (_FORBIDDEN, _TOO_MANY) and (fault.is_of_a_day or fault.has(_DAYS)):
        return Unavailable(f"the day's quota of the {service} is used up", retry_after=NEXT_LOOK)
    if answer.status == _TOO_MANY or (answer.status == _FORBIDDEN and fault.has(_RATES)):
        wait = retry_after(answer) or _wait_until(fault.again_at, answer)
        return Busy(f"the {service} is asked too often", retry_after=wait)
    if answer.status >= 500 or answer.status == _TOO_LATE:
        return Failed(f"the {service} fails ({answer.status})", retry_after=retry_after(answer))
    if answer.status == _UNAUTHORIZED:
        return AccessDenied(f"the {service} takes no token of this sign-in; type: kithd sign-in")
    if answer.status < 400 or not fault.reasons:
        # Google has a word for all that it refuses: this came from something in between.
        return Busy(f"{answer.place} answers {answer.status}, and not in Google's words")
    if answer.status == _FORBIDDEN:
        return _explain_denial(fault, service)
    return Refused(answer.status, fault.reason, service=service)


def _explain_denial(fault: Fault, service: str) -> AccessDenied:
    if fault.has(_SWITCHED_OFF):
        return AccessDenied(
            f"the {service} is not switched on in your Google project: open "
            f"https://console.cloud.google.com/apis/library, choose {service} and press Enable"
        )
    if fault.has(_TOO_NARROW):
        return AccessDenied(
            f"the {service} wants a permission that this sign-in lacks; type: kithd sign-in"
        )
    if fault.has(_POLICIES):
        return AccessDenied(
            f"the administrators of this account's domain do not let programs use the {service}"
        )
    if fault.has(_OF_ONE_THING):
        return Forbidden(f"the {service} does not let this account have what was asked for")
    return AccessDenied(f"the {service} refuses access ({fault.reason}); type: kithd sign-in")


def retry_after(answer: Answer) -> timedelta | None:
    """Return what the answer's Retry-After says, at most a day; None where there is none."""
    try:
        raise_for_trouble(replace(answer, status=_TOO_MANY))
    except Unavailable as trouble:
        return trouble.retry_after
    return None


def _wait_until(at: datetime | None, answer: Answer) -> timedelta | None:
    """Return how long it is until ``at``, by the service's own clock where it tells it."""
    if at is None:
        return None
    now = read_http_date(answer.headers.get("date", "")) or datetime.now(UTC)
    return min(max(at - now, timedelta()), LONGEST_WAIT)


def _read_instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _error_in(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(found, list):
        found = next(iter(found), None)
    return _dict(_dict(found).get("error"))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
