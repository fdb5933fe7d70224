import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.digest import subject
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from daemon.suggestions.model import Lane, Suggestion
from tests.core.digest.pages import (
    article,
    follow_up,
    full_day,
    introduction,
    page,
    person,
    person_id,
    promise,
    reply,
    suggestion,
)

NUMBERS = dict(zip("no one two three four five six seven".split(), range(8), strict=True))

DAYS = st.lists(
    st.sampled_from([article(), introduction(), follow_up(), reply(), promise()]), max_size=7
)


def counted(news: str) -> int:
    return sum(NUMBERS[word] for word in re.findall(r"\w+", news.lower()) if word in NUMBERS)


@settings(max_examples=40)
@given(DAYS)
def test_the_subject_the_title_and_the_body_count_the_same(chosen: list[Suggestion]) -> None:
    made = page(*chosen)
    text = render_text(made)
    n = len(chosen)

    assert len(re.findall(r"^\d+\. ", text, flags=re.MULTILINE)) == n
    assert render_html(made).count("<h3 ") == n
    if n:
        assert counted(made.subject.rpartition(": ")[2]) == n
        assert counted(text.partition("\n")[0]) == n


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ((article(), introduction()), "Sana, Marek and Joy: two things you could give"),
        ((article(),), "Sana: one thing you could give"),
        (
            (reply(), suggestion("reply", "ines", lane=Lane.OWE)),
            "Tomás and Ines: two answers you owe",
        ),
        ((reply(),), "Tomás: one answer you owe"),
        ((promise(),), "Ines: one promise to keep"),
        ((reply(), promise()), "Tomás and Ines: one answer you owe, one promise to keep"),
        ((reply(), article()), "Sana and Tomás: one thing you could give, one you owe"),
        ((replace(reply(), kind="bill"),), "Tomás: one thing you owe"),
        (full_day(), "Sana, Marek, Joy and three others: three things you could give, two you owe"),
        ((), "Nothing to give today"),
    ],
)
def test_the_subject_says_the_news_with_names(chosen: tuple[Suggestion, ...], said: str) -> None:
    assert page(*chosen).subject == said


def test_two_of_one_given_name_are_told_apart() -> None:
    people = {person_id(who): person(who, name) for who, name in
              (("sana", "Ana Diaz"), ("tomas", "Ana Pereira"))}  # fmt: skip
    made = page(article(), reply(), people=people)
    assert made.subject == "Ana Diaz and Ana Pereira: one thing you could give, one you owe"


def test_somebody_unknown_is_called_by_the_address() -> None:
    assert page(article(), people={}).subject == "sana@example.org: one thing you could give"


def test_the_title_is_the_subject_without_names() -> None:
    assert (
        subject.say_title(page(*full_day()).items)
        == "Three things you could give today, two you owe"
    )
    assert subject.say_title(page(reply()).items) == "One answer you owe"


@given(DAYS.filter(bool), st.text(min_size=1) | st.text(min_size=100, max_size=200))
def test_the_preheader_adds_to_the_subject_in_90_characters(
    chosen: list[Suggestion], says: str
) -> None:
    items = page(*chosen).items
    shown = subject.say_preheader((replace(items[0], says=says), *items[1:]))

    assert 0 < len(shown) <= subject.PREHEADER_CHARS
    assert shown != subject.say_subject(items)


def test_the_preheader_tells_how_the_first_tie_stands_and_how_long_all_takes() -> None:
    assert page(*full_day()).preheader == (
        "Sana: you two usually talk every 9 days, it has been 41. About 12 minutes in all."
    )
    assert page(introduction()).preheader.startswith("Marek: you two usually talk")
    assert page().preheader == ""
