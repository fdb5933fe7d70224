"""Each reason to hold a suggestion holds it, ends when it should, and is counted by name."""

from datetime import date, timedelta

import pytest

from daemon.cues.model import CueKind
from daemon.people.model import Identity
from daemon.suggestions.choose import choose
from daemon.suggestions.holds import find_hold, read_past
from daemon.suggestions.model import (
    Circle,
    Done,
    Evidence,
    Never,
    NotThis,
    Offered,
    Paused,
    Rest,
    Situation,
    Snoozed,
    Suggestion,
    SuggestionDecision,
    SuggestionKey,
    Value,
)
from daemon.suggestions.need import read_wishes
from daemon.ties.model import State
from tests.builders import (
    TODAY,
    days_ago,
    identity,
    meeting,
    offered,
    person,
    person_id,
    situation,
    spoken,
    suggestion,
    tie,
)

ARTICLE = suggestion("article", "sana", key="piece")
REPLY = suggestion("reply", "sana", key="ask")
ALIAS = Identity("sana@example.com")
FADING = tie("sana", State.FADING)


def hold(one: Suggestion, morning: Situation) -> str | None:
    return find_hold(one, read_past(morning, read_wishes(morning)))


def decided(one: Suggestion, *decisions: SuggestionDecision, **more: object) -> str | None:
    return hold(one, situation(FADING, decisions=decisions, **more))  # type: ignore[arg-type]  # reason: situation() checks them


