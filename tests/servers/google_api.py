"""What the fakes of Google's services share: who may ask, how much, how often, and how it fails.

Nothing goes in or out that Google's discovery documents do not allow; see ``Guard``.
"""

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.pace import Clock
from tests.servers.api import Call, Reply
from tests.servers.google_accounts import Accounts
from tests.servers.google_discovery import Checked, Guard, apply_fields

MINUTE = 60.0


@dataclass
class Door:
    """Stands before a fake: checks the call, its token and its scopes, and counts it.

    Attributes:
        guard: What Google's documents allow.
        accounts: Who gave the tokens out.
        respond: The fake's own answer, whole: ``fields`` is applied here.
        quota: Requests that are answered in any minute of ``clock``; None for any number.
        clock: By which minutes pass.
        answered_at: When each request was let in.
        n_refused: How many requests there were too many.
    """

    guard: Guard
    accounts: Accounts
    respond: Callable[[Call], Reply]
    quota: int | None = None
    clock: Clock | None = None
    answered_at: deque[float] = field(default_factory=deque)
    n_refused: int = 0

    @classmethod
    def of(
        cls, api: str, version: str, accounts: Accounts, respond: Callable[[Call], Reply]
    ) -> "Door":
        return cls(Guard(Checked(api, version)), accounts, respond)

    @property
    def checked(self) -> Checked:
        return self.guard.checked

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        return self.guard.answer(call, self._answer)

    def _answer(self, call: Call) -> Reply:
        permitted = self.accounts.is_valid(call.token)
        if permitted is None:
            return error(401, "authError", "UNAUTHENTICATED", "Invalid Credentials")
        if not permitted & self.checked.scopes_of(call):
            return error(
                403,
                "insufficientPermissions",
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
            )
        if not self._has_room():
            self.n_refused += 1
            return error(403, "rateLimitExceeded", "PERMISSION_DENIED", "Rate Limit Exceeded")
        reply = self.respond(call)
        if reply.status >= 400 or "fields" not in call.query:
            return reply
        return Reply.of(apply_fields(reply.json(), call.one("fields")))

    def _has_room(self) -> bool:
        now = self.clock.now() if self.clock else 0.0
        while self.answered_at and self.answered_at[0] <= now - MINUTE:
            self.answered_at.popleft()
        if self.quota is not None and len(self.answered_at) >= self.quota:
            return False
        self.answered_at.append(now)
        return True


def error(status: int, reason: str, name: str, message: str) -> Reply:
    """Return an error as the older services (Calendar, Gmail) put it.

    Source: Google Calendar API guides, "Handle API errors".
    """
    causes = [{"domain": "global", "reason": reason, "message": message}]
    return Reply.of(
        {"error": {"errors": causes, "code": status, "message": message, "status": name}}, status
    )


def fault(status: int, reason: str, name: str, message: str) -> Reply:
    """Return an error as the newer services (People) put it.

    Source: AIP-193, "Errors"; People API guides, "Read and manage contacts".
    """
    cause: dict[str, Any] = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }
    return Reply.of(
        {"error": {"code": status, "message": message, "status": name, "details": [cause]}}, status
    )


@dataclass
class Hours:
    """A clock that stands still, unless somebody sleeps."""

    seconds: float = 1_000_000.0
    n_sleeps: int = 0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.n_sleeps += 1
        self.seconds += seconds


@dataclass(frozen=True)
class Listing:
    """A list as it was when somebody began to read it: what is asked for, and what is left."""

    asked: tuple[tuple[str, str], ...]
    items: tuple[Any, ...]
    end: str


@dataclass
class Shelf:
    """Lists that are given out page by page, each as it was at its first one.

    ``n_given`` counts what was given out so far.
    """

    listings: dict[str, Listing] = field(default_factory=dict)
    n_given: int = 0
    _n_tokens: int = 0

    def forget(self) -> None:
        """Know no page token any more."""
        self.listings.clear()

    def begin(self, call: Call, items: list[Any], end: str = "") -> Listing:
        """Return a new list; ``end`` is what comes with its last page."""
        return Listing(asked_for(call), tuple(items), end)

    def resume(self, call: Call) -> Listing | None:
        """Return the list that a page token goes on with; None where nobody knows the token.

        Everything else must be asked for as it was at first.
        """
        listing = self.listings.get(call.one("pageToken"))
        if listing is not None:
            now = asked_for(call)
            assert now == listing.asked, f"a page is asked for by {now}, after {listing.asked}"
        return listing

    def turn(self, listing: Listing, size: int) -> tuple[list[Any], str]:
        """Return the next page of a list, and the token of the one after it, or nothing."""
        page, rest = listing.items[:size], listing.items[size:]
        self.n_given += len(page)
        if not rest:
            return list(page), ""
        self._n_tokens += 1
        token = opaque("page", self._n_tokens)
        self.listings[token] = Listing(listing.asked, rest, listing.end)
        return list(page), token


def asked_for(call: Call) -> tuple[tuple[str, str], ...]:
    """Return all that a call asks for but which page, in an order that tells calls apart."""
    pairs = ((name, value) for name, values in call.query.items() for value in values)
    return tuple(sorted(pair for pair in pairs if pair[0] != "pageToken"))


def opaque(*parts: object) -> str:
    """Return a token that looks like Google's, and holds signs that an address must quote."""
    return base64.b64encode("/".join(map(str, parts)).encode()).decode() + "=+/"
