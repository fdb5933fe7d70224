"""Of the facts, only those of the past are looked at, to the second."""

from dataclasses import replace
from datetime import timedelta

from daemon.suggestions.known import keep_known
from daemon.suggestions.model import Done, SuggestionKey
from tests.builders import (
    AT,
    TODAY,
    encounter,
    meeting,
    offered,
    offering,
    situation,
    spoken,
    topic,
)

SOON = AT + timedelta(seconds=1)


def test_what_happens_a_second_later_is_not_known() -> None:
    ahead = situation(
        "sana",
        spoken=(replace(spoken("sana"), at=SOON),),
        offerings=(replace(offering(), received_at=SOON),),
        topics={"sana": (replace(topic("battery"), last_at=SOON),)},
        encounters=(replace(encounter("sana"), at=SOON),),
        offered=(replace(offered("sana"), offered_on=TODAY + timedelta(days=1)),),
        decisions=(Done(SuggestionKey("a"), SOON),),
    )
    known = keep_known(ahead)
    assert not known.spoken
    assert not known.offerings
    assert not any(known.topics.values())
    assert not known.encounters
    assert not known.offered
    assert not known.decisions


def test_an_answer_of_the_future_is_none_yet() -> None:
    ask = spoken("sana", answered_at=SOON, written_since_at=SOON)
    met = encounter("sana", wrote_since_at=SOON)
    known = keep_known(situation("sana", spoken=(ask,), encounters=(met,)))
    assert known.spoken == (spoken("sana"),)
    assert known.encounters == (encounter("sana"),)


def test_what_has_happened_and_what_is_booked_stays() -> None:
    morning = situation(
        "sana",
        spoken=(replace(spoken("sana"), at=AT, answered_at=AT),),
        encounters=(replace(encounter("sana"), at=AT),),
        offered=(offered("sana", n_days_ago=0),),
        booked=(meeting("sana"),),
    )
    assert keep_known(morning) == morning
