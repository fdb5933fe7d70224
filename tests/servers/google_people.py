"""A Google address book of our own: a person's connections, by sync tokens.

Requests and answers are as the People API reference ("people.connections.list", "Person") and its
guide "Read and manage contacts" describe them, and Google's discovery document checks each.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.pace import Clock
from tests.servers.api import Call, Reply, Served, running
from tests.servers.google_accounts import Accounts
from tests.servers.google_api import Door, Listing, Shelf, asked_for, error, fault, opaque

WEEK = 7 * 86_400.0
"""How long sync tokens live, after the full reading. Source: "people.connections.list"."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Issued:
    """A sync token: what it was asked for by, what it has seen, and when all was read last."""

    asked: tuple[tuple[str, str], ...]
    n_seen: int
    read_at: float


@dataclass
class GooglePeople:
    """The address book of one account. ``clock`` decides when sync tokens expire."""

    accounts: Accounts
    clock: Clock | None = None
    people: dict[str, Json] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)
    n_changes: int = 0
    door: Door = field(init=False)
    _tokens: dict[str, Issued] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.door = Door.of("people", "v1", self.accounts, self._respond)

    def put(self, *people: Json) -> None:
        """Add or replace people."""
        for person in people:
            self.n_changes += 1
            self.people[person["resourceName"]] = person
            self.changed_at[person["resourceName"]] = self.n_changes

    def delete(self, *names: str) -> None:
        """Delete people."""
        for name in names:
            self.put({"resourceName": name, "metadata": {"deleted": True}})

    def expire(self) -> None:
        """Make every token useless: of changes, and of pages."""
        self.shelf.forget()
        self._tokens.clear()

    def state(self) -> str:
        """Return all that another client could see."""
        return json.dumps(self.people, sort_keys=True)

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        return self.door.answer(call)

    def _respond(self, call: Call) -> Reply:
        method = self.door.checked.check_call(call)["id"]
        assert method == "people.people.connections.list", f"kithd does not need {method}"
        assert self.door.checked.params_of(call) == {"resourceName": "people/me"}
        size = int(call.one("pageSize", "100"))
        fields = call.one("personFields").split(",")
        known = self.door.checked.properties_of("Person")
        assert 1 <= size <= 1000, f"pageSize={size}"
        assert call.one("personFields"), "personFields is required"
        assert known.issuperset(fields), f"personFields={fields}"
        listing = self._listing(call)
        if isinstance(listing, Reply):
            return listing
        return self._page(listing, size, [*fields, "resourceName", "etag"])

    def _listing(self, call: Call) -> Listing | Reply:
        if "pageToken" in call.query:
            listing = self.shelf.resume(call)
            return listing or error(400, "badRequest", "INVALID_ARGUMENT", "Invalid page token.")
        asked = tuple(pair for pair in asked_for(call) if pair[0] != "syncToken")
        now = self.clock.now() if self.clock else 0.0
        found, read_at = [p for p in self.people.values() if not _is_deleted(p)], now
        if "syncToken" in call.query:
            issued = self._tokens.get(call.one("syncToken"))
            if issued is None or now >= issued.read_at + WEEK:
                return fault(
                    400,
                    "EXPIRED_SYNC_TOKEN",
                    "FAILED_PRECONDITION",
                    "Sync token is expired. Clear local cache and retry call without the token.",
                )
            assert asked == issued.asked, f"changes are asked for by {asked}, after {issued.asked}"
            seen = issued.n_seen
            found = [p for name, p in self.people.items() if self.changed_at[name] > seen]
            read_at = issued.read_at
        wants_token = call.one("requestSyncToken", "false") == "true"
        end = self._issue(Issued(asked, self.n_changes, read_at)) if wants_token else ""
        return self.shelf.begin(call, found, end)

    def _issue(self, issued: Issued) -> str:
        token = opaque("sync", len(self._tokens), issued.n_seen)
        self._tokens[token] = issued
        return token

    def _page(self, listing: Listing, size: int, fields: list[str]) -> Reply:
        people, token = self.shelf.turn(listing, size)
        shown = [{name: it for name, it in each.items() if name in fields} for each in people]
        total = len([each for each in self.people.values() if not _is_deleted(each)])
        answer = {"connections": shown, "totalItems": total, "totalPeople": total}
        if token:
            return Reply.of(answer | {"nextPageToken": token})
        return Reply.of(answer | ({"nextSyncToken": listing.end} if listing.end else {}))


@contextmanager
def open_people(
    accounts: Accounts, *, quota: int | None = None, clock: Clock | None = None
) -> Iterator[tuple[GooglePeople, Served]]:
    """Run an address book on loopback, and say in the end what Google had not allowed."""
    people = GooglePeople(accounts, clock)
    people.door.quota, people.door.clock = quota, clock
    with running(people) as served:
        yield people, served
    assert not people.door.guard.problems, people.door.guard.problems


def person(name: str, *emails: str, called: str = "Ada Example", **more: Any) -> Json:
    """Return a person whose resource is called ``people/`` and ``name``."""
    return {
        "resourceName": f"people/{name}",
        "etag": "%EgUBAj0DNy4aBAECBQciDEZ3",
        "metadata": {"sources": [{"type": "CONTACT", "id": name}], "objectType": "PERSON"},
        "names": [{"metadata": primary(), "displayName": called}],
        "emailAddresses": [
            {"metadata": primary(is_so=n == 0), "value": each, "type": "home"}
            for n, each in enumerate(emails)
        ],
    } | more


def primary(*, is_so: bool = True) -> Json:
    """Return what is said about a value of a field."""
    said: Json = {"source": {"type": "CONTACT", "id": "c1"}}
    return said | ({"primary": True, "sourcePrimary": True} if is_so else {})


def _is_deleted(person: Json) -> bool:
    return bool(person.get("metadata", {}).get("deleted"))
