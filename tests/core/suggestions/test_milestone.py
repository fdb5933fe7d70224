"""Birthdays, first contacts and memories come up on their day, and only where they are true."""

from datetime import date, timedelta

import pytest

from connectors.observations import Birthday
from daemon.cues.model import CueKind
from daemon.suggestions.kinds.milestone import find_next, propose_milestones
from daemon.suggestions.model import Lane, Occasion, Situation, Value
from daemon.ties.model import State, Tie
from tests.builders import TODAY, encounter, occasion, person, situation, spoken, tie


def actions(morning: Situation) -> list[str]:
    return [one.action for one in propose_milestones(morning)]


def met_on(on: date, **facts: object) -> Tie:
    return tie("sana", first_on=on, **facts)  # type: ignore[arg-type]  # reason: tie() checks them


def known_since_ever(*ties: Tie) -> Situation:
    return situation(*ties, observed_since=date(2000, 1, 1))


def test_a_birthday_is_told_three_days_ahead_and_on_the_day() -> None:
    def wish(in_days: int) -> list[str]:
        on = TODAY + timedelta(days=in_days)
        return actions(situation("sana", occasions=(occasion("sana", on.month, on.day),)))

    assert wish(0) == ["Wish Sana a happy birthday today."]
    assert wish(3) == ["Wish Sana a happy birthday on Saturday."]
    assert wish(4) == wish(-1) == []


def test_an_age_is_said_where_the_year_is_known() -> None:
    def why(year: int | None) -> str:
        born = occasion("sana", 11, 20, year)
        return propose_milestones(situation("sana", occasions=(born,)))[0].why

    assert why(1986) == "Sana turns 40, 20 November; it is in your address book."
    for unknown in (None, 1604, 2026):
        assert why(unknown).startswith("it is Sana\u2019s day, 20 November")


@pytest.mark.parametrize(
    ("today", "on"),
    [
        (date(2027, 2, 26), date(2027, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2028, 2, 29)),
    ],
)
def test_the_29th_of_february_is_kept_on_the_28th_between(today: date, on: date) -> None:
    assert find_next(Birthday(2, 29), today) == on


def test_a_birthday_at_the_turn_of_the_year_is_the_next_years() -> None:
    assert find_next(Birthday(1, 1), date(2026, 12, 30)) == date(2027, 1, 1)


def test_only_somebody_the_ego_knows_has_a_birthday() -> None:
    stranger = (occasion("stranger", 11, 19),)
    assert actions(situation("sana", occasions=stranger)) == []
    assert actions(situation("sana", occasions=stranger, people=(person("stranger"),))) == []


def test_two_address_books_make_one_birthday() -> None:
    twice = (
        Occasion(occasion("sana", 1, 1).person, Birthday(11, 19), "cards", "a"),
        Occasion(occasion("sana", 1, 1).person, Birthday(11, 20, 1986), "phone", "b"),
    )
    assert actions(situation("sana", occasions=twice)) == ["Wish Sana a happy birthday on Friday."]


def test_next_years_birthday_is_another_one() -> None:
    def key(today: date) -> str:
        born = (occasion("sana", 11, 20),)
        return propose_milestones(situation("sana", occasions=born, today=today))[0].key

    assert key(TODAY) == key(TODAY + timedelta(days=1))
    assert key(TODAY) != key(TODAY.replace(year=2027))


def test_the_anniversary_of_first_contact_says_the_day() -> None:
    morning = known_since_ever(met_on(date(2023, 11, 18)))
    (one,) = propose_milestones(morning)
    assert one.action == "Tell Sana what has stayed with you from 3 years of being in touch."
    assert one.why == "you were first in touch 3 years ago, on 18 November 2023."
    assert (one.value, one.lane) == (Value.ENTERTAINMENT, Lane.STAY_CLOSE)


def test_an_anniversary_says_where_it_began_if_that_is_known() -> None:
    since_ever = date(2000, 1, 1)
    met = encounter("sana", met_days_ago=1096)
    morning = situation(met_on(date(2023, 11, 18)), encounters=(met,), observed_since=since_ever)
    (one,) = propose_milestones(morning)
    assert one.why.endswith("on 18 November 2023 (“harbour logistics meet-up”).")
    assert one.evidence[0].uid == met.uid


@pytest.mark.parametrize("on", [date(2024, 11, 16), date(2021, 11, 17), date(2016, 11, 18)])
def test_an_anniversary_may_be_two_days_late(on: date) -> None:
    assert len(actions(known_since_ever(met_on(on)))) == 1


@pytest.mark.parametrize(
    "one",
    [
        met_on(date(2022, 11, 18)),
        met_on(date(2023, 11, 19)),
        met_on(date(2023, 11, 15)),
        met_on(date(2023, 11, 18), n_days=4),
        met_on(date(2023, 11, 18), is_mutual=False),
        met_on(date(2023, 11, 18), state=State.DORMANT),
        met_on(TODAY),
    ],
    ids="4 years|tomorrow|3 days ago|hardly known|one-way|dormant|today".split("|"),
)
def test_no_anniversary_for(one: Tie) -> None:
    assert actions(known_since_ever(one)) == []


def test_a_first_contact_where_the_sources_begin_may_not_be_the_first() -> None:
    sana = met_on(date(2023, 11, 18))
    assert actions(situation(sana, observed_since=date(2023, 10, 1))) == []
    assert actions(situation(sana, tie("joy", first_on=date(2023, 10, 1)))) == []
    assert len(actions(situation(sana, tie("joy", first_on=date(2020, 1, 1))))) == 1


def test_a_memory_is_words_that_were_really_said_on_this_day() -> None:
    news = spoken(
        "sana",
        "I start at the depot in May",
        kind=CueKind.GOOD_NEWS,
        asked_days_ago=2 * 365 + 1 - 1,
        subject="Depot",
    )
    (one,) = propose_milestones(situation("sana", spoken=(news,)))
    assert one.action == "Remind Sana of this: “I start at the depot in May”"
    assert one.why == "Sana wrote it 2 years ago today, in “Depot”."
    assert one.evidence[0].quote == news.sentence


@pytest.mark.parametrize(
    ("kind", "days", "by_ego"),
    [
        (CueKind.ASK, 730, False),
        (CueKind.THANKS, 730, False),
        (CueKind.GOOD_NEWS, 729, False),
        (CueKind.GOOD_NEWS, 0, False),
        (CueKind.GOOD_NEWS, 730, True),
        (CueKind.HARD_NEWS, 730, False),
    ],
)
def test_nothing_else_is_a_memory(kind: CueKind, days: int, by_ego: bool) -> None:
    said = spoken("sana", "thanks for it", kind=kind, asked_days_ago=days, by_ego=by_ego)
    assert actions(situation("sana", spoken=(said,))) == []
