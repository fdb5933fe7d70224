"""An address book, and how far it was read, to what has changed in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.errors import CursorExpired, Unavailable
from connectors.google.client import Client, Refused, budget_of
from connectors.google_contacts.cards import PERSON_FIELDS, REPLY_FIELDS, look
from connectors.google_contacts.place import Place
from connectors.google_contacts.settings import GoogleContactsSettings
from connectors.protocol import Batch, Progress

REQUESTS_A_MINUTE = 90
"""Source: Google's console, People API, "Critical read requests per minute per user". The
documents name no number, and a first reading's first page has a smaller one of its own.
"""
LARGEST_PAGE = 1_000
"""Cards. Source: People API reference, "people.connections.list", ``pageSize``."""

_FORGOTTEN = (400, 410)


class ContactsReader:
    """Reads what has changed since a place, page by page."""

    def __init__(self, settings: GoogleContactsSettings, permissions: tuple[str, ...]) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        self._client = Client(
            settings,
            permissions=permissions,
            api="people",
            version="v1",
            url=settings.url,
            budget=budget_of(f"{settings.secret.reference} people", REQUESTS_A_MINUTE),
        )

    def read(self, place: Place) -> Iterator[Batch]:
        """Yield what has changed since ``place``.

        Raises:
            CursorExpired: Google knows nothing of it any more; tokens live for 7 days.
            AccessDenied, Misconfigured, Unavailable: As ``Connector.poll``.
        """
        self._client.begin()
        seen = {place.page}
        while True:
            answer = self._ask(place)
            page = str(answer.get("nextPageToken") or "")
            batch, place = _turn(answer, place, page)
            yield batch
            if not page:
                return
            if page in seen:
                raise Unavailable("Google contacts give the same page again and again")
            seen.add(page)

    def close(self) -> None:
        """End the connection, from whatever thread. Idempotent."""
        self._client.close()

    def _ask(self, place: Place) -> Mapping[str, Any]:
        """Return one page.

        Source: People API reference, "people.connections.list": everything but the tokens must
        be asked for as it was the first time.
        """
        given = {"syncToken": place.token, "pageToken": place.page}
        tokens = {name: token for name, token in given.items() if token}
        connections = self._client.api.people().connections()
        request = connections.list(
            resourceName="people/me",
            personFields=PERSON_FIELDS,
            requestSyncToken=True,
            pageSize=min(self._settings.page, LARGEST_PAGE),
            fields=REPLY_FIELDS,
            **tokens,
        )
        try:
            return self._client.ask(request, units=1)
        except Refused as refused:
            if tokens and refused.status in _FORGOTTEN:
                raise CursorExpired("Google has forgotten how far the contacts were read") from None
            raise Unavailable(str(refused)) from None


def _turn(answer: Mapping[str, Any], place: Place, page: str) -> tuple[Batch, Place]:
    """Make a batch of one page, and return the place after it."""
    people = answer.get("connections", [])
    outcomes = [look(each) for each in people] if isinstance(people, list) else []
    n_done = place.n_done + len(outcomes)
    if page:
        after = replace(place, page=page, n_done=n_done)
    else:
        after = Place(place.origin, str(answer.get("nextSyncToken") or ""))
    batch = Batch(
        tuple(one for each in outcomes for one in each.observations),
        after.to_cursor(),
        tuple(one for each in outcomes for one in each.rejected),
        Progress(n_done, None if place.token else _total(answer), "cards"),
    )
    return batch, after


def _total(answer: Mapping[str, Any]) -> int | None:
    total = answer.get("totalItems")
    return total if isinstance(total, int) else None
