"""Names, dates and quotes read as a person would write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.suggestions.wording import (
    MAX_QUOTE,
    first_name,
    full_name,
    join_names,
    possessive,
    quote,
    say_date,
    say_day,
    say_due,
    say_month,
    say_span,
)
from tests.builders import TODAY


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Tomás Rey", "Tomás"),
        ("Rey, Tomás", "Tomás"),
        ("REY, TOMÁS", "Tomás Rey"),
        ("REY Tomás", "Tomás"),
        ("Tomás REY", "Tomás"),
        ("RALF EXAMPLE", "Ralf Example"),
        ("Dr. Tomás Rey", "Tomás"),
        ("Prof. Dr. Hans-Peter Meyer", "Hans-Peter"),
        ("Dr. Silva", "Dr. Silva"),
        ("Ana Maria da Silva", "Ana"),
        ("John Q. Public, Jr.", "John"),
        ("Tomás Rey (Harbour Ltd)", "Tomás"),
        ("Tomás Rey via Lists", "Tomás"),
        ("'Tomás Rey'", "Tomás"),
        ("macro", "macro"),
        ("tomas.rey@example.org", "tomas.rey@example.org"),
        ("tomas.rey", "tomas.rey"),
        ("T. Rey", "T. Rey"),
        ("H. Peter Anvil", "H. Peter Anvil"),
        ("van der Berg", "van der Berg"),
        ("山田 太郎", "山田 太郎"),
        ("Иван Петров", "Иван Петров"),
        ("Wang Wei", "Wang Wei"),
        ("Grid Storage Newsletter", "Grid Storage Newsletter"),
        ("Harbour, Inc.", "Harbour, Inc."),
        ("Rey 2000", "Rey"),
        ("Sana", "Sana"),
        ("", ""),
    ],
)
def test_a_first_name_is_used_only_where_it_is_plain(name: str, called: str) -> None:
    assert first_name(name) == called


def test_a_full_name_is_in_reading_order() -> None:
    assert full_name("REY, TOMÁS") == "Tomás Rey"
    assert full_name("  Rey,  Tomás ") == "Tomás Rey"


@given(st.text(max_size=40))
def test_any_name_can_be_called(name: str) -> None:
    assert bool(first_name(name)) <= bool(name)
    assert "\n" not in first_name(name)


def test_names_are_joined_as_in_speech() -> None:
    assert join_names(["Sana", "Marek", "Joy"]) == "Sana, Marek and Joy"
    assert join_names(["Sana", "Marek"]) == "Sana and Marek"
    assert join_names(["Sana"]) == "Sana"
    assert join_names([]) == ""
    assert possessive("Ines") == "Ines\u2019s"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (-1, "yesterday"),
        (1, "tomorrow"),
        (-6, "on Thursday"),
        (2, "on Friday"),
        (-7, "on 11 November"),
        (-38, "on 11 October"),
        (-400, "on 14 October 2025"),
        (60, "on 17 January 2027"),
    ],
)
def test_days_are_said_relative_to_today(days: int, words: str) -> None:
    assert say_day(TODAY + timedelta(days=days), TODAY) == words


def test_dates_months_and_spans_are_said_in_words() -> None:
    assert say_date(date(2026, 3, 1), TODAY) == "1 March"
    assert say_month(date(2025, 3, 1), TODAY) == "in March 2025"
    assert say_due(TODAY + timedelta(days=2), TODAY) == "the day it names is Friday"
    assert say_due(TODAY - timedelta(days=1), TODAY) == "the day it names was yesterday"
    assert [say_span(d) for d in (0.2, 6, 21)] == ["a day", "6 days", "3 weeks"]


def test_a_quote_is_exactly_what_was_said() -> None:
    assert quote("could you look?") == "“could you look?”"


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=400))
def test_a_long_quote_is_cut_and_says_so(words: str) -> None:
    inner = quote(words)[1:-1]
    plain = " ".join(words.split())
    assert len(inner) <= MAX_QUOTE
    assert inner == plain or (inner.endswith("…") and plain.startswith(inner[:-1]))
