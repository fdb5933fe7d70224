"""A sign of life, what was noted, and what did not arrive: in words, the same on every page."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from daemon.digest import words
from daemon.digest.compose import as_pulse
from daemon.digest.model import Network, Page, Undelivered
from daemon.digest.render_html import render_html
from daemon.digest.render_json import page_as_dict
from daemon.digest.render_text import render_text
from daemon.digest.subject import PREHEADER_CHARS
from tests.core.digest.pages import SOURCES, full_day, page, reply

WELL = SOURCES[:2]
FAILED = (Undelivered(date(2026, 11, 20), "the mail server refused your sign-in (535 5.7.8)"),)
TOLD = "The digest of Friday 20 November 2026 may not have reached you: the mail server refused"


def pulse(days: int = 7, **changed: object) -> Page:
    return as_pulse(page(**({"sources": WELL} | changed)), days)


def said(made: Page) -> str:
    return " ".join(render_text(made).split())


def shown(made: Page) -> str:
    body = LexborHTMLParser(render_html(made)).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


def test_it_is_short_and_says_that_all_is_well() -> None:
    made = pulse()
    assert made.subject == "kithd: nothing to give this week, all is well"
    assert render_text(made).startswith(
        "Nothing to give this week\nSaturday 21 November 2026\n\nkithd kept looking"
    )
    for words_of in (said(made), shown(made)):
        assert "All is well." in words_of
        assert "This short mail comes after 7 days without a digest" in words_of
        assert "Read: work mail 06:58" in words_of
        assert "Reply with “pause 1w”; “help” lists the rest." in words_of
        assert "done" not in words_of
    assert len(render_text(made).splitlines()) < 40


def test_its_network_and_its_sources_stand_in_the_preheader() -> None:
    assert pulse().preheader == "kithd reads two sources. Your ties: 42 warm, 9 cooling, 4 fading."
    bare = pulse(network=Network({}, {}), sources=())
    assert bare.preheader == ""
    assert len(pulse(sources=WELL * 400).preheader) <= PREHEADER_CHARS


@pytest.mark.parametrize(
    ("changed", "rest"),
    [
        ({"sources": SOURCES}, "; one thing needs you"),
        ({"undelivered": FAILED}, "; one thing needs you"),
        ({"sources": SOURCES, "undelivered": FAILED}, "; two things need you"),
    ],
)
def test_all_is_well_only_where_it_is(changed: dict[str, Any], rest: str) -> None:
    made = pulse(**changed)
    assert made.subject == f"kithd: nothing to give this week{rest}"
    for words_of in (said(made), shown(made)):
        assert "All is well" not in words_of
        assert "something needs you: see below." in words_of


@pytest.mark.parametrize(
    ("days", "period"),
    [(7, "this week"), (14, "for two weeks"), (10, "for 10 days"), (1, "for 1 day")],
)
def test_it_names_its_time(days: int, period: str) -> None:
    assert words.say_period(days) == period
    assert pulse(days).subject.startswith(f"kithd: nothing to give {period},")


def test_no_other_page_speaks_of_it() -> None:
    for made in (page(reply()), page()):
        assert "short mail" not in said(made)
        assert "nothing worth" not in shown(made)


def test_what_was_noted_stands_under_the_date_in_order() -> None:
    made = page(reply(), noted={"done": 2, "put off": 1, "never again": 0})
    for words_of in (said(made), shown(made)):
        assert "Noted since the last digest: 2 done, 1 put off." in words_of
    assert "Noted" not in said(page(reply()))
    assert "Noted" not in shown(page(reply()))
    assert page_as_dict(made)["noted"] == {"done": 2, "put off": 1, "never again": 0}


def test_what_did_not_arrive_is_told_in_the_foot() -> None:
    made = page(reply(), undelivered=FAILED)
    assert TOLD in said(made)
    assert TOLD in shown(made)
    assert page_as_dict(made)["undelivered"] == [
        {"on": "2026-11-20", "problem": "the mail server refused your sign-in (535 5.7.8)"}
    ]


def test_a_number_that_a_mail_has_used_keeps_its_meaning() -> None:
    mailed = {item.key: item.ref for item in page(*full_day()[:2]).items}
    later = page(*full_day(), numbers=mailed)
    refs = {item.key: item.ref for item in later.items}
    assert mailed.items() <= refs.items()
    assert sorted(refs.values()) == [1, 2, 3, 4, 5]
    assert min(ref for key, ref in refs.items() if key not in mailed) == 3


def test_whatever_needs_something_a_page_stays_below_72_columns() -> None:
    made = replace(pulse(undelivered=FAILED, sources=SOURCES), noted={"given a rhythm": 1200})
    assert all(words.columns(row) <= 72 for row in render_text(made).splitlines())
