"""Address books to cards: every version's way of writing names, addresses and birthdays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats.vcard import Unreadable, read_card, split_cards
from connectors.observations import Birthday, Card
from tests.invariants import assert_wholesome


def book(*cards: str) -> bytes:
    return "".join(f"BEGIN:VCARD\n{card.strip()}\nEND:VCARD\n" for card in cards).encode()


def cards(document: bytes) -> list[Card]:
    return [card for lines in split_cards(document) if (card := read_card(lines))]


def read(document: bytes) -> int:
    """Read a document as the connector does, and count its cards."""
    count = 0
    for lines in split_cards(document):
        lines.fingerprint()
        try:
            card = read_card(lines)
        except Unreadable:
            continue
        if card:
            assert_wholesome(card)
            count += 1
    return count


VERSION_3 = """
VERSION:3.0
UID:urn:uuid:4fbe8971
N:Lovelace;Ada;King;;
FN:Ada Lovelace
ORG:Analytical Engines\\; Ltd;Research
item1.EMAIL;type=INTERNET:ada@example.org
EMAIL;TYPE=INTERNET,pref:Ada.L@Example.COM
BDAY;VALUE=date:1815-12-10
PHOTO;ENCODING=b:AAAA
  BBBB
"""


def test_a_card_has_a_name_an_organization_and_the_preferred_address_first() -> None:
    assert cards(book(VERSION_3)) == [
        Card(
            uid="urn:uuid:4fbe8971",
            name="Ada Lovelace",
            emails=("ada.l@example.com", "ada@example.org"),
            birthday=Birthday(12, 10, 1815),
            organization="Analytical Engines; Ltd",
        )
    ]


def test_version_2_1_writes_quoted_printable_over_several_lines_and_in_old_charsets() -> None:
    card = (
        "VERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\n"
        "FN;QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=B6rg M=C3=\n=BCller\n"
        "EMAIL;PREF;INTERNET:joerg@example.org\nBDAY:19900512"
    )
    (found,) = cards(book(card))
    assert (found.name, found.emails) == ("Jörg Müller", ("joerg@example.org",))
    assert found.birthday == Birthday(5, 12, 1990)
    (from_n,) = cards(book("\n".join(line for line in card.split("\n") if line[:2] == "N;")))
    assert from_n.name == "Jörg Müller"


@pytest.mark.parametrize(
    ("written", "birthday"),
    [
        ("BDAY:19900512", Birthday(5, 12, 1990)),
        ("BDAY:1990-05-12", Birthday(5, 12, 1990)),
        ("BDAY:1990-05-12T00:00:00Z", Birthday(5, 12, 1990)),
        ("BDAY;VALUE=date-and-or-time:--0512", Birthday(5, 12)),
        ("BDAY:--05-12", Birthday(5, 12)),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-12", Birthday(5, 12)),
        ("BDAY:1604-02-29", Birthday(2, 29)),
        ("BDAY:1904-05-12", Birthday(5, 12)),
        ("BDAY:--0229", Birthday(2, 29)),
        ("BDAY:1999-02-29", Birthday(2, 29)),
        ("BDAY:0000-05-12", Birthday(5, 12)),
        ("BDAY:1990", None),
        ("BDAY:0000", None),
        ("BDAY:1990-13-12", None),
        ("BDAY:soon", None),
    ],
)
def test_birthdays_are_read_in_every_form(written: str, birthday: Birthday | None) -> None:
    (card,) = cards(book(f"FN:Ada\n{written}"))
    assert card.birthday == birthday


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("FN:\nN:Lovelace;Ada;;;", "Ada Lovelace"),
        ("N:;;;;\nNICKNAME:Countess", "Countess"),
        ("ORG:Example Works;Sales", "Example Works"),
        ("EMAIL:ada@example.org", ""),
    ],
)
def test_a_name_is_found_where_there_is_one(lines: str, name: str) -> None:
    (card,) = cards(book(lines + "\nEMAIL:ada@example.org"))
    assert card.name == name


def test_lists_and_firms_are_not_people() -> None:
    document = book("FN:Team\nKIND:group", "FN:Club\nX-ADDRESSBOOKSERVER-KIND:group", "FN:Ada")
    assert [card.name for card in cards(document)] == ["Ada"]


def test_an_agent_within_a_card_is_passed_over() -> None:
    agent = "AGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD"
    (card,) = cards(book(f"{agent}\nFN:Ada"))
    assert card.name == "Ada"


def test_a_broken_card_is_set_aside_and_its_neighbours_read() -> None:
    document = book("FN:Ada", "BDAY:1990-05-12", "FN:Ben\nsenseless") + b"BEGIN:VCARD\nFN:Cleo\n"
    read_or_not = []
    for lines in split_cards(document):
        try:
            card = read_card(lines)
            read_or_not.append(card.name if card else "")
        except Unreadable as error:
            read_or_not.append(str(error))
    assert read_or_not == [
        "Ada",
        "neither a name nor an address",
        "Ben",
        "a VCARD without its end",
    ]


def test_a_card_without_uid_is_named_by_what_it_says() -> None:
    once, again, other = (cards(book(f"FN:{name}"))[0].uid for name in ("Ada", "Ada", "Ben"))
    assert once == again != other


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_escape_as_an_exception(document: bytes) -> None:
    read(document)
    read(b"BEGIN:VCARD\n" + document + b"\nEND:VCARD")


SAMPLE = book(VERSION_3, "FN;QUOTED-PRINTABLE:J=C3=B6rg\nBDAY:--0229\nEMAIL:a@example.org")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 9)), max_size=4),
    st.sampled_from([b"", b"\0", b"\n", b";", b":", b"=", b'"', b"\\", b"\xff", b"\xe2\x80\xae"]),
)
def test_mutated_cards_never_escape_as_an_exception(
    cuts: list[tuple[int, int]], insert: bytes
) -> None:
    document = SAMPLE
    for position, length in cuts:
        document = document[:position] + insert + document[position + length :]
    read(document)
