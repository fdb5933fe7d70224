import unicodedata
from dataclasses import fields, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from daemon.digest import safe
from daemon.digest.model import Page
from daemon.digest.render_html import render_html
from daemon.digest.render_json import page_as_dict
from daemon.digest.render_text import render_text
from daemon.ties.model import State
from tests.core.digest.pages import OWNER, TIES, full_day, page, tie
from tests.core.digest.payloads import ALL_AT_ONCE, PAYLOADS, in_each_field, in_every_field

Tree = tuple[str, tuple[str, ...], tuple["Tree", ...]]

FADING = State.FADING

ANYTHING = st.text(max_size=300) | st.sampled_from(PAYLOADS)


def harmless() -> Page:
    ties = {**TIES, **{t.alter: t for t in (tie("tomas", FADING), tie("ines", FADING))}}
    return page(*full_day(), is_first=True, keeps_at="/var/lib/kithd", ties=ties)


def tree_of(node: LexborNode) -> Tree:
    children = tuple(tree_of(child) for child in node.iter(include_text=False))
    return node.tag or "", tuple(sorted(node.attributes)), children


def elements(html: str) -> LexborNode:
    root = LexborHTMLParser(html).root
    assert root is not None
    return root


def assert_harmless(html: str, where: str) -> None:
    root = elements(html)
    assert tree_of(root) == tree_of(elements(render_html(harmless()))), where
    for node in root.css("[href]"):
        assert (node.attributes["href"] or "").startswith("mailto:"), where
    for node in root.css("[style]"):
        style = (node.attributes["style"] or "").lower()
        assert "url(" not in style, where
        assert "alert" not in style, where


def test_a_payload_in_any_one_field_leaves_the_element_tree() -> None:
    for where, hostile in in_each_field(harmless(), ALL_AT_ONCE):
        assert_harmless(render_html(hostile), where)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_payload_in_all_fields_at_once_opens_no_element_of_its_own(payload: str) -> None:
    root = elements(render_html(in_every_field(harmless(), payload)))

    known = {node.tag for node in elements(render_html(harmless())).css("*")}
    assert {node.tag for node in root.css("*")} <= known
    assert not root.css("script, img, [onerror], [onmouseover], [src]")
    assert len(root.css("style")) == 1
    assert all((n.attributes["href"] or "").startswith("mailto:") for n in root.css("[href]"))


def test_every_kind_of_string_a_page_holds_is_attacked() -> None:
    paths = [where for where, _ in in_each_field(harmless(), "x")]

    assert any(".evidence[0].quote" in path for path in paths)
    assert any(".draft.to[0]" in path for path in paths)
    assert any(".came_back[0][0]" in path for path in paths)
    assert any(".held.booked" in path for path in paths)
    assert {f.name for f in fields(Page) if isinstance(getattr(harmless(), f.name), str)} <= {
        path.removeprefix("page.") for path in paths
    }


def test_what_cannot_be_seen_reaches_no_reader() -> None:
    for payload, render in product(PAYLOADS, (render_text, render_html)):
        printed = render(in_every_field(harmless(), payload)).replace("\n", "")
        unseen = {c for c in printed if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
        assert not unseen, (payload[:40], unseen)


def test_a_page_stays_small_whatever_it_is_fed() -> None:
    hostile = replace(in_every_field(harmless(), "<\u20ac>" * 5_000), reply_to=OWNER)
    html = render_html(hostile)
    assert len(html.encode()) < 90_000


def test_json_is_cleaned_as_well() -> None:
    facts = page_as_dict(in_every_field(harmless(), "evil\u202e\x1b[31m"))
    assert facts["items"][0]["action"] == "evil[31m"


@given(ANYTHING, st.integers(5, 200))
def test_a_line_is_one_visible_line_within_its_limit_and_cleaning_twice_is_once(
    text: str, limit: int
) -> None:
    cleaned = safe.line(text, limit)

    assert len(cleaned) <= limit
    assert cleaned == " ".join(cleaned.split())
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert safe.line(cleaned, limit) == cleaned


@given(st.lists(ANYTHING).map("\n".join))
def test_a_block_keeps_its_lines_and_cleaning_twice_is_once(text: str) -> None:
    cleaned = safe.block(text)

    assert len(cleaned) <= safe.BLOCK_CHARS
    assert "\n\n\n" not in cleaned
    assert safe.block(cleaned) == cleaned


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Marek  Dvořák\t\n", "Marek Dvořák"),
        ("שלום", "שלום"),
        ("李小龍", "李小龍"),
        ("sa\u200bna", "sana"),
        ("a\u202eb", "ab"),
        ("e\u0301", "e\u0301"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 4),
        ("\x00", ""),
    ],
)
def test_real_scripts_stay_and_tricks_go(written: str, shown: str) -> None:
    assert safe.line(written) == shown


def test_a_cut_shows_that_something_is_missing() -> None:
    assert safe.line("one two three", 8) == "one two…"
