"""A Gmail of our own: one mailbox behind the part of Google's API that kithd uses.

Every call, in a batch or not, and every answer is held against Google's discovery document. What
that does not say is from Google's guides "Search operators you can use with Gmail", "Synchronize
clients with Gmail", "Batching requests", "Resolve errors" and "Usage limits".
"""

import base64
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import getaddresses
from typing import Any

from connectors.pace import Clock
from tests.servers.api import Call, Fault, Reply, Served, running
from tests.servers.gmail_batch import read_batch, write_batch
from tests.servers.gmail_mailbox import Kept, Mailbox
from tests.servers.gmail_payload import head_of, payload_of
from tests.servers.google_accounts import Accounts
from tests.servers.google_api import error
from tests.servers.google_discovery import Checked, Guard, apply_fields

LIMIT = 6_000
"""Units a minute and user. Source: Gmail API, "Usage limits", since 2026-05."""
LARGEST_BATCH = 100
SCOPES = "https://www.googleapis.com/auth/gmail."
METADATA = f"{SCOPES}metadata"

Granted = Callable[[str], frozenset[str] | None]
"""What a token permits; None if it is none."""


class No(Exception):
    """An error, in Google's words."""

    def __init__(self, status: int, reason: str, name: str, message: str) -> None:
        super().__init__(message)
        self.reply = error(status, reason, name, message)


