"""What holds for any morning: order, the future and the owner's word are respected."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.cues.model import CueKind
from daemon.suggestions.choose import choose
from daemon.suggestions.keys import name_key
from daemon.suggestions.known import keep_known
from daemon.suggestions.model import (
    Circle,
    Done,
    Lane,
    Never,
    NotThis,
    Offered,
    Paused,
    Rest,
    Rules,
    Situation,
    Snoozed,
    Suggestion,
    SuggestionDecision,
    SuggestionKey,
)
from daemon.suggestions.propose import propose
from daemon.ties.model import State, Tie
from tests import builders
from tests.builders import AT, TODAY, days_ago, identity, person_id

WHO = ("sana", "marek", "joy", "lena", "tomas", "ines")
TERMS = ("battery", "depot", "ageing", "cold chain", "meeting", "freight")
SENTENCES = (
    "could you look at the tender before Friday?",
    "does Thursday suit you?",
    "I'll send you the contact.",
    "thanks for the introduction",
    "Sana, can you check the depot figures?",
)
FORBIDDEN = re.compile(
    r"\b(he|she|him|his|hers?|neglect\w*|ignor\w*|checking in|touch base|circle back|overdue"
    r"|score|owe[sd]? you|reach out|hope this finds)\b",
    re.IGNORECASE,
)

who = st.sampled_from(WHO)
ages = st.integers(0, 40).map(float)
past = st.integers(0, 40).map(days_ago)
maybe_past = st.none() | past
due = st.none() | st.integers(-5, 9).map(lambda n: TODAY + timedelta(days=n))
keys = st.sampled_from(["a", "b", *(name_key("reply", person_id(w), "m") for w in WHO)]).map(
    SuggestionKey
)

spokens = st.builds(
    builders.spoken,
    who,
    st.sampled_from(SENTENCES),
    kind=st.sampled_from(CueKind),
    by_ego=st.booleans(),
    asked_days_ago=ages | st.sampled_from([365.0, 730.0]),
    confidence=st.sampled_from([0.6, 0.8, 0.95]),
    due_on=due,
    thread=st.sampled_from(["", "t", "u"]),
    uid=st.sampled_from(["", "m", "n"]),
    n_recipients=st.integers(1, 12),
    answered_at=maybe_past,
    written_since_at=maybe_past,
)
offerings = st.builds(
    builders.offering,
    st.sampled_from(["cells", "ports", "trucks"]),
    st.dictionaries(st.sampled_from(TERMS), st.integers(1, 4), min_size=1),
    received_days_ago=ages,
    shared_with=st.frozensets(who.map(person_id), max_size=2),
)
topics = st.builds(builders.topic, st.sampled_from(TERMS), st.integers(1, 9), came_up_days_ago=ages)
encounters = st.builds(
    builders.encounter,
    who,
    met_days_ago=ages,
    channel=st.sampled_from(["email", "meeting"]),
    summary=st.sampled_from(["", "harbour meet-up"]),
    n_attendees=st.integers(2, 12),
    wrote_since_at=maybe_past,
)
dates = st.dates(date(2024, 1, 1), date(2024, 12, 31)) | st.just(date(2024, 11, 19))
occasions = st.builds(lambda w, d: builders.occasion(w, d.month, d.day), who, dates)
offers = st.builds(
    builders.offered,
    who,
    n_days_ago=st.integers(0, 40),
    kind=st.sampled_from(["article", "reply", "milestone"]),
    key=keys,
)
people = who.map(identity)
until = st.integers(-5, 20).map(lambda n: TODAY + timedelta(days=n))
decisions: st.SearchStrategy[SuggestionDecision] = st.one_of(
    st.builds(Done, keys, past),
    st.builds(Snoozed, keys, until, past),
    st.builds(NotThis, keys, st.sampled_from(["article", "reply"]), people, past),
    st.builds(Never, people, past),
    st.builds(Rest, people, past),
    st.builds(Circle, people, st.sampled_from(["close", "regular", "wide"]), past),
    st.builds(Paused, st.none() | st.just(TODAY - timedelta(days=1)), past),
)


T = TypeVar("T")


def some(
    strategy: st.SearchStrategy[T], most: int = 5, by: Callable[[T], object] = repr
) -> st.SearchStrategy[tuple[T, ...]]:
    """Several of a thing, no two alike in what sources keep distinct."""
    return st.lists(strategy, max_size=most, unique_by=by).map(tuple)


@st.composite
def ties(draw: st.DrawFn) -> tuple[Tie, ...]:
    return tuple(
        builders.tie(
            name,
            draw(st.sampled_from(State)),
            silent_days=draw(st.integers(0, 90)),
            n_days=draw(st.integers(1, 90)),
            is_mutual=draw(st.booleans()),
            first_on=draw(st.none() | st.just(date(2023, 11, 18))),
        )
        for name in WHO
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    return builders.situation(
        *draw(ties()),
        spoken=draw(some(spokens, 8, by=lambda s: (s.uid, s.sentence))),
        offerings=draw(some(offerings, by=lambda o: o.uid)),
        topics={name: draw(some(topics, 4, by=lambda t: t.term)) for name in WHO[:4]},
        encounters=draw(some(encounters, by=lambda e: e.person)),
        occasions=draw(some(occasions, 3)),
        booked=draw(some(st.builds(builders.meeting, who), 2)),
        offered=draw(some(offers, 4)),
        decisions=draw(some(decisions, 4)),
        unanswered=draw(st.dictionaries(who, st.integers(0, 3), max_size=2)),
        rules=Rules(budget=draw(st.integers(0, 6)), flags_per_week=draw(st.integers(0, 3))),
        usual_reply_days=draw(st.sampled_from([None, 0.5, 4.0, 50.0])),
        ego_names=frozenset({"Noor Example"}),
        observed_since=date(2000, 1, 1),
    )


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Suggestion, ...]:
    kinds = st.sampled_from(["reply", "promise", "article", "follow_up", "milestone"])
    made = st.builds(
        builders.suggestion,
        kinds,
        who,
        minutes=st.sampled_from([1, 2, 5, 10]),
        fit=st.floats(0, 1),
    )
    found = draw(st.lists(made, max_size=14, unique_by=lambda one: one.key))
    piece = draw(st.sampled_from(["", "https://news.example.com/cells"]))
    return tuple(replace(one, url=piece) if one.kind == "article" else one for one in found)


LIGHT = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@LIGHT
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_changes_nothing(morning: Situation, random: Random) -> None:
    def shuffled(items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(random.sample(items, len(items)))

    other = replace(
        morning,
        **{  # type: ignore[arg-type]  # reason: the fields keep their types
            name: shuffled(getattr(morning, name))
            for name in "spoken offerings encounters booked occasions offered decisions".split()
        },
        ties=dict(reversed(list(morning.ties.items()))),
        topics={p: shuffled(theirs) for p, theirs in reversed(list(morning.topics.items()))},
    )
    found = propose(morning)
    assert found == propose(other)
    assert choose(found, morning) == choose(tuple(reversed(found)), other)


@LIGHT
@given(situations(), situations(), st.integers(1, 30))
def test_the_future_changes_nothing(morning: Situation, other: Situation, days: int) -> None:
    ahead = timedelta(days=days + 800)
    later = replace(
        morning,
        spoken=(
            *(
                replace(
                    s,
                    answered_at=s.answered_at or AT + ahead,
                    written_since_at=s.written_since_at or AT + ahead,
                )
                for s in morning.spoken
            ),
            *(replace(s, at=s.at + ahead) for s in other.spoken),
        ),
        offerings=(
            *morning.offerings,
            *(
                replace(o, received_at=o.received_at + ahead, url=f"{o.url}-2")
                for o in other.offerings
            ),
        ),
        topics={
            p: (*theirs, *(replace(t, last_at=t.last_at + ahead) for t in other.topics[p]))
            for p, theirs in morning.topics.items()
        },
        encounters=(
            *(
                replace(e, wrote_since_at=e.wrote_since_at or AT + ahead)
                for e in morning.encounters
            ),
            *(replace(e, at=e.at + ahead) for e in other.encounters),
        ),
        offered=(
            *morning.offered,
            *(replace(o, offered_on=o.offered_on + ahead) for o in other.offered),
        ),
        decisions=(
            *morning.decisions,
            *(replace(d, decided_at=d.decided_at + ahead) for d in other.decisions),
        ),
    )
    found = propose(morning)
    assert propose(later) == found
    assert choose(found, later) == choose(found, morning)


@LIGHT
@given(situations())
def test_what_is_known_stays_known(morning: Situation) -> None:
    assert keep_known(keep_known(morning)) == keep_known(morning)


@LIGHT
@given(situations(), candidates())
def test_the_funnel_adds_up_and_the_limits_are_kept(
    morning: Situation, more: tuple[Suggestion, ...]
) -> None:
    found = (*propose(morning), *more)
    choice = choose(found, morning)
    chosen = choice.chosen
    assert choice.n_due == len(chosen) + sum(choice.held.values())
    assert choice.n_due - choice.held.get("with nothing to bring", 0) == len(found)
    assert all(n > 0 for n in choice.held.values())
    assert len(chosen) <= morning.rules.budget
    persons = [person for one in chosen for person in one.people]
    assert len(persons) == len(set(persons))
    links = [one.url for one in chosen if one.url]
    assert len(links) == len(set(links))


@settings(LIGHT, max_examples=80)
@given(candidates(), st.integers(1, 6))
def test_the_choice_is_varied_quick_and_generous(
    found: tuple[Suggestion, ...], budget: int
) -> None:
    morning = builders.situation(*WHO, rules=Rules(budget=budget))
    chosen = choose(found, morning).chosen
    assert bool(chosen) == bool(found)
    kinds = [one.kind for one in chosen]
    assert len(set(kinds)) <= 1 or max(map(kinds.count, kinds)) <= (len(kinds) + 1) // 2
    if any(one.minutes <= 2 for one in found):
        assert any(one.minutes <= 2 for one in chosen)
    served = {person for one in chosen for person in one.people}
    gifts = [one for one in found if one.lane is not Lane.OWE and served.isdisjoint(one.people)]
    if gifts and budget > 1:
        assert any(one.lane is not Lane.OWE for one in chosen)


@LIGHT
@given(situations(), who, st.integers(0, 900))
def test_never_is_never(morning: Situation, name: str, days: int) -> None:
    never = Never(identity(name), days_ago(days))
    morning = replace(morning, decisions=(*morning.decisions, never))
    chosen = choose(propose(morning), morning).chosen
    assert all(person_id(name) not in one.people for one in chosen)


@LIGHT
@given(situations())
def test_tomorrow_leaves_alone_whoever_was_offered_today(morning: Situation) -> None:
    first = choose(propose(morning), morning).chosen
    shown = tuple(Offered(one.key, one.kind, one.people, TODAY) for one in first)
    tomorrow = replace(
        morning,
        at=AT + timedelta(days=1),
        today=TODAY + timedelta(days=1),
        offered=(*morning.offered, *shown),
    )
    second = choose(propose(tomorrow), tomorrow).chosen
    served = {person for one in first for person in one.people}
    assert all(served.isdisjoint(one.people) for one in second)


@LIGHT
@given(situations())
def test_words_are_plain_and_kind(morning: Situation) -> None:
    for one in propose(morning):
        draft = one.draft
        assert draft is not None
        for words in (one.action, one.why, draft.subject, draft.body):
            assert words.strip(), one
            assert not FORBIDDEN.search(words), words
            assert "None" not in words
            assert "  " not in words
        assert one.why.endswith(".")
        assert 0 <= one.fit <= 1
        assert one.minutes >= 1


@LIGHT
@given(situations())
def test_each_quote_was_really_said(morning: Situation) -> None:
    said = {s.sentence for s in morning.spoken}
    for one in propose(morning):
        assert {e.quote for e in one.evidence if e.quote} <= said
