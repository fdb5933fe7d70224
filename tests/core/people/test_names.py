"""Names as people and programs write them become one name to print and one key to compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.names import clean_name, is_role, name_key, name_of_address


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ana Diaz", "Ana Diaz"),
        ("Diaz, Ana", "Ana Diaz"),
        ("Houten, Karel van (KPN)", "Karel van Houten"),
        ("'Ana Diaz'", "Ana Diaz"),
        ('"Ana  Diaz"', "Ana Diaz"),
        ("ANA DIAZ", "Ana Diaz"),
        ("KAREL VAN HOUTEN", "Karel van Houten"),
        ("ANNE-MARIE STONE", "Anne-Marie Stone"),
        ("HJ", "HJ"),
        ("Ana Diaz via Talk", "Ana Diaz"),
        ("Ana Diaz on behalf of Sales", "Ana Diaz"),
        ("Ana Diaz | Example Ltd", "Ana Diaz"),
        ("Ana Diaz [mailto:ana@example.org]", "Ana Diaz"),
        ("Diaz, Dr.", "Diaz"),
        ("ana@example.org", ""),
        ("(unknown)", ""),
        ("1234", ""),
        ("", ""),
    ],
)
def test_a_name_is_printed_as_one_would_say_it(written: str, said: str) -> None:
    assert clean_name(written) == said


@pytest.mark.parametrize(
    "written",
    [
        "Łukasz Dvořák",
        "lukasz dvorak",
        "DVOŘÁK, ŁUKASZ",
        "Dvorak, Lukasz",
        "Dr. Łukasz Dvořák",
        "Lukasz J. Dvorak",
        "Lukasz Dvorak (Example)",
        "Łukasz Dvořák PhD",
        "Lukasz.Dvorak",
    ],
)
def test_one_name_has_one_key_however_it_is_written(written: str) -> None:
    assert name_key(written) == ("dvorak", "lukasz")


@pytest.mark.parametrize(
    "written",
    ["Ana", "ana", "adiaz77", "A. B.", "Sales Team", "Example Support", "Info", "Dr. Ana", "", "@"],
)
def test_a_first_name_a_handle_or_a_function_is_no_full_name(written: str) -> None:
    assert name_key(written) == ()


def test_namesakes_in_part_keep_keys_of_their_own() -> None:
    assert len({name_key(n) for n in ("Ana Diaz", "Ana Dias", "Ana Diaz Rey", "Eva Diaz")}) == 4


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ana.diaz@example.org", "Ana Diaz"),
        ("ana_diaz+list@example.org", "Ana Diaz"),
        ("adiaz@example.org", "adiaz"),
        ("a.diaz@example.org", "a.diaz"),
        ("ana.diaz2@example.org", "ana.diaz2"),
    ],
)
def test_who_is_known_by_an_address_alone_is_called_after_it(email: str, name: str) -> None:
    assert name_of_address(email) == name


@pytest.mark.parametrize("local", ["info", "sales-team", "no.reply.news", "Support", "list+x"])
def test_local_parts_that_name_a_function_are_known(local: str) -> None:
    assert is_role(local)


def test_a_surname_that_contains_a_function_is_none() -> None:
    assert not is_role("ana.newsome")


@given(st.text(max_size=40))
def test_any_text_has_a_clean_name_and_a_key(written: str) -> None:
    once = clean_name(written)
    assert "@" not in once
    assert once == once.strip()
    key = name_key(written)
    assert key == tuple(sorted(key))
    assert len(key) != 1
