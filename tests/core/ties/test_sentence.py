"""What the owner reads is plain, true to the numbers, and blames nobody."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import estimate_history
from daemon.ties.model import ContactHistory, State, Tie
from daemon.ties.models.renewal import Renewal
from daemon.ties.sentence import say, say_short
from tests.core.ties.rhythms import NEUTRAL

START = date(2020, 1, 1)


def tie_of(
    gaps: list[int],
    silent: int,
    *,
    n_out: int = 5,
    n_in: int = 5,
    model: Renewal = Renewal(),  # noqa: B008 -- immutable: one instance serves
) -> Tie:
    days = [START]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    alter = PersonId("ana@example.org")
    on = days[-1] + timedelta(silent)
    return estimate_history(ContactHistory(alter, tuple(days), n_out, n_in, on), model=model)


USUAL = [10, 10, 11, 10, 8, 8, 8, 10, 11, 8, 8, 10, 9, 8, 10, 7]


def test_the_sentence_of_the_design_notes_comes_from_a_real_history() -> None:
    # The odds as they come: what is shipped is fitted, and says it in other numbers.
    assert say(tie_of(USUAL, 46, model=NEUTRAL)) == (
        "Silent 46 days. You two usually talk every 9; only 1 gap in 100 was this long. "
        "71 % likely to become a six-month silence; 22 % chance of contact in the next 30 days."
    )


def test_the_shipped_model_says_it_in_the_same_shape() -> None:
    assert re.fullmatch(
        r"Silent 46 days\. You two usually talk every 9; only 1 gap in 100 was this long\. "
        r"\d\d % likely to become a six-month silence; "
        r"\d\d % chance of contact in the next 30 days\.",
        say(tie_of(USUAL, 46)),
    )


def test_the_state_line_is_short() -> None:
    assert say_short(tie_of(USUAL, 41)) == "you two usually talk every 9 days, it has been 41"


@pytest.mark.parametrize(("silent", "when"), [(0, "today"), (1, "yesterday")])
def test_fresh_contact_is_called_by_its_day(silent: int, when: str) -> None:
    assert say(tie_of(USUAL, silent)).startswith(
        f"In contact {when}. You two usually talk every 9 days. "
    )
    assert say_short(tie_of(USUAL, silent)).endswith(f"every 9 days, the last time {when}")


def test_a_daily_tie_talks_every_day() -> None:
    assert "You two usually talk every day; " in say(tie_of([1] * 60, 2))


def test_a_new_tie_says_what_there_is() -> None:
    assert say(tie_of([6], 5)) == (
        "Contact on 2 days so far, the last 5 days ago; too little yet to know a rhythm."
    )
    assert say_short(tie_of([], 0)) == "contact on 1 day so far, today"


@pytest.mark.parametrize(
    ("n_out", "n_in", "way"), [(4, 0, "all of it from you"), (0, 4, "all of it to you")]
)
def test_a_one_way_tie_says_which_way(n_out: int, n_in: int, way: str) -> None:
    tie = tie_of([6, 6, 6], 1, n_out=n_out, n_in=n_in)
    assert say(tie) == f"Contact on 4 days so far, the last yesterday, {way}."


def test_a_dormant_tie_says_how_it_was() -> None:
    assert say(tie_of(USUAL, 412)) == "Silent 412 days. You two used to talk every 9 days."
    assert say_short(tie_of(USUAL, 412)) == "you two used to talk every 9 days, it has been 412"


def test_two_days_years_ago_are_not_called_a_rhythm() -> None:
    assert say(tie_of([30], 900)) == "Contact on 2 days so far, the last 900 days ago."


@pytest.mark.parametrize(
    ("dormant_at_days", "words"),
    [
        (10, "a ten-day"),
        (30, "a one-month"),
        (180, "a six-month"),
        (240, "an eight-month"),
        (335, "an eleven-month"),
        (365, "a year-long"),
        (548, "an 18-month"),
        (730, "a two-year"),
        (29_220, "an 80-year"),
    ],
)
def test_a_silence_is_named_by_its_length(dormant_at_days: float, words: str) -> None:
    tie = replace(tie_of(USUAL, 46), dormant_at_days=dormant_at_days)
    assert f"likely to become {words} silence" in say(tie)


@pytest.mark.parametrize(
    ("unusual", "words"),
    [
        (0.0, "most gaps were this long"),
        (0.5, "about half the gaps were this long"),
        (0.7, "; 1 gap in 3 was this long"),
        (0.8, "only 1 gap in 5 was this long"),
        (0.989, "only 1 gap in 100 was this long"),
        (0.999, "only 1 gap in 1000 was this long"),
        (1.0, "fewer than 1 gap in 1000 was this long"),
    ],
)
def test_the_share_of_gaps_is_said_in_gaps(unusual: float, words: str) -> None:
    assert words in say(replace(tie_of(USUAL, 46), unusual=unusual))


def test_nothing_is_said_to_be_certain() -> None:
    sure = replace(tie_of(USUAL, 46), p_dormant=0.9999, p_contact_30=0.0001)
    assert "More than 99 % likely to become" in say(sure)
    assert "less than 1 % chance of contact" in say(sure)


TIES = st.builds(
    tie_of,
    st.lists(st.integers(1, 400), max_size=10),
    st.integers(0, 900),
    n_out=st.integers(0, 3),
    n_in=st.integers(0, 3),
)


@given(TIES)
def test_every_tie_has_a_well_formed_sentence(tie: Tie) -> None:
    sentence, short = say(tie), say_short(tie)
    assert sentence[0].isupper() or sentence[0].isdigit()
    assert sentence.endswith(".")
    assert not re.search(r"\b1 days|every 1 |neglect|ignor|score|nan|  |\.\.", sentence + short)
    assert not short.endswith(".")
    assert len(short) <= 72


@given(TIES.filter(lambda tie: tie.state in {State.ACTIVE, State.COOLING, State.FADING}))
def test_both_facts_stand_apart_in_the_sentence(tie: Tie) -> None:
    assert re.search(
        r"You two usually talk every .*\. .*likely to become an? \S+ silence; ", say(tie)
    )
