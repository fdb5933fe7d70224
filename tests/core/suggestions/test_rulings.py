"""What rules over a forecast is said in plain words, and only where something does."""

import pytest

from daemon.suggestions.model import (
    Cadence,
    Circle,
    Gaps,
    Never,
    Rest,
    Rules,
    SuggestionDecision,
)
from daemon.suggestions.rulings import read_rulings, say_ruling_short, say_rulings
from daemon.ties.model import State, Tie
from tests.builders import days_ago, identity, meeting, offered, person_id, situation, tie

SANA = identity("sana")
FADING = tie("sana", State.FADING, silent_days=41)
RULES = Rules(circles={"close": Gaps(14, 30, "close")})


def said(one: Tie, *decisions: SuggestionDecision, **more: object) -> list[str]:
    day = situation(one, decisions=decisions, **more)  # type: ignore[arg-type]  # a builder's fields
    ruling = read_rulings(day)[person_id("sana")]
    return [*say_rulings(one, ruling), say_ruling_short(one, ruling)]


def test_where_the_forecast_stands_alone_nothing_is_said() -> None:
    assert said(FADING) == [""]
    assert said(FADING, Circle(SANA, "close", days_ago(1))) == [""]


@pytest.mark.parametrize(
    ("longest", "ideal", "expected"),
    [
        (30, None, "You asked for contact at least every 30 days; it has been 41."),
        (1, None, "You asked for contact at least every day; it has been 41."),
        (None, 14, "You want contact every 14 days; it has been 41."),
        (30, 14, "You want contact every 14 days and at least every 30 days; it has been 41."),
        (30, 30, "You asked for contact at least every 30 days; it has been 41."),
    ],
)
def test_the_gaps_asked_for_are_said_with_the_silence(
    longest: int | None, ideal: int | None, expected: str
) -> None:
    sentence, short = said(FADING, Cadence(SANA, longest, days_ago(90), ideal))
    assert sentence == expected
    assert short == f"y{expected[1:]}".partition(";")[0]


def test_a_gap_of_the_circle_names_the_circle() -> None:
    sentence, _ = said(FADING, Circle(SANA, "close", days_ago(90)), rules=RULES)
    assert sentence == (
        "You want contact with your close circle every 14 days and at least every 30 days; "
        "it has been 41."
    )


def test_who_was_in_touch_just_now_is_told_so() -> None:
    sentence, _ = said(tie("sana", silent_days=0), Cadence(SANA, 30, days_ago(90)))
    assert sentence.endswith("every 30 days; you were in touch today.")


def test_a_booked_meeting_holds_a_flag_and_is_named_without_one() -> None:
    booked = (meeting("sana", in_days=12),)
    assert said(FADING, booked=booked) == [
        "Held: you meet on 30 November.",
        "held: you meet on 30 November",
    ]
    assert said(tie("sana"), booked=booked)[0] == "You meet on 30 November."
    far = (meeting("sana", in_days=40),)
    assert said(FADING, booked=far) == ["You meet on 28 December.", ""]


def test_the_next_of_several_meetings_is_named() -> None:
    booked = (meeting("sana", in_days=12), meeting("sana", in_days=1), meeting("sana", in_days=20))
    assert said(FADING, booked=booked)[0] == "Held: you meet tomorrow."


def test_rest_and_never_end_what_there_is_to_say() -> None:
    rest, never = Rest(SANA, days_ago(5)), Never(SANA, days_ago(5))
    more = {"booked": (meeting("sana"),), "unanswered": {"sana": 3}}
    assert said(FADING, rest, **more) == [
        "You let this tie rest: it is not spoken of until you are in touch again.",
        "resting",
    ]
    assert said(FADING, rest, never, **more) == [
        "You said never: nothing is suggested.",
        "never suggested",
    ]


def test_nobody_is_pushed_and_nobody_is_told_twice() -> None:
    assert said(FADING, unanswered={"sana": 3}) == [
        "You wrote 3 times since they last did, so nothing is suggested.",
        "",
    ]
    assert said(FADING, offered=(offered("sana", n_days_ago=20),))[0] == (
        "You were told on 29 October; the next time is on 28 November at the earliest."
    )
    assert said(tie("sana"), offered=(offered("sana", n_days_ago=20),)) == [""]


def test_a_flag_is_none_at_rest_nor_asleep_unless_it_was_asked_for() -> None:
    def flagged(one: Tie, *decisions: SuggestionDecision) -> bool:
        return read_rulings(situation(one, decisions=decisions))[person_id("sana")].is_flagged

    assert flagged(FADING)
    assert not flagged(FADING, Rest(SANA, days_ago(5)))
    assert not flagged(FADING, Never(SANA, days_ago(5)))
    asleep = tie("sana", State.DORMANT, silent_days=400)
    assert not flagged(asleep)
    assert flagged(asleep, Cadence(SANA, 30, days_ago(90)))
