"""An ask becomes a reply to give when it waits longer than usual, and only then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.cues.model import CueKind
from daemon.people.model import Identity
from daemon.suggestions.kinds.reply import MIN_CONFIDENCE, propose_replies
from daemon.suggestions.model import Done, Lane, Rules, Spoken, SuggestionKey
from daemon.suggestions.propose import propose
from daemon.ties.model import State
from tests.builders import TODAY, days_ago, identity, person, situation, spoken, tie


def replies_to(*asks: Spoken, **more: object) -> list[str]:
    morning = situation("tomas", "sana", spoken=asks, **more)  # type: ignore[arg-type]  # reason: situation() checks them
    return [one.evidence[0].uid for one in propose_replies(morning)]


def test_an_ask_that_waits_is_to_be_answered_and_says_when_and_where() -> None:
    ask = spoken("tomas", asked_days_ago=6, due_on=TODAY + timedelta(days=2))
    (one,) = propose_replies(situation("tomas", spoken=(ask,)))
    assert one.action == "Answer Tomás Rey: “could you look at the tender before Friday?”"
    assert one.why == "asked on Thursday in “Tender for the depot”; the day it names is Friday."
    assert one.lane is Lane.OWE
    assert one.draft is not None
    assert one.draft.subject == "Re: Tender for the depot"
    assert one.draft.in_reply_to == ask.message_id
    assert one.evidence[0].quote == ask.sentence


def test_the_owners_usual_time_to_answer_is_part_of_the_reason() -> None:
    (one,) = propose_replies(situation("tomas", spoken=(spoken("tomas"),), usual_reply_days=2.2))
    assert one.why.endswith("; you usually answer within 2 days.")


@pytest.mark.parametrize(
    "ask",
    [
        spoken("tomas", by_ego=True),
        spoken("tomas", kind=CueKind.SEEKS),
        spoken("tomas", answered_at=days_ago(1)),
        spoken("tomas", asked_days_ago=1),
        spoken("tomas", asked_days_ago=31),
        spoken("tomas", confidence=MIN_CONFIDENCE - 0.01),
        spoken("tomas", n_recipients=11),
        spoken("stranger"),
    ],
    ids="the ego's own|no ask|answered|fresh|old|unsure|to everybody|to a stranger".split("|"),
)
def test_it_is_silent_about(ask: Spoken) -> None:
    assert replies_to(ask) == []


def test_a_weekend_is_no_wait() -> None:
    saturday = TODAY - timedelta(days=4)
    asked_on_friday = spoken("tomas", asked_days_ago=5)
    rules = Rules(reply_after_workdays=3)
    assert replies_to(asked_on_friday, rules=rules) == [asked_on_friday.uid]
    asked_on_saturday = spoken("tomas", asked_days_ago=(TODAY - saturday).days)
    assert replies_to(asked_on_saturday, rules=Rules(reply_after_workdays=4)) == []


def test_an_owner_who_answers_slowly_is_not_hurried() -> None:
    ask = spoken("tomas", asked_days_ago=6)
    assert replies_to(ask, usual_reply_days=7.0) == []
    assert replies_to(ask, usual_reply_days=5.0) == [ask.uid]


def test_an_owner_who_answers_after_weeks_is_reminded_all_the_same() -> None:
    ask = spoken("tomas", asked_days_ago=12)
    assert replies_to(ask, usual_reply_days=60.0) == [ask.uid]


def test_a_day_that_is_near_does_not_wait() -> None:
    ask = spoken("tomas", asked_days_ago=1, due_on=TODAY + timedelta(days=1))
    assert replies_to(ask, usual_reply_days=7.0) == [ask.uid]


def test_an_ask_for_a_day_gone_by_fits_less() -> None:
    late = spoken("tomas", due_on=TODAY - timedelta(days=2), uid="late")
    open_ended = spoken("sana", uid="open")
    fits = {
        one.evidence[0].uid: one.fit
        for one in propose_replies(situation("tomas", "sana", spoken=(late, open_ended)))
    }
    assert fits["late"] < fits["open"]


def test_of_one_thread_the_strongest_ask_stands() -> None:
    weak = spoken("tomas", "any news?", confidence=0.8, thread="t", uid="weak")
    strong = spoken("tomas", confidence=0.97, thread="t", uid="strong")
    elsewhere = spoken("tomas", confidence=0.9, thread="u", uid="elsewhere")
    assert sorted(replies_to(weak, strong, elsewhere)) == ["elsewhere", "strong"]


def test_an_ask_to_many_is_weak_unless_it_names_the_owner() -> None:
    def fit_of(sentence: str, n_recipients: int) -> float:
        ask = spoken("tomas", sentence, n_recipients=n_recipients)
        names = frozenset({"Noor Example"})
        (one,) = propose_replies(situation("tomas", spoken=(ask,), ego_names=names))
        return one.fit

    to_one = fit_of("could you look at it?", 1)
    assert fit_of("could you look at it?", 3) == to_one
    assert fit_of("could you look at it?", 4) < to_one / 2
    assert fit_of("Noor, could you look at it?", 4) == to_one
    assert fit_of("Noor, could you look at it?", 40) == to_one


def test_an_ask_of_anybody_is_nobodys_debt() -> None:
    assert replies_to(spoken("sana", "can anyone help with the port?")) == []


def test_an_ask_the_ego_only_got_a_copy_of_is_somebody_elses_unless_it_names_the_ego() -> None:
    copied = replace(spoken("sana", "could you look at it?"), is_to_ego=False)
    assert replies_to(copied) == []
    named = replace(spoken("sana", "Noor, could you look at it?"), is_to_ego=False)
    assert replies_to(named, ego_names=frozenset({"Noor Example"})) == [named.uid]


def test_an_old_ask_is_owed_only_if_the_tie_went_quiet_with_it() -> None:
    ask = spoken("sana", "could you look at it?", asked_days_ago=100)
    quiet = tie("sana", State.FADING, silent_days=100)
    (owed,) = propose_replies(situation(quiet, spoken=(ask,)))
    assert owed.why.endswith("you have not written since.")
    lively = tie("sana", State.ACTIVE, silent_days=100)
    later = tie("sana", State.FADING, silent_days=70)
    taken_up = replace(ask, written_since_at=ask.at + timedelta(days=1))
    too_old = spoken("sana", "could you look at it?", asked_days_ago=201)
    for standing, said in ((lively, ask), (later, ask), (quiet, taken_up), (quiet, too_old)):
        assert propose_replies(situation(standing, spoken=(said,))) == ()


def test_an_ask_that_calls_somebody_else_by_initials_is_theirs() -> None:
    ask = spoken("tomas", "H.J., which driver are you using?", n_recipients=2)
    names = frozenset({"Noor Example"})
    assert replies_to(ask, ego_names=names) == [ask.uid]
    assert replies_to(ask, ego_names=names, people=(person("hj", "H. J. Example"),)) == []


def test_an_ask_that_calls_somebody_else_is_theirs() -> None:
    ask = spoken("tomas", "Sana, could you look at it?", n_recipients=2)
    assert replies_to(ask, ego_names=frozenset({"Noor Example"})) == []
    assert replies_to(ask, ego_names=frozenset({"Sana Example"})) == [ask.uid]
    aside = spoken("tomas", "Well, could you look at it?", n_recipients=2)
    assert replies_to(aside, ego_names=frozenset({"Noor Example"})) == [aside.uid]


def test_once_done_a_newer_ask_of_the_thread_comes_forward() -> None:
    first = spoken("tomas", thread="t", asked_days_ago=8, confidence=0.99, uid="first")
    second = spoken("tomas", thread="t", asked_days_ago=5, confidence=0.9, uid="second")
    (before,) = propose_replies(situation("tomas", spoken=(first, second)))
    assert before.evidence[0].uid == "first"
    done = Done(before.key, days_ago(6))
    assert replies_to(first, second, decisions=(done,)) == ["second"]


def test_a_question_with_a_short_answer_is_quick() -> None:
    quick = spoken("tomas", "Does Thursday suit you?")
    slow = spoken("sana", "could you review the whole of the tender?")
    found = propose_replies(situation("tomas", "sana", spoken=(quick, slow)))
    assert {one.people[0].partition("@")[0]: one.minutes for one in found} == {
        "tomas": 2,
        "sana": 5,
    }


def test_the_same_ask_has_the_same_key_on_another_day() -> None:
    ask = spoken("tomas")
    keys: set[SuggestionKey] = {
        one.key
        for days in range(5)
        for one in propose(situation("tomas", spoken=(ask,), today=TODAY + timedelta(days=days)))
    }
    assert len(keys) == 1


def test_a_draft_goes_to_the_address_last_used() -> None:
    morning = situation(
        "tomas", spoken=(spoken("tomas"),), people=(person("tomas", None, "rey@example.com"),)
    )
    (by_id,) = propose_replies(morning)
    reached = replace(morning, reach={by_id.people[0]: Identity("rey@example.com")})
    (by_use,) = propose_replies(reached)
    assert by_id.draft is not None
    assert by_id.draft.to == (identity("tomas"),)
    assert by_use.draft is not None
    assert by_use.draft.to == ("rey@example.com",)