def later(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_with_no_past_nothing_is_held() -> None:
    assert decided(ARTICLE) is None
    assert decided(REPLY) is None


def test_a_pause_holds_all_until_it_ends() -> None:
    assert decided(REPLY, Paused(later(1), days_ago(3))) == "paused"
    assert decided(REPLY, Paused(later(0), days_ago(3))) is None
    resumed = Paused(None, days_ago(1))
    assert decided(REPLY, Paused(later(9), days_ago(3)), resumed) is None
    assert decided(REPLY, resumed, Paused(later(9), days_ago(3))) is None


@pytest.mark.parametrize("one", [ARTICLE, REPLY])
def test_never_is_for_good_and_for_every_address(one: Suggestion) -> None:
    long_ago = days_ago(900)
    assert decided(one, Never(identity("sana"), long_ago)) == "never"
    known_by_two = (person("sana", None, ALIAS),)
    assert decided(one, Never(ALIAS, long_ago), people=known_by_two) == "never"
    assert decided(one, Never(identity("joy"), long_ago)) is None


def test_a_tie_rests_until_contact_resumes() -> None:
    rest = Rest(identity("sana"), days_ago(10))
    assert decided(ARTICLE, rest) == "resting"
    resumed = tie("sana", State.COOLING, silent_days=9)
    assert hold(ARTICLE, situation(resumed, decisions=(rest,))) is None


def test_what_is_done_or_unwanted_does_not_return() -> None:
    assert decided(ARTICLE, Done(ARTICLE.key, days_ago(100))) == "done"
    refused = NotThis(ARTICLE.key, "article", identity("sana"), days_ago(100))
    assert decided(ARTICLE, refused) == "not wanted"
    assert decided(REPLY, refused) is None


def test_a_refusal_holds_the_person_for_30_days() -> None:
    def refused(days: int) -> NotThis:
        return NotThis(SuggestionKey("other"), "milestone", identity("sana"), days_ago(days))

    assert decided(ARTICLE, refused(29)) == "refused lately"
    assert decided(ARTICLE, refused(30)) is None


def test_a_dislike_holds_the_kind_for_7_days_for_everybody() -> None:
    def disliked(days: int) -> NotThis:
        return NotThis(SuggestionKey("other"), "article", identity("joy"), days_ago(days))

    assert decided(ARTICLE, disliked(6)) == "of a kind refused lately"
    assert decided(ARTICLE, disliked(7)) is None
    assert decided(REPLY, disliked(6)) is None


def test_a_person_is_left_alone_for_14_days_after_an_offer() -> None:
    def after(days: int) -> str | None:
        return decided(ARTICLE, offered=(offered("sana", n_days_ago=days, kind="milestone"),))

    assert after(13) == "offered lately"
    assert after(14) is None
    assert decided(ARTICLE, offered=(offered("joy", n_days_ago=1),)) is None


def test_an_offer_made_under_an_address_merged_since_still_counts() -> None:
    earlier = Offered(SuggestionKey("x"), "article", (person_id("sana"),), TODAY)
    moved = (person("sana", None, ALIAS),)
    under_alias = Offered(SuggestionKey("x"), "article", (type(earlier.people[0])(ALIAS),), TODAY)
    assert decided(ARTICLE, people=moved, offered=(under_alias,)) == "offered lately"


def test_a_snooze_holds_until_its_day_and_then_the_thing_is_back() -> None:
    shown = offered("sana", n_days_ago=7, key="piece")
    asleep = Snoozed(ARTICLE.key, later(1), days_ago(7))
    over = Snoozed(ARTICLE.key, later(0), days_ago(7))
    assert decided(ARTICLE, asleep, offered=(shown,)) == "snoozed"
    assert decided(ARTICLE, over, offered=(shown,)) is None
    again = offered("sana", n_days_ago=3, key="piece")
    assert decided(ARTICLE, over, offered=(shown, again)) == "offered lately"


def test_nobody_is_pushed_toward_somebody_who_stopped_answering() -> None:
    assert decided(ARTICLE, unanswered={"sana": 2}) == "unanswered twice"
    assert decided(ARTICLE, unanswered={"sana": 1}) is None
    assert decided(REPLY, unanswered={"sana": 9}) is None


def test_a_booked_meeting_holds_gifts_but_not_what_is_owed() -> None:
    assert decided(ARTICLE, booked=(meeting("sana"),)) == "booked"
    assert decided(suggestion("promise", "sana"), booked=(meeting("sana"),)) is None
    assert decided(REPLY, booked=(meeting("sana"),)) is None
    assert decided(ARTICLE, booked=(meeting("sana", in_days=-1),)) is None
    assert decided(ARTICLE, booked=(meeting("sana", in_days=31),)) is None


def test_what_was_overtaken_by_a_letter_elsewhere_is_held() -> None:
    ask = spoken("sana", written_since_at=days_ago(1))
    seen = Evidence(ask.source, ask.uid, ask.at)
    overtaken = suggestion("reply", "sana", evidence=(seen,))
    assert decided(overtaken, spoken=(ask,)) == "already in contact"
    assert decided(overtaken, spoken=(spoken("sana"),)) is None


def test_whoever_was_in_touch_yesterday_needs_no_reason_to_be() -> None:
    def after(days: int) -> str | None:
        return hold(ARTICLE, situation(tie("sana", State.NEW, silent_days=days)))

    assert after(1) == "already in contact"
    assert after(2) is None


def test_dormant_ties_are_apart_unless_the_owner_calls_them_close() -> None:
    dormant = tie("sana", State.DORMANT, silent_days=400)
    close = Circle(identity("sana"), "close", days_ago(9))
    wide = Circle(identity("sana"), "wide", days_ago(5))
    assert hold(ARTICLE, situation(dormant)) == "dormant"
    assert hold(REPLY, situation(dormant)) is None
    assert hold(ARTICLE, situation(dormant, decisions=(close,))) is None
    assert hold(ARTICLE, situation(dormant, decisions=(wide, close))) == "dormant"


def test_light_things_wait_after_hard_news() -> None:
    def heard(days: int) -> Situation:
        return situation(
            "sana", spoken=(spoken("sana", kind=CueKind.HARD_NEWS, asked_days_ago=days),)
        )

    wish = suggestion("milestone", "sana", value=Value.ENTERTAINMENT)
    assert hold(wish, heard(29)) == "after hard news"
    assert hold(wish, heard(31)) is None
    assert hold(ARTICLE, heard(29)) is None


def test_of_several_reasons_the_owners_word_is_named() -> None:
    past = (Never(identity("sana"), days_ago(9)), Done(ARTICLE.key, days_ago(9)))
    morning = situation(
        FADING, decisions=past, booked=(meeting("sana"),), offered=(offered("sana"),)
    )
    choice = choose((ARTICLE,), morning)
    assert choice.held == {"never": 1}
    assert choice.n_due == 1
