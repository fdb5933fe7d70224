import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import daemon.digest
from daemon.digest import references, rhythm
from daemon.digest.model import SourceLine
from daemon.digest.render_html import render_html
from daemon.digest.render_json import page_as_dict
from daemon.digest.render_text import render_text
from daemon.suggestions.model import Lane, SuggestionKey
from tests.core.digest.pages import ON, SOURCES, article, full_day, introduction, page, reply

DAYS = st.lists(st.dates(ON - timedelta(days=400), ON))


def test_json_holds_what_was_promised_and_nothing_else() -> None:
    facts = page_as_dict(page(*full_day()))

    assert list(facts) == "at subject items funnel network sources noted undelivered".split()
    assert all(
        list(item) == "ref kind value direction people action why evidence minutes lane".split()
        for item in facts["items"]
    )
    assert json.loads(json.dumps(facts)) == facts


def test_json_says_who_what_and_why() -> None:
    item = page_as_dict(page(*full_day()))["items"][2]
    assert item["ref"] == 3
    assert (item["kind"], item["value"], item["direction"]) == ("reply", "help", "give")
    assert item["people"] == ["Tomás Rey"]
    assert item["lane"] == "owe"
    assert item["evidence"] == [
        {
            "source": "work mail",
            "uid": "uid-3",
            "at": "2026-11-18T07:00:00+01:00",
            "quote": "could you look at the tender before Friday?",
        }
    ]


def test_json_instants_carry_the_owners_offset() -> None:
    facts = page_as_dict(page(reply(), sources=(*SOURCES, SourceLine("feeds", None, 0))))
    assert facts["at"] == "2026-11-21T07:00:00+01:00"
    read = [source["read_at"] for source in facts["sources"]]
    assert read[-1] is None
    assert all(datetime.fromisoformat(at).utcoffset() == timedelta(hours=1) for at in read[:-1])
    assert facts["funnel"] == {
        "n_ties": 312,
        "n_due": 41,
        "n_offered": 5,
        "held": {"booked": 12, "cool-down": 19, "budget": 5},
    }


@given(DAYS, st.integers(1, 52))
def test_a_strip_holds_every_day_of_its_weeks_once(days: list[date], n_weeks: int) -> None:
    strip = rhythm.trace(days, on=ON, n_weeks=n_weeks)
    n_within = sum((ON - day).days < 7 * n_weeks for day in set(days))

    if n_within < 3:
        assert strip is None
        return
    assert strip is not None
    assert sum(strip.weeks) == n_within
    assert len(strip.weeks) == len(rhythm.draw(strip)) == n_weeks
    assert all(0 <= n <= 7 for n in strip.weeks)
    assert f"In touch in {sum(n > 0 for n in strip.weeks)} of the last {n_weeks} week" in strip.says


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        ([0, 1, 2], "In touch in 1 of the last 4 weeks"),
        ([7, 8, 14], "In touch in 2 of the last 4 weeks, not in the last one"),
        ([21, 22, 23], "In touch in 1 of the last 4 weeks, in none of the last 3"),
    ],
)
def test_a_strip_is_said_in_words(ago: list[int], said: str) -> None:
    strip = rhythm.trace([ON - timedelta(days=n) for n in ago], on=ON, n_weeks=4)
    assert strip is not None
    assert strip.says == said


def test_items_keep_their_order_within_a_lane() -> None:
    twin = replace(article(), key=SuggestionKey("second"))
    items = page(reply(), twin, article()).items
    assert [item.key for item in items] == ["second", "article:sana", "reply:tomas"]
    assert [item.ref for item in items] == [1, 2, 3]
    assert [item.lane for item in items] == [Lane.BRING, Lane.BRING, Lane.OWE]


def test_of_two_people_the_tie_that_stands_worse_is_told() -> None:
    (item,) = page(introduction()).items
    assert item.who == "Marek Dvořák and Joy Adeyemi"
    assert item.state == "cooling"
    assert item.says.startswith("Marek: ")
    assert item.rhythm is not None


def test_without_a_tie_there_is_nothing_to_tell_of_it() -> None:
    (item,) = page(article(), ties={}).items
    assert (item.state, item.says, item.rhythm) == ("", "", None)
    assert "Sana Iqbal" in render_html(page(article(), ties={}))


@given(st.text(max_size=40), st.text(max_size=40), st.binary(min_size=1, max_size=64))
def test_a_reference_is_good_for_its_entry_and_key_alone(
    entry: str, other: str, key: bytes
) -> None:
    tag = references.sign(entry, key=key)

    assert references.verify(entry, tag, key=key)
    assert not references.verify(entry, tag, key=key + b"x")
    assert references.verify(other, tag, key=key) == (other == entry)
    assert not references.verify(entry, other, key=key)


# Source: design notes, the ideas ("words"): nobody is blamed, graded or guessed at.
FORBIDDEN = re.compile(
    r"\b(neglect\w*|ignor(?:ed|es|ing)|overdue|scor(?:e|es|ed)|grad(?:e|es|ed)|streaks?|rank\w*"
    r"|fail\w*|forgot\w*|lazy|you should|must|checking in|check in|say hi|touch base|reach out"
    r"|he|she|him|her|his|hers|himself|herself)\b",
    re.IGNORECASE,
)
SAID_TO_READERS = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def test_no_word_blames_grades_or_guesses() -> None:
    days = (full_day(), (), (reply(),), (article(), introduction()))
    pages = [page(*day, is_first=first, reply_to=to) for day in days
             for first in (True, False) for to in ("", "you@example.org")]  # fmt: skip
    for printed in chain(map(render_text, pages), map(render_html, pages)):
        text = re.sub(r"<style.*?</style>|<[^>]*>", " ", printed, flags=re.DOTALL)
        assert not FORBIDDEN.findall(text)


def test_no_wording_in_the_sources_does_either() -> None:
    folder = Path(daemon.digest.__file__).parent
    files = [*folder.glob("*.py"), *folder.glob("templates/*.jinja")]
    assert len(files) > 10
    for file in files:
        source = re.sub(r'"""[\s\S]*?"""', "", file.read_text(encoding="utf-8"))
        said = SAID_TO_READERS.findall(source) if file.suffix == ".py" else [source]
        assert not FORBIDDEN.findall("\n".join(said)), file.name


@pytest.mark.parametrize("words", ["You neglected Ana.", "a score of 7", "your streak", "ask her"])
def test_the_list_of_words_catches_what_it_is_for(words: str) -> None:
    assert FORBIDDEN.search(words)
