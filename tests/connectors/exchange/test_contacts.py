"""Contacts of an Exchange Server become cards."""

from datetime import UTC, datetime

import pytest

from connectors.exchange.elements import named_after
from connectors.observations import Birthday, Card, Gone
from tests.connectors.exchange.mailbox import Home, add_person, poll, seen
from tests.servers import ews_soap as soap

CONTACTS = {"parts": ("contacts",)}


def test_a_contact_is_a_card(home: Home) -> None:
    item = add_person(
        home.exchange,
        1,
        EmailAddresses=soap.entries(["Ana@Example.com", "/o=First/cn=ana", "ana@example.net"]),
        CompanyName=soap.element("CompanyName", "Acme"),
        Birthday=soap.element("Birthday", datetime(1980, 5, 3, 11, 59, tzinfo=UTC)),
    )
    assert seen(poll(home.settings(**CONTACTS))) == [
        Card(
            named_after(item.id),
            "Person 1",
            ("ana@example.com", "ana@example.net"),
            Birthday(5, 3, 1980),
            "Acme",
        )
    ]


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (datetime(1980, 5, 2, 22, tzinfo=UTC), "Europe/Berlin", Birthday(5, 3, 1980)),
        (datetime(1980, 5, 3, 11, 59, tzinfo=UTC), "Pacific/Honolulu", Birthday(5, 3, 1980)),
        (datetime(1604, 2, 29, 11, 59, tzinfo=UTC), "UTC", Birthday(2, 29)),
    ],
    ids=["midnight in Berlin", "noon in Greenwich", "no year"],
)
def test_a_birthday_is_a_day_where_the_owner_lives(
    home: Home, at: datetime, zone: str, expected: Birthday
) -> None:
    add_person(home.exchange, 1, Birthday=soap.element("Birthday", at))
    [card] = seen(poll(home.settings(**CONTACTS, zone=zone)))
    assert isinstance(card, Card)
    assert card.birthday == expected


def test_without_a_display_name_the_others_do(home: Home) -> None:
    for number in range(3):
        del add_person(home.exchange, number).properties["DisplayName"]
    people = [*home.exchange.folders["contacts"].items.values()]
    people[0].properties |= {
        "GivenName": soap.element("GivenName", "Ana"),
        "Surname": soap.element("Surname", "Diaz"),
    }
    people[1].properties["CompanyName"] = soap.element("CompanyName", "Acme")
    found = seen(poll(home.settings(**CONTACTS)))
    assert [one.name for one in found if isinstance(one, Card)] == ["Ana Diaz", "Acme", ""]


def test_changes_replace_and_what_is_deleted_is_gone(home: Home) -> None:
    first, second = add_person(home.exchange, 1), add_person(home.exchange, 2)
    before = poll(home.settings(**CONTACTS))
    home.exchange.change("contacts", first, DisplayName=soap.element("DisplayName", "Ana"))
    home.exchange.delete("contacts", second)
    after = seen(poll(home.settings(**CONTACTS), before[-1].cursor))
    assert after == [
        Gone(named_after(second.id)),
        Card(named_after(first.id), "Ana", ("person-1@example.com",)),
    ]


def test_lists_of_people_are_no_person(home: Home) -> None:
    home.exchange.add(
        "contacts", "DistributionList", {"DisplayName": soap.element("DisplayName", "All")}
    )
    add_person(home.exchange, 1)
    assert len(seen(poll(home.settings(**CONTACTS)))) == 1


def test_collections_that_the_server_keeps_for_itself_are_not_read(home: Home) -> None:
    cache = home.exchange.add_folder("Recipient Cache", "IPF.Contact.RecipientCache")
    add_person(home.exchange, 1, cache.id)
    assert seen(poll(home.settings(**CONTACTS))) == []