@dataclass
class Gmail:
    """The service. What goes wrong with parts of batches is in ``faults``.

    Attributes:
        mailbox: Whose it is.
        granted: Says what a token permits.
        clock: By which units are counted.
        problems: All that was wrong with calls and answers; empty at the end of a test.
        breaches: When, and how many units were used in the minute before, of what exceeded the
            limit.
        asked: The methods that were asked for, one after the other, those in batches too.
        got: The messages that were got, and in which format.
        n_bytes: Of all answers.
    """

    mailbox: Mailbox
    granted: Granted
    clock: Clock
    limit: int = LIMIT
    decodes_words: bool = True
    faults: list[Fault] = field(default_factory=list)
    breaches: list[tuple[float, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    n_bytes: int = 0
    spent: list[tuple[float, int]] = field(default_factory=list)
    _last_minute: deque[tuple[float, int]] = field(default_factory=deque)
    _scopes: dict[str, frozenset[str]] = field(default_factory=dict)
    _guard: Guard = field(default_factory=lambda: Guard(Checked("gmail", "v1")))

    @property
    def problems(self) -> list[str]:
        return self._guard.problems

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        reply = self._batch(call) if call.path == "/batch/gmail/v1" else self._one(call)
        self.n_bytes += len(reply.body)
        return reply

    def _batch(self, call: Call) -> Reply:
        if self.granted(call.token) is None:
            return _unauthorized().reply
        parts = read_batch(call)
        if len(parts) > LARGEST_BATCH:
            return _invalid("The batch request could not be parsed.").reply
        return write_batch([(name, self._part(part)) for name, part in parts])

    def _part(self, call: Call) -> Reply:
        wrong = (fault(call) for fault in self.faults)
        return next((one for one in wrong if one is not None), None) or self._one(call)

    def _one(self, call: Call) -> Reply:
        try:
            return self._guard.answer(call, self._respond)
        except No as no:
            return no.reply

    def _respond(self, call: Call) -> Reply:
        """Answer a call that Google's document allows."""
        scopes = self.granted(call.token)
        if scopes is None:
            raise _unauthorized()
        method = _METHODS[_route(call)]
        if scopes.isdisjoint(self._scopes_of(call)):
            raise _denied("insufficientPermissions", "Insufficient Permission")
        self._spend(method.units)
        self.asked.append(method.name)
        found = method.respond(self, call, METADATA in scopes)
        return Reply.of(
            apply_fields(found, call.one("fields")) if "fields" in call.query else found
        )

    def _scopes_of(self, call: Call) -> frozenset[str]:
        """Look up what Google's document says, once for each method."""
        known = self._scopes.get(_route(call))
        if known is None:
            known = self._scopes[_route(call)] = self._guard.checked.scopes_of(call)
        return known

    def _spend(self, units: int) -> None:
        now = self.clock.now()
        self.spent.append((now, units))
        self._last_minute.append((now, units))
        while self._last_minute[0][0] <= now - 60:
            self._last_minute.popleft()
        used = sum(n for _, n in self._last_minute)
        if used > self.limit:
            self.breaches.append((now, used))
            raise No(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Too many requests.")

    def profile(self, _call: Call, _is_narrow: bool) -> dict[str, Any]:
        box = self.mailbox
        return {
            "emailAddress": box.address,
            "messagesTotal": len(box.kept),
            "threadsTotal": len(box.kept),
            "historyId": str(box.history),
        }

    def aliases(self, _call: Call, _is_narrow: bool) -> dict[str, Any]:
        own = {"sendAsEmail": self.mailbox.address, "isPrimary": True, "isDefault": True}
        return {"sendAs": [own, *self.mailbox.aliases]}

    def list_messages(self, call: Call, is_narrow: bool) -> dict[str, Any]:
        if "q" in call.query and is_narrow:
            raise _denied("forbidden", "Metadata scope does not support 'q' parameter")
        is_wanted = _filter_of(call)
        found = [one for one in self.mailbox.newest_first() if is_wanted(one)]
        size = min(int(call.one("maxResults", "100")), 500)
        after = _read_token(call, self.mailbox)
        left = [one for one in found if after is None or one.order < after]
        # An estimate that is known to be wrong. Source: postalsys/emailengine, issue 425.
        answer: dict[str, Any] = {"resultSizeEstimate": 201 if found else 0}
        if left:
            answer["messages"] = [{"id": one.uid, "threadId": one.uid} for one in left[:size]]
        if len(left) > size:
            answer["nextPageToken"] = _token_after(left[size - 1], self.mailbox)
        return answer

    def get_message(self, call: Call, is_narrow: bool) -> dict[str, Any]:
        shape = call.one("format", "full").lower()
        if is_narrow and shape not in ("metadata", "minimal"):
            raise _denied("forbidden", f"Metadata scope doesn't allow format {shape.upper()}")
        one = self.mailbox.kept.get(call.path.rpartition("/")[2])
        if one is None:
            raise _missing()
        self.got.append((one.uid, shape))
        return self._show(one, shape, call.query.get("metadataHeaders", []))

    def list_history(self, call: Call, _is_narrow: bool) -> dict[str, Any]:
        start = int(call.one("startHistoryId"))
        if not self.mailbox.floor <= start <= self.mailbox.history:
            raise _missing()
        found = list(self.mailbox.since(start, [_KINDS[one] for one in call.query["historyTypes"]]))
        first, size = int(call.one("pageToken", "0")), int(call.one("maxResults", "100"))
        answer: dict[str, Any] = {"historyId": str(self.mailbox.history)}
        if found[first:]:
            answer["history"] = found[first : first + size]
        if len(found) > first + size:
            answer["nextPageToken"] = str(first + size)
        return answer

    def send_message(self, call: Call, _is_narrow: bool) -> dict[str, Any]:
        """Send a message: to the owner, it comes back. The Message-ID is Gmail's own then.

        Source: FlowCrypt, flowcrypt-browser issue 4273.
        """
        raw = base64.urlsafe_b64decode(json.loads(call.body)["raw"])
        self.sent.append(raw)
        message = message_from_bytes(raw)
        labels = {"SENT"}
        for _, email in getaddresses([message["To"]]):
            labels |= {"INBOX", "UNREAD"} if email == self.mailbox.address else set()
        del message["Message-ID"]
        message["Message-ID"] = f"<CA+canary={len(self.sent)}@mail.gmail.example>"
        uid = self.mailbox.deliver(message.as_bytes(), *labels, at=datetime.now(UTC))
        return {"id": uid, "threadId": uid, "labelIds": sorted(labels)}

    def _show(self, one: Kept, shape: str, wanted: list[str]) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": one.uid,
            "threadId": one.uid,
            "labelIds": sorted(one.labels),
            "historyId": str(one.history),
            "internalDate": str(int(one.received_at.timestamp() * 1000)),
            "sizeEstimate": len(one.raw),
            "snippet": "Whatever it begins with",
        }
        if shape in ("full", "metadata"):
            payload = payload_of(one.raw, decodes_words=self.decodes_words)
            shown["payload"] = payload if shape == "full" else head_of(payload, wanted)
        return shown


_KINDS = {"messageAdded": "messagesAdded", "labelRemoved": "labelsRemoved"}


@dataclass(frozen=True)
class Method:
    """How a method is answered, and what it costs."""

    name: str
    units: int
    respond: Callable[[Gmail, Call, bool], dict[str, Any]]


_METHODS: Mapping[str, Method] = {
    "GET profile": Method("getProfile", 1, Gmail.profile),
    "GET history": Method("history.list", 2, Gmail.list_history),
    "GET messages": Method("messages.list", 5, Gmail.list_messages),
    "GET messages/": Method("messages.get", 20, Gmail.get_message),
    "POST messages/send": Method("messages.send", 100, Gmail.send_message),
    "GET settings/sendAs": Method("settings.sendAs.list", 1, Gmail.aliases),
}
"""Source: Gmail API, "Usage limits", per-method quota usage since 2026-05."""


def _route(call: Call) -> str:
    path = call.path.removeprefix("/gmail/v1/users/me/")
    is_message = call.method == "GET" and path.startswith("messages/")
    return f"{call.method} {'messages/' if is_message else path}"


def _filter_of(call: Call) -> Callable[[Kept], bool]:
    """Return what a list is of."""
    wanted = frozenset(call.query.get("labelIds", []))
    is_asked = [_operator(word) for word in call.one("q").split()]
    hidden = set() if call.one("includeSpamTrash") == "true" else {"SPAM", "TRASH"}

    def is_wanted(one: Kept) -> bool:
        is_shown = wanted <= one.labels and hidden.isdisjoint(one.labels)
        return is_shown and all(fits(one) for fits in is_asked)

    return is_wanted


def _operator(word: str) -> Callable[[Kept], bool]:
    """Read one of the search operators that kithd uses."""
    name, _, value = word.removeprefix("-").partition(":")
    if name in ("in", "category"):
        label, is_not = _LABELS[value], word.startswith("-")
        return lambda one: (label in one.labels) is not is_not
    assert not word.startswith("-"), word
    if name == "after":
        return lambda one: one.received_at.timestamp() > int(value)
    assert name == "rfc822msgid", word
    return lambda one: _message_id(one.raw) == f"<{value}>"


_LABELS = {
    "sent": "SENT",
    "drafts": "DRAFT",
    "chats": "CHAT",
    "promotions": "CATEGORY_PROMOTIONS",
}


def _message_id(raw: bytes) -> str:
    return str(message_from_bytes(raw)["Message-ID"]).strip()


def _token_after(one: Kept, mailbox: Mailbox) -> str:
    return f"{mailbox.generation}|{one.received_at.isoformat()}|{one.number}"


def _read_token(call: Call, mailbox: Mailbox) -> tuple[datetime, int] | None:
    """Return the place in the order after which a page begins: what is deleted moves nothing."""
    token = call.one("pageToken")
    if not token:
        return None
    generation, at, number = token.split("|")
    if generation != str(mailbox.generation):
        raise _invalid("Invalid pageToken")
    return datetime.fromisoformat(at), int(number)


def _unauthorized() -> No:
    return No(401, "authError", "UNAUTHENTICATED", "Request had invalid credentials.")


def _denied(reason: str, message: str) -> No:
    return No(403, reason, "PERMISSION_DENIED", message)


def _missing() -> No:
    return No(404, "notFound", "NOT_FOUND", "Requested entity was not found.")


def _invalid(message: str) -> No:
    return No(400, "invalidArgument", "INVALID_ARGUMENT", message)


@contextmanager
def open_gmail(accounts: Accounts, clock: Clock) -> Iterator[tuple[Gmail, Served]]:
    """Run a Gmail on loopback as long as the context lasts; its tokens are of ``accounts``."""
    gmail = Gmail(Mailbox(), accounts.is_valid, clock)
    with running(gmail) as served:
        yield gmail, served
    assert not gmail.problems, gmail.problems
    assert not gmail.breaches, gmail.breaches
