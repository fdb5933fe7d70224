"""Where nothing better is found, a fading tie gets a piece of the owner's own news."""

from dataclasses import replace

import pytest

from daemon.suggestions.kinds.news import MIN_DAYS, propose_news
from daemon.suggestions.model import Evidence, Lane, Never, Situation
from daemon.ties.model import State, Tie
from tests.builders import (
    days_ago,
    identity,
    meeting,
    offered,
    person_id,
    situation,
    tie,
    topic,
)

FADING = tie("sana", State.FADING, silent_days=60, n_days=50)


def letters(*who: str) -> dict[str, Evidence]:
    return {
        person_id(name): Evidence("mail", f"last-{name}", days_ago(60), "Re: Depot cells")
        for name in who
    }


def morning(*ties: Tie, **more: object) -> Situation:
    return replace(situation(*ties, **more), last_letters=letters("sana", "joy"))  # type: ignore[arg-type]  # a builder's fields


def test_it_names_the_last_letter_and_what_was_talked_about() -> None:
    topics = {"sana": (replace(topic("cold chain"), n_threads=3),)}
    (one,) = propose_news(morning(FADING, topics=topics, term_people={"cold chain": 1}))
    assert one.action == "Tell Sana one thing that is new with you on cold chain."
    assert "about “Re: Depot cells”" in one.why
    assert one.evidence[0].quote == "Re: Depot cells"
    assert one.lane is Lane.STAY_CLOSE
    assert one.draft is not None
    assert "this is new here" in one.draft.body


def test_it_is_one_a_day_for_the_tie_longest_known() -> None:
    found = propose_news(morning(FADING, tie("joy", State.FADING, n_days=90)))
    assert [one.people for one in found] == [(person_id("joy"),)]


@pytest.mark.parametrize("state", [s for s in State if s is not State.FADING])
def test_it_is_for_fading_ties_only(state: State) -> None:
    assert propose_news(morning(tie("sana", state, n_days=50))) == ()


def test_it_passes_over_slight_and_one_way_ties_and_those_without_a_letter() -> None:
    for one in (
        tie("sana", State.FADING, n_days=MIN_DAYS - 1),
        tie("sana", State.FADING, n_days=50, is_mutual=False),
        tie("tomas", State.FADING, n_days=50),
    ):
        assert propose_news(morning(one)) == ()


def test_it_passes_over_whom_a_digest_named_lately_or_a_meeting_awaits() -> None:
    assert propose_news(morning(FADING, offered=(offered("sana", n_days_ago=3),))) == ()
    assert propose_news(morning(FADING, offered=(offered("sana", n_days_ago=30),))) != ()
    assert propose_news(morning(FADING, booked=(meeting("sana"),))) == ()


def test_the_next_one_has_a_turn_where_the_first_is_to_be_left_alone() -> None:
    ties = (FADING, tie("joy", State.FADING, n_days=90))
    never = Never(identity("joy"), days_ago(1))
    for more in ({"decisions": (never,)}, {"unanswered": {"joy": 2}}):
        assert [one.people for one in propose_news(morning(*ties, **more))] == [
            (person_id("sana"),)
        ]
