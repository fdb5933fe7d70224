"""A cursor is one short line that leads back to where it was written, and to nowhere else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import CURSOR_LIMIT, RECENT
from connectors.errors import CursorExpired, Misconfigured
from connectors.graph.cursors import Mark, Place, key_of, resume
from connectors.protocol import Cursor
from tests.servers.graph_items import message
from tests.servers.microsoft import Account

marks = st.dictionaries(
    st.text(min_size=1, max_size=10), st.builds(Mark, st.text(max_size=50), st.integers(0, 10**6))
)


@given(st.text(max_size=20), st.integers(0, 2**40), marks)
def test_a_place_comes_back_as_it_was(origin: str, horizon: int, found: dict[str, Mark]) -> None:
    place = Place(origin, horizon, found)
    cursor = place.to_cursor()
    assert resume(cursor, origin) == place
    assert cursor.isascii()
    assert cursor.isprintable()


@given(st.text(max_size=80))
def test_anything_else_is_no_cursor(text: str) -> None:
    for cursor in (text, f"graph1 {text}"):
        with pytest.raises(CursorExpired):
            resume(Cursor(cursor), "origin")


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", "null", "[1]", '["o",0,{"k":3}]', '["o","x",{}]', "[" * 9999],
)
def test_a_line_of_another_shape_is_no_cursor(content: str) -> None:
    with pytest.raises(CursorExpired):
        resume(Cursor(f"graph1 {content}"), "o")


def test_no_cursor_is_the_beginning() -> None:
    assert resume(None, "origin") == Place("origin")


def test_two_names_are_not_one() -> None:
    assert key_of("mail", "ab") != key_of("mail", "a", "b") != key_of("maila", "b")


def test_folders_that_do_not_fit_are_told_of(account: Account) -> None:
    account.mailbox.telling.rounds.length = 1_000
    for n in range(70):
        account.mailbox.add_folder(f"Folder {n}").put(message(RECENT))
    with pytest.raises(Misconfigured, match="name those that kithd can leave out under skip"):
        account.poll()


def test_fifty_folders_fit(account: Account) -> None:
    account.mailbox.telling.rounds.length = 1_000
    for n in range(50):
        account.mailbox.add_folder(f"Folder {n}").put(message(RECENT))
    assert len(account.poll()[-1].cursor) <= CURSOR_LIMIT


def test_a_cursor_holds_neither_address_nor_host(account: Account) -> None:
    account.mailbox["inbox"].put(message(RECENT))
    cursor = account.poll()[-1].cursor
    assert "@" not in cursor
    assert "localhost" not in cursor
    assert len(json.loads(cursor.partition(" ")[2])[2]) == 3
