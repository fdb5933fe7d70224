"""The calendars that are read are the owner's own, those they tick, or those they name."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import CursorExpired, Misconfigured
from connectors.google_calendar.calendars import N_CALENDARS_LIMIT, choose
from connectors.google_calendar.place import LENGTH_LIMIT, Pending, Place, resume
from connectors.protocol import Cursor

ME = "mara@example.org"
FAMILY = "family123@group.calendar.google.com"


def entry(name: str = FAMILY, **more: Any) -> dict[str, Any]:
    return {"id": name, "summary": "Family", "selected": True, "accessRole": "writer"} | more


def mine(**more: Any) -> dict[str, Any]:
    return entry(ME, summary=ME, primary=True, accessRole="owner") | more


def chosen(*entries: Any, names: tuple[str, ...] = ()) -> list[str]:
    return [each.id for each in choose(entries, names)]


def test_the_owners_own_comes_first_and_is_read_even_where_it_is_not_ticked() -> None:
    assert chosen(entry(), mine(selected=False)) == [ME, FAMILY]
    assert chosen(mine(hidden=True)) == [ME]


@pytest.mark.parametrize("said", [{"selected": False}, {"hidden": True}, {"deleted": True}])
def test_what_is_not_ticked_hidden_or_deleted_is_not_read(said: dict[str, Any]) -> None:
    assert chosen(mine(), entry(**said)) == [ME]
    silent = entry()
    del silent["selected"]
    assert chosen(mine(), silent) == [ME]


@pytest.mark.parametrize(
    ("name", "role", "is_read"),
    [
        ("en.german#holiday@group.v.calendar.google.com", "reader", True),
        ("ana@example.com", "reader", False),
        ("ana@example.com", "writer", False),
        ("second@example.net", "owner", True),
    ],
    ids=["public", "somebody's", "somebody's to write in", "one's own second"],
)
def test_another_persons_own_calendar_is_not_read_unless_it_is_named(
    name: str, role: str, is_read: bool
) -> None:
    other = entry(name, summary="Ana", accessRole=role)
    assert (name in chosen(mine(), other)) == is_read
    assert chosen(mine(), other, names=("ana",)) == [name]


def test_names_are_those_that_google_or_the_owner_gave_in_any_case() -> None:
    renamed = entry(summaryOverride="Us\u200b four", selected=False)
    for name in ("family", "US FOUR", FAMILY):
        assert chosen(mine(), renamed, names=(name,)) == [FAMILY]
    for name in ("Primary", ME):
        assert chosen(mine(), renamed, names=(name,)) == [ME]
    assert chosen(mine(), renamed, names=("family", "primary")) == [ME, FAMILY]


def test_a_name_that_is_not_there_is_said_beside_those_that_are_and_no_address() -> None:
    with pytest.raises(Misconfigured, match=r"'work'; there are: family, primary$") as error:
        chosen(mine(), entry(), names=("Work", "family"))
    assert "@" not in str(error.value)


def test_a_zone_that_nobody_knows_is_utc() -> None:
    names = ("Europe/Berlin", "Middle-earth/Shire", "../../etc/passwd", None, 7, "")
    calendars = choose([entry(f"{n}@x", timeZone=it) for n, it in enumerate(names)], ("family",))
    assert [each.zone for each in calendars] == [ZoneInfo("Europe/Berlin"), *[UTC] * 5]


def test_entries_that_are_none_are_passed_over_and_very_many_are_cut() -> None:
    assert chosen(None, "calendar", {}, {"id": 7}, mine()) == [ME]
    many = [entry(f"c{n}@group.calendar.google.com") for n in range(300)]
    assert len(chosen(*many, mine())) == N_CALENDARS_LIMIT
    assert chosen(*many, mine())[0] == ME


PLACE = Place(
    "here", 1_700_000_000, {"a": "CPDAlvWDx70CEPDA=", "b": "x"}, Pending("a", "x", "page", 1, 2)
)


def test_a_place_comes_back_out_of_its_cursor() -> None:
    assert resume(PLACE.to_cursor(), "here") == PLACE
    assert resume(Place("here").to_cursor(), "here") == Place("here")
    assert resume(None, "here") == Place("here")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "1",
        '"text"',
        "[1]",
        '[1,"here",0,[],null]',
        '[1,"here",0,{},[1]]',
        '[1,"here","soon",{},null]',
        '[1,"here",1e400,{},null]',
        '[1,"here",100000000000000,{},null]',
        '[1,"here",100000000000000000000,{},null]',
        '[1,"here",0,{},{"a":1}]',
        '[2,"here",0,{},null]',
        '[1,"elsewhere",0,{},null]',
        "[" * 100_000,
    ],
    ids=[str(n) for n in range(17)],
)
def test_what_is_no_cursor_has_expired(text: str) -> None:
    with pytest.raises(CursorExpired):
        resume(Cursor(text), "here")


def test_a_place_forgets_a_calendar_and_nothing_else() -> None:
    assert PLACE.without("a") == Place("here", PLACE.horizon, {"b": "x"}, None)
    assert PLACE.without("b").pending == PLACE.pending
    assert PLACE.only({"b"}) == PLACE.without("a")
    assert PLACE.having_read("a", "new").tokens == {"b": "x", "a": "new"}
    assert PLACE.having_read("a", "").tokens == {"b": "x"}


def test_a_cursor_that_gets_too_long_loses_its_longest_tokens_first() -> None:
    tokens = {f"c{n}": "t" * (10 * n) for n in range(150)}
    kept = resume(Place("here", 1, tokens).to_cursor(), "here")
    assert len(kept.to_cursor()) <= LENGTH_LIMIT
    assert set(kept.tokens) == {f"c{n}" for n in range(len(kept.tokens))}
    endless = Place("here", 1, {"a": "t"}, Pending("b", "", "p" * 70_000, 1, 2))
    assert resume(endless.to_cursor(), "here") == Place("here", 1)
