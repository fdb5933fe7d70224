"""Whoever was first met lately, and not written to since, is sent something useful."""

import pytest

from daemon.suggestions.kinds.follow_up import propose_follow_ups
from daemon.suggestions.model import Encounter, Lane, Situation, Suggestion, Value
from daemon.ties.model import State, Tie
from tests.builders import days_ago, encounter, offering, promise, situation, tie, topic

NEW = tie("lena", State.NEW, silent_days=2, n_days=1)


def follow_up(morning: Situation) -> Suggestion:
    (one,) = propose_follow_ups(morning)
    return one


def test_a_first_meeting_asks_for_what_is_at_hand_its_notes() -> None:
    one = follow_up(situation(NEW, encounters=(encounter("lena"),)))
    assert one.action == "Send Lena your notes of “harbour logistics meet-up”."
    assert one.why == (
        "you first met on Monday (“harbour logistics meet-up”), and you have not written since."
    )
    assert one.lane is Lane.STAY_CLOSE
    assert one.draft is not None
    assert "16 November (harbour logistics meet-up)" in one.draft.body


@pytest.mark.parametrize(
    "met",
    [
        encounter("lena", wrote_since_at=days_ago(1)),
        encounter("lena", met_days_ago=15),
        encounter("lena", n_attendees=9),
        encounter("stranger"),
    ],
    ids="written to|long ago|a crowd|a stranger".split("|"),
)
def test_it_is_silent_about(met: Encounter) -> None:
    assert propose_follow_ups(situation(NEW, encounters=(met,))) == ()


def test_a_first_exchange_by_mail_must_have_gone_both_ways() -> None:
    met = encounter("lena", channel="email", summary="Cold chain")
    one_way = tie("lena", State.NEW, is_mutual=False)
    assert propose_follow_ups(situation(one_way, encounters=(met,))) == ()
    assert propose_follow_ups(fitting(one_way, met)) == ()
    one = follow_up(fitting(NEW, met))
    assert one.action == "Send Lena “Second-life batteries: what 40 pilots taught us”."
    assert one.why.startswith("you were first in touch on Monday")


def fitting(standing: Tie, met: Encounter) -> Situation:
    """Somebody met, and a piece on the shelf that fits them."""
    return situation(
        standing,
        encounters=(met,),
        offerings=(offering(),),
        topics={"lena": (topic("battery", came_up_days_ago=2), topic("depot"))},
        term_people={"battery": 1, "depot": 1},
    )


def test_after_mere_mail_nothing_vague_is_suggested() -> None:
    met = encounter("lena", channel="email", summary="Cold chain")
    assert propose_follow_ups(situation(NEW, encounters=(met,))) == ()


def test_it_is_worth_most_within_three_days() -> None:
    fits = [
        follow_up(situation(NEW, encounters=(encounter("lena", met_days_ago=days),))).fit
        for days in range(15)
    ]
    assert len(set(fits[:4])) == 1
    assert fits[3:] == sorted(fits[3:], reverse=True)
    assert len(set(fits[3:])) == 12
    assert fits[14] < fits[0] / 3


def test_a_piece_that_fits_is_better_than_notes() -> None:
    one = follow_up(fitting(NEW, encounter("lena")))
    assert one.action == "Send Lena “Second-life batteries: what 40 pilots taught us”."
    assert one.url == offering().url
    assert one.lane is Lane.BRING
    assert "Battery came up" in one.why


def test_what_was_promised_comes_first() -> None:
    made = promise("lena", "I'll send the slide deck.", asked_days_ago=1)
    one = follow_up(
        situation(
            NEW,
            encounters=(encounter("lena"),),
            spoken=(made,),
            offerings=(offering(),),
            topics={"lena": (topic("battery"), topic("depot"))},
        )
    )
    assert one.action == "Send Lena what you promised: “I'll send the slide deck.”"
    assert one.value is Value.HELP


def test_without_a_piece_their_topic_is_the_thing() -> None:
    morning = situation(
        NEW, encounters=(encounter("lena"),), topics={"lena": (topic("cold chain", 1),)}
    )
    assert follow_up(morning).action == "Send Lena one thing you know about cold chain."


@pytest.mark.parametrize("word", ["meeting", "time", "day", "news"])
def test_a_word_of_every_mail_is_no_topic(word: str) -> None:
    morning = situation(NEW, encounters=(encounter("lena"),), topics={"lena": (topic(word),)})
    assert "notes" in follow_up(morning).action
