"""Every kind of person that Google tells of becomes a card, or is set aside."""

from typing import Any

import pytest

from connectors.google_contacts.cards import PERSON_FIELDS, look
from connectors.observations import Birthday, Card, Gone
from tests.servers.google_discovery import Checked
from tests.servers.google_people import person, primary

CHECKED = Checked("people", "v1")


def read(item: dict[str, Any]) -> Card:
    """Return the card that a person is, who is one of Google's."""
    CHECKED.check_value("Person", item)
    outcome = look(item)
    assert not outcome.rejected, outcome.rejected
    [card] = outcome.observations
    assert isinstance(card, Card)
    return card


def named(**name: str) -> Card:
    return read(person("c1", "a@example.com", names=[name]))


def born(*birthdays: dict[str, Any]) -> Birthday | None:
    return read(person("c1", "a@example.com", birthdays=list(birthdays))).birthday


def on(year: int, month: int, day: int, **more: Any) -> dict[str, Any]:
    known = {"year": year, "month": month, "day": day}
    return {"date": {name: it for name, it in known.items() if it}} | more


def test_a_card_is_told_whole() -> None:
    ada = person(
        "c42",
        "Ada@Example.com",
        "ada@example.net",
        birthdays=[on(1815, 12, 10, metadata=primary())],
        organizations=[{"name": "Analytical\u0000 Engines", "title": "Countess"}],
    )
    assert read(ada) == Card(
        uid="people/c42",
        name="Ada Example",
        emails=("ada@example.com", "ada@example.net"),
        birthday=Birthday(12, 10, 1815),
        organization="Analytical Engines",
    )


def test_of_several_values_the_primary_one_comes_first() -> None:
    card = read(
        person(
            "c1",
            names=[{"displayName": "A. Lovelace"}, {"displayName": "Ada", "metadata": primary()}],
            emailAddresses=[
                {"value": "old@example.com"},
                {"value": "now@example.com", "metadata": primary()},
                {"value": "OLD@example.com"},
            ],
            birthdays=[on(1999, 1, 1), on(1815, 12, 10, metadata=primary())],
            organizations=[{"name": "Then"}, {"name": "Now", "metadata": primary()}],
        )
    )
    assert (card.name, card.organization) == ("Ada", "Now")
    assert card.emails == ("now@example.com", "old@example.com")
    assert card.birthday == Birthday(12, 10, 1815)


def test_where_somebody_works_now_comes_before_where_they_did() -> None:
    past = {"name": "Then", "current": False, "metadata": primary()}
    assert read(person("c1", organizations=[past, {"name": "Now"}])).organization == "Now"
    assert read(person("c1", organizations=[past])).organization == "Then"


def test_a_name_is_the_one_shown_else_as_typed_else_put_together() -> None:
    whole = {"displayName": "Ada Example", "unstructuredName": "Example, Ada"}
    parts = {"givenName": "Ada", "middleName": "K.", "familyName": "Example"}
    assert named(**whole, **parts).name == "Ada Example"
    assert named(unstructuredName="Example, Ada", **parts).name == "Example, Ada"
    assert named(**parts).name == "Ada K. Example"
    assert named(givenName="Ada").name == "Ada"


def test_a_name_is_scrubbed_and_cut() -> None:
    assert named(displayName="Ada\n\u202e  Example\u200b").name == "Ada Example"
    assert len(named(displayName="Ada " * 500).name) <= 200


def test_without_a_name_the_place_of_work_stands_for_it_and_an_address_is_enough() -> None:
    works = person("c1", names=[], organizations=[{"name": "Example Ltd"}])
    assert read(works).name == "Example Ltd"
    assert read(person("c1", "ada@example.com", names=[])).name == ""


