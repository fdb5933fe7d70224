"""Contacts are told by name, addresses and birthday, from every folder they lie in."""

from typing import Any

import pytest

from connectors.observations import Birthday, Card, Gone, Observation
from connectors.protocol import Cursor
from tests.servers.graph_items import contact
from tests.servers.graph_store import Item
from tests.servers.microsoft import Account

CONTACTS = ("contacts",)


@pytest.fixture
def book(nobodys: Account) -> Account:
    nobodys.sign_in(parts=CONTACTS)
    return nobodys


def read(account: Account, cursor: Cursor | None = None, **changes: Any) -> list[Observation]:
    return account.read(cursor, parts=CONTACTS, **changes)


def only_card(account: Account, item: Item) -> Card:
    account.mailbox.book.put(item)
    (found,) = read(account)
    assert isinstance(found, Card)
    return found


def test_a_card_has_a_name_addresses_and_an_organization(book: Account) -> None:
    item = contact("Ada Lovelace", "Ada@Example.com", "ada@example.net", companyName="Engines")
    found = only_card(book, item)
    assert found.name == "Ada Lovelace"
    assert found.emails == ("ada@example.com", "ada@example.net")
    assert found.organization == "Engines"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"displayName": ""}, "Ada Lovelace"),
        ({"displayName": None, "givenName": None, "surname": None, "nickName": "Addie"}, "Addie"),
        ({"displayName": "", "givenName": "", "surname": "", "companyName": "Engines"}, "Engines"),
        ({"displayName": "Ada\u202e\r\nLovelace"}, "Ada Lovelace"),
    ],
)
def test_a_name_is_found_wherever_there_is_one(fields: Item, name: str, book: Account) -> None:
    assert only_card(book, contact("Ada Lovelace", "ada@example.com", **fields)).name == name


@pytest.mark.parametrize(
    ("birthday", "expected"),
    [
        ("1815-12-10T11:59:00Z", Birthday(12, 10, 1815)),
        ("1815-12-10T00:00:00Z", Birthday(12, 10, 1815)),
        ("1815-12-09T23:00:00Z", Birthday(12, 10, 1815)),  # midnight in Berlin
        ("1815-12-10T08:00:00Z", Birthday(12, 10, 1815)),  # midnight in California
        ("1604-02-29T11:59:00Z", Birthday(2, 29)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:00Z", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_birthday_is_the_day_that_was_meant(
    birthday: str | None, expected: Birthday | None, book: Account
) -> None:
    item = contact("Ada Lovelace", "ada@example.com", birthday=birthday)
    assert only_card(book, item).birthday == expected


def test_a_card_that_is_deleted_is_gone(book: Account) -> None:
    key = book.mailbox.book.put(contact("Ada Lovelace", "ada@example.com"))
    cursor = book.poll(parts=CONTACTS)[-1].cursor
    book.mailbox.book.take(key)
    assert read(book, cursor) == [Gone(key)]


def test_folders_beside_the_default_one_are_read(book: Account) -> None:
    book.mailbox.book.put(contact("Ada Lovelace", "ada@example.com"))
    other = book.mailbox.add_book("Club")
    other.put(contact("Ben Okafor", "ben@example.net"))
    cursor = book.poll(parts=CONTACTS)[-1].cursor
    assert {one.name for one in read(book) if isinstance(one, Card)} == {
        "Ada Lovelace",
        "Ben Okafor",
    }
    fresh = other.put(contact("Cem Yildiz", "cem@example.net"))
    assert [one.uid for one in read(book, cursor)] == [fresh]
