"""Addresses are read one way only, and the ambiguous ones not at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.formats import addresses
from connectors.formats.addresses import ADDRESSES_LIMIT, normalise, parse_addresses
from connectors.observations import Address
from tests.invariants import assert_email, assert_line

# Text made of the pieces that matter here finds more than random characters do.
ADDRESSES = ["ana@example.org", "B.Lee@EXAMPLE.com", "<ana@example.org>", "Ana", "é"]
SYNTAX = [*' ,;:"\\()<>@.\t\x00', "=?utf-8?q?R=C3=A9?="]
pieces = st.lists(st.sampled_from([*ADDRESSES, *SYNTAX]), max_size=14).map("".join)
headers = pieces | st.text(max_size=60)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ana@Example.ORG", "ana@example.org"),
        ("ana@xn--bcher-kva.example", "ana@bücher.example"),
        ("ana@BÜCHER.example", "ana@bücher.example"),
        ("ana@\uff45xample\uff0eorg", "ana@example.org"),
        ("ana@example.org.", "ana@example.org"),
        ("root@localhost", "root@localhost"),
        ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
        ('"ana.diaz"@example.org', "ana.diaz@example.org"),
        ("ana@xn--a.example", "ana@xn--a.example"),
        ("ana", None),
        ("@example.org", None),
        ("ana@", None),
        ("ana diaz@example.org", None),
        ("ana@mallory@example.org", None),
        ("ana@example..org", None),
        ("ana@-example.org", None),
        ("ana\r\nBcc: x@example.org", None),
        ("ana\u202e@example.org", None),
        ("ana\udc80@example.org", None),
        ("a" * 310 + "@example.org", None),
    ],
)
def test_an_address_has_one_spelling(written: str, read: str | None) -> None:
    assert normalise(written) == read


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("ana@example.org", [("ana@example.org", "")]),
        ("Ana Diaz <Ana@example.org>", [("ana@example.org", "Ana Diaz")]),
        ('"Diaz, Ana" <ana@example.org>', [("ana@example.org", "Diaz, Ana")]),
        (r'"Ana \"A\" Diaz" <ana@example.org>', [("ana@example.org", 'Ana "A" Diaz')]),
        ("ana@example.org (Ana (of Lima) Diaz)", [("ana@example.org", "Ana of Lima Diaz")]),
        ("'ana@example.org' <ana@example.org>", [("ana@example.org", "")]),
        ("'Ana' <ana@example.org>", [("ana@example.org", "Ana")]),
        ("=?utf-8?q?Ren=C3=A9e=2C_X?= <r@example.org>", [("r@example.org", "Renée, X")]),
        ('"=?utf-8?b?UmVuw6ll?=" <r@example.org>', [("r@example.org", "Renée")]),
        (
            "Team: a@example.org, B <b@example.org>;",
            [("a@example.org", ""), ("b@example.org", "B")],
        ),
        ("undisclosed-recipients:;", []),
        ("unlisted-recipients:; (no To-header on input)", []),
        ("a@example.org; b@example.org", [("a@example.org", ""), ("b@example.org", "")]),
        ("<@relay.example,@x.example:ana@example.org>", [("ana@example.org", "")]),
        ("ana at example.org (Ana Diaz)", [("ana@example.org", "Ana Diaz")]),
        ("Ana Diaz ana@example.org", [("ana@example.org", "Ana Diaz")]),
        (
            "Bob :( <bob@example.org>, c@example.org",
            [("bob@example.org", ""), ("c@example.org", "")],
        ),
        (
            '"open <a@example.org>, b@example.org',
            [("a@example.org", "open"), ("b@example.org", "")],
        ),
        ("admin <admin@example.org> <mallory@example.net>", []),
        ("Ana\u202e <ana@example.org>", [("ana@example.org", "Ana")]),
        ("Ana via Dev List <dev@example.org>", [("dev@example.org", "Ana via Dev List")]),
        ("Last, First <a@example.org>", [("a@example.org", "First")]),
    ],
)
def test_a_header_is_read_in_every_form_people_meet(
    header: str, read: list[tuple[str, str]]
) -> None:
    assert [(one.email, one.name) for one in parse_addresses(header)] == read


def test_an_encoded_word_cannot_smuggle_in_a_second_address() -> None:
    header = "=?utf-8?q?Ana_=3Cceo=40example=2Ecom=3E=2C_x?= <mallory@example.net>"
    assert [one.email for one in parse_addresses(header)] == ["mallory@example.net"]


def test_no_more_than_two_thousand_addresses_are_read() -> None:
    header = ", ".join(f"p{number}@example.org" for number in range(ADDRESSES_LIMIT + 500))
    assert len(parse_addresses(header)) == ADDRESSES_LIMIT
    assert len(parse_addresses(f'"", {header}')) == ADDRESSES_LIMIT


@given(headers)
@example("Ana :( <ana@example.org>")
@example('"Ana" <ana@example.org>, "B, C" <b@example.org>')
def test_the_fast_reading_and_the_thorough_one_agree(header: str) -> None:
    assert addresses._parse(header) == addresses._parse_thoroughly(header)


@given(headers)
def test_whatever_is_read_is_wholesome(header: str) -> None:
    for address in parse_addresses(header):
        assert_email(address.email)
        assert_line(address.name, 200)


@given(headers | st.text(min_size=3, max_size=30).map(lambda text: f"{text}@{text}.example"))
@example("ana@İ.example")
@example("ana@ß.example")
@example("ana@\u212b.example")
def test_normalising_twice_changes_nothing(email: str) -> None:
    once = normalise(email)
    assert once is None or normalise(once) == once


@given(st.lists(st.sampled_from(["ana@example.org", "b@example.net"]), min_size=1, max_size=9))
def test_the_order_of_addresses_is_kept(emails: list[str]) -> None:
    assert parse_addresses(", ".join(emails)) == tuple(map(Address, emails))
