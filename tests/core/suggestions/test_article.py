"""A piece goes to ties that need one, and to others only when it fits beyond the ordinary."""

import pytest

from daemon.suggestions.kinds.article import EXTRAORDINARY, propose_articles
from daemon.suggestions.model import (
    Cadence,
    Helped,
    Lane,
    Offering,
    Rules,
    SuggestionDecision,
    Topic,
    Value,
)
from daemon.ties.model import State, Tie
from tests.builders import days_ago, identity, offering, person_id, situation, tie, topic

GOOD = (topic("battery"), topic("depot"))
BEST = tuple(topic(term, 30, came_up_days_ago=1) for term in ("battery", "depot", "ageing"))


def articles(
    one: Tie,
    *,
    topics: tuple[Topic, ...] = GOOD,
    pieces: tuple[Offering, ...] = (offering(),),
    decisions: tuple[SuggestionDecision, ...] = (),
    rules: Rules | None = None,
) -> list[str]:
    morning = situation(
        one, offerings=pieces, topics={"sana": topics}, decisions=decisions, rules=rules
    )
    return [found.url for found in propose_articles(morning)]


def test_a_piece_says_where_its_topic_came_up_and_where_it_is_from() -> None:
    fading = tie("sana", State.FADING)
    (one,) = propose_articles(
        situation(fading, offerings=(offering(),), topics={"sana": (topic("battery"),)})
    )
    assert one.action == "Send Sana “Second-life batteries: what 40 pilots taught us”."
    assert one.why == (
        "battery came up in 6 of your threads, last on 11 October. "
        "The piece came on Thursday from the Grid Storage newsletter."
    )
    assert (one.value, one.lane, one.minutes) == (Value.INFORMATION, Lane.BRING, 2)
    assert one.draft is not None
    assert one.draft.body == (
        "Sana,\n\nbattery came up between us in October, and this piece is about it:\n\n"
        "“Second-life batteries: what 40 pilots taught us”\n"
        "https://news.example.com/cells\n\nNo need to reply."
    )


@pytest.mark.parametrize("state", [State.COOLING, State.FADING, State.NEW, State.DORMANT])
def test_a_tie_in_need_is_given_something(state: State) -> None:
    assert articles(tie("sana", state)) == [offering().url]


def test_an_active_tie_is_given_only_what_fits_beyond_the_ordinary() -> None:
    active = tie("sana", State.ACTIVE)
    assert articles(active) == []
    assert articles(active, topics=BEST) == [offering().url]
    (one,) = propose_articles(situation(active, offerings=(offering(),), topics={"sana": BEST}))
    assert one.fit >= EXTRAORDINARY


def test_who_has_helped_the_ego_is_owed() -> None:
    active = tie("sana", State.ACTIVE)
    got = Helped(identity("sana"), False, "the contact", days_ago(20))
    gave = Helped(identity("sana"), True, "a view", days_ago(10))
    assert articles(active, decisions=(got,)) == [offering().url]
    assert articles(active, decisions=(got, gave)) == []


def test_the_owners_longest_gap_rules_over_the_model() -> None:
    def wanted(longest_days: int) -> tuple[SuggestionDecision, ...]:
        return (Cadence(identity("sana"), longest_days, days_ago(90)),)

    active, fading = tie("sana", State.ACTIVE), tie("sana", State.FADING)
    assert articles(active, decisions=wanted(30)) == [offering().url]
    assert articles(fading, decisions=wanted(31)) == []


def test_nobody_who_never_answered_is_sent_reading() -> None:
    assert articles(tie("sana", State.NEW, is_mutual=False)) == []


def test_nobody_stays_new_for_ever() -> None:
    assert articles(tie("sana", State.NEW, silent_days=60)) == [offering().url]
    assert articles(tie("sana", State.NEW, silent_days=61)) == []


def test_a_weak_match_is_none() -> None:
    fading = tie("sana", State.FADING)
    assert articles(fading, rules=Rules(min_match=0.9)) == []


def test_what_they_have_already_is_passed_over_for_the_next_best() -> None:
    shared = offering("first", shared_with=frozenset({person_id("sana")}))
    fading = tie("sana", State.FADING)
    assert articles(fading, pieces=(shared,)) == []
    assert articles(fading, pieces=(shared, offering("second"))) == [offering("second").url]


def test_one_piece_a_person() -> None:
    many = tuple(offering(f"n{n}", {"battery": 3, "depot": 1 + n}) for n in range(4))
    assert len(articles(tie("sana", State.FADING), pieces=many)) == 1
