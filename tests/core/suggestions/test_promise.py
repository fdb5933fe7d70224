"""The ego's own open promises come up while they can still be kept."""

from datetime import timedelta

import pytest

from daemon.suggestions.kinds.promise import MIN_CONFIDENCE, propose_promises
from daemon.suggestions.model import Lane, Spoken
from tests.builders import TODAY, days_ago, person_id, promise, situation, spoken


def promises_of(*made: Spoken) -> list[str]:
    return [one.evidence[0].uid for one in propose_promises(situation("ines", "sana", spoken=made))]


def test_an_open_promise_is_quoted_with_the_day_it_was_made() -> None:
    made = promise("ines", asked_days_ago=8, subject="Freight")
    (one,) = propose_promises(situation("ines", spoken=(made,)))
    assert one.action == "Do what you promised Ines Carvalho: “I'll send you the contact.”"
    assert one.why == "you wrote this on 10 November in “Freight”."
    assert one.lane is Lane.OWE
    assert one.minutes == 2
    assert one.draft is not None
    assert one.draft.body.startswith("Ines,\n\nI wrote: “I'll send you the contact.”")


@pytest.mark.parametrize(
    "made",
    [
        promise("ines", by_ego=False),
        promise("ines", asked_days_ago=2),
        promise("ines", asked_days_ago=31),
        promise("ines", answered_at=days_ago(1)),
        promise("ines", confidence=MIN_CONFIDENCE - 0.01),
        promise("ines", due_on=TODAY + timedelta(days=2)),
        promise("ines", asked_days_ago=0.1, due_on=TODAY),
        promise("stranger"),
        spoken("ines", by_ego=True),
    ],
    ids="theirs|fresh|old|kept|unsure|not yet|made today|stranger|an ask".split("|"),
)
def test_it_is_silent_about(made: Spoken) -> None:
    assert promises_of(made) == []


def test_a_promise_for_tomorrow_comes_up_today() -> None:
    made = promise("ines", asked_days_ago=1, due_on=TODAY + timedelta(days=1))
    assert promises_of(made) == [made.uid]


def test_one_promise_a_thread_and_person() -> None:
    vague = promise("ines", "I'll look into it.", confidence=0.8, thread="t", uid="vague")
    clear = promise("ines", confidence=0.95, thread="t", uid="clear")
    other = promise("sana", confidence=0.9, thread="t", uid="other")
    assert sorted(promises_of(vague, clear, other)) == ["clear", "other"]


def test_what_was_promised_to_a_crowd_fits_less() -> None:
    to_one, to_many = promise("ines"), promise("sana", n_recipients=4)
    found = propose_promises(situation("ines", "sana", spoken=(to_one, to_many)))
    fits = {one.people[0]: one.fit for one in found}
    assert fits[person_id("sana")] < fits[person_id("ines")]
