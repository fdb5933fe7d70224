"""Of what has changed Graph tells what has changed, and no more: nothing else is lost by it."""

from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.observations import Observation
from connectors.protocol import Cursor
from tests.servers.graph_items import attendee, contact, event, message, moment, sent_message
from tests.servers.graph_store import Item, Shelf
from tests.servers.microsoft import Account


def first(account: Account) -> tuple[list[Observation], Cursor]:
    batches = account.poll()
    return [one for batch in batches for one in batch.observations], batches[-1].cursor


def n_single(account: Account) -> int:
    """Count the requests for one item alone."""
    return sum(
        call.path.startswith(f"/v1.0/me/{part}/") and not call.path.endswith("/delta")
        for call in account.graph.calls
        for part in ("messages", "events", "contacts")
    )


ITEMS: dict[str, tuple[str, Item]] = {
    "a message": ("inbox", message(RECENT, headers={"List-Id": "owls.example.com"})),
    "sent mail": ("sentitems", sent_message(RECENT, answers="<asked@example.com>")),
    "an event": ("calendar", event(RECENT, attendees=(attendee("ada@example.com", "accepted"),))),
    "a contact": (
        "contacts",
        contact("Ada Lovelace", "ada@example.com", birthday="1815-12-10T11:59:00Z"),
    ),
}
CHANGES: dict[str, dict[str, Any]] = {
    "a message": {"subject": "Changed"},
    "sent mail": {"subject": "Changed"},
    "an event": {"subject": "Changed"},
    "a contact": {"displayName": "Changed"},
}
WORDS = {"sent mail": "subject", "an event": "summary", "a contact": "name"}


def put(account: Account, what: str) -> tuple[Shelf, str]:
    place, item = ITEMS[what]
    mailbox = account.mailbox
    shelves = {"calendar": mailbox.calendar, "contacts": mailbox.book}
    shelf = shelves.get(place) or mailbox[place]
    return shelf, shelf.put(dict(item))


@pytest.mark.parametrize("what", ITEMS)
def test_a_change_of_one_field_keeps_all_others(what: str, account: Account) -> None:
    shelf, key = put(account, what)
    (before,), cursor = first(account)
    shelf.change(key, **CHANGES[what])
    (after,) = account.read(cursor)
    changed = {name for name in before.__slots__ if getattr(before, name) != getattr(after, name)}
    # What came in keeps the subject that it came with.
    assert changed == ({WORDS[what]} if what in WORDS else set())


@pytest.mark.parametrize("what", ITEMS)
def test_what_was_deleted_before_it_could_be_asked_for_is_left_out(
    what: str, account: Account
) -> None:
    shelf, key = put(account, what)
    _, cursor = first(account)
    shelf.change(key, **CHANGES[what])
    told = account.graph.service

    class Vanishing:
        def answer(self, call: Any) -> Any:
            reply = told.answer(call)
            if call.path.endswith("/delta") and key.encode() in reply.body:
                shelf.items.pop(key, None)
            return reply

    account.graph.service = Vanishing()
    assert account.read(cursor) == []


@pytest.mark.parametrize(
    "fields",
    [{"isRead": True}, {"flag": {"flagStatus": "flagged"}}, {"categories": ["Red"]}],
    ids=str,
)
def test_what_nobody_reads_may_change_unseen(fields: Item, account: Account) -> None:
    shelf, key = put(account, "a message")
    _, cursor = first(account)
    shelf.change(key, **fields)
    n_before = n_single(account)
    assert account.read(cursor) == []
    assert n_single(account) == n_before


def test_an_event_that_is_moved_keeps_those_who_come(account: Account) -> None:
    shelf, key = put(account, "an event")
    _, cursor = first(account)
    later = RECENT.replace(hour=15)
    shelf.change(key, start=moment(later), end=moment(later))
    (after,) = account.read(cursor)
    assert getattr(after, "starts_at", None) == later
    assert "ada@example.com" in str(after)


def test_an_event_that_becomes_private_loses_its_words(account: Account) -> None:
    shelf, key = put(account, "an event")
    _, cursor = first(account)
    shelf.change(key, sensitivity="private")
    (after,) = account.read(cursor)
    assert "Meeting" not in str(after)
    assert "Room 1" not in str(after)


def test_a_private_event_stays_so_whatever_else_of_it_changes(account: Account) -> None:
    shelf = account.mailbox.calendar
    key = shelf.put(event(RECENT, subject="Secret", sensitivity="private"))
    _, cursor = first(account)
    shelf.change(key, subject="Secret, too", showAs="free")
    (after,) = account.read(cursor)
    assert "Secret" not in str(after)