@pytest.mark.parametrize(
    ("year", "month", "day", "known"),
    [
        (1815, 12, 10, Birthday(12, 10, 1815)),
        (0, 12, 10, Birthday(12, 10)),
        (1604, 12, 10, Birthday(12, 10)),
        (0, 2, 29, Birthday(2, 29)),
        (2000, 2, 29, Birthday(2, 29, 2000)),
        (2001, 2, 29, Birthday(2, 29)),
        (1815, 12, 0, None),
        (1815, 0, 0, None),
        (0, 13, 1, None),
        (0, 4, 31, None),
    ],
)
def test_a_birthday_may_lack_its_year_and_nothing_else(
    year: int, month: int, day: int, known: Birthday | None
) -> None:
    assert born(on(year, month, day)) == known


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("1815-12-10", Birthday(12, 10, 1815)),
        (" --12-10 ", Birthday(12, 10)),
        ("10/12/1815", None),
        ("10 December", None),
        ("", None),
    ],
)
def test_a_birthday_as_text_is_read_where_it_can_mean_one_day_only(
    text: str, known: Birthday | None
) -> None:
    assert born({"text": text}) == known


def test_a_birthday_that_can_be_read_is_taken_after_one_that_cannot() -> None:
    assert born({"text": "in May", "metadata": primary()}, on(0, 5, 4)) == Birthday(5, 4)
    assert born({"text": "1999-01-01", **on(1815, 12, 10)}) == Birthday(12, 10, 1815)


def test_who_was_deleted_has_gone() -> None:
    outcome = look({"resourceName": "people/c1", "metadata": {"deleted": True}})
    assert list(outcome.observations) == [Gone("people/c1")]


def test_who_is_called_otherwise_now_has_gone_by_the_old_name() -> None:
    """A person's name changes when a card is joined with a profile, or parted from it."""
    joined = person("c1", metadata={"previousResourceNames": ["people/c0", "people/c1"]})
    gone, card = look(joined).observations
    assert gone == Gone("people/c0")
    assert card.uid == "people/c1"


@pytest.mark.parametrize("called", ["", "\N{ZERO WIDTH SPACE}", "\x00"])
def test_who_has_neither_a_name_nor_an_address_is_set_aside(called: str) -> None:
    outcome = look(person("c1", "no address", called=called))
    assert not outcome.observations
    [rejected] = outcome.rejected
    assert (rejected.uid, rejected.reason) == ("people/c1", "neither a name nor an address")


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param(None, id="nothing"),
        pytest.param("Ada", id="text"),
        pytest.param(person("c1", names="Ada"), id="names as text"),
        pytest.param(person("c1", names={"displayName": "Ada"}), id="names as object"),
        pytest.param(person("c1", names=["Ada"]), id="name as text"),
        pytest.param(person("c1", names=[{"metadata": "primary"}]), id="metadata as text"),
        pytest.param(person("c1", metadata="deleted"), id="deleted as text"),
        pytest.param(person("c1", birthdays=[{"date": "1815-12-10"}]), id="date as text"),
        pytest.param(person("c1", birthdays=[{"date": {"year": "long ago"}}]), id="year as text"),
        pytest.param(person("c1", emailAddresses=[None]), id="no address object"),
    ],
)
def test_what_is_no_person_is_set_aside(strange: Any) -> None:
    outcome = look(strange)
    assert not outcome.observations
    [rejected] = outcome.rejected
    assert rejected.uid.isprintable()
    assert rejected.reason == "not a person as Google describes them"


@pytest.mark.parametrize("name", ["people/" + "c" * 2000, "", "a\nb", "\u0378", None, ["c1"]])
def test_a_name_that_is_none_becomes_a_short_one(name: Any) -> None:
    [card] = look(person("c1") | {"resourceName": name}).observations
    assert card.uid.isprintable()
    assert len(card.uid) == 32


def test_very_many_addresses_are_cut() -> None:
    card = read(person("c1", *(f"a{n}@example.com" for n in range(300))))
    assert len(card.emails) == 50
    assert card.emails[0] == "a0@example.com"


def test_what_is_asked_for_is_known_and_no_more_than_is_told() -> None:
    asked = set(PERSON_FIELDS.split(","))
    assert asked == {"names", "emailAddresses", "birthdays", "organizations", "metadata"}
    assert asked <= CHECKED.properties_of("Person")
