"""What is booked holds a flag until it has taken place; what comes back is told; what sleeps, too.

All of it with real observations, stored and derived as the service does it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.observations import Address, Answer, Attendee, Event, Message, Observation
from daemon.digest.render_text import render_text
from daemon.interactions.infer import Limits
from daemon.jobs.compose import Composed, compose, remember
from daemon.jobs.recover import RECOVERING_DAYS, find_recoveries
from daemon.jobs.refresh import derive
from daemon.jobs.situate import estimate_ties, survey
from daemon.jobs.wake import list_worth_waking
from daemon.people.model import Identity, PersonId
from daemon.store.database import Database
from daemon.store.decisions import append
from daemon.store.instants import to_seconds
from daemon.suggestions.model import Cadence, Circle, Gaps, Rest, Rules, SuggestionDecision
from daemon.suggestions.rulings import Ruling, read_rulings
from daemon.ties.model import State, Tie
from tests.jobs.world import ANA, AT, BASIS, BEN, CEM, ME, days_ago, know, letter, meeting

DAY = timedelta(days=1)
RULES = Rules()


def exchange(who: Address, *ago: float, answered: bool = True) -> list[Message]:
    """On each of these days a letter to somebody, and an answer."""
    sent = [
        letter(f"to-{who.email}-{n}", ME, (who,), at=days_ago(n), subject="Depot cells")
        for n in ago
    ]
    back = [letter(f"by-{who.email}-{n}", who, at=days_ago(n) + DAY / 24) for n in ago]
    return sent + (back if answered else [])


def usual(who: Address, *, silent: int) -> list[Message]:
    """Two years of letters about every nine days, the last one ``silent`` days ago."""
    return exchange(who, *(silent + 9 * n for n in range(80)))


def stand(engine: Database, who: Address = ANA, *, at: datetime = AT) -> Tie:
    derive(engine, BASIS, at=at)
    with engine.connect() as connection:
        return estimate_ties(connection, BASIS, on=at.date())[PersonId(who.email)]


def rule(
    engine: Database, *orders: SuggestionDecision, who: Address = ANA, rules: Rules = RULES
) -> Ruling:
    with engine.connect() as connection:
        known = survey(connection, BASIS, at=AT, rules=rules, orders=orders)
    return read_rulings(known)[PersonId(who.email)]


def digest(
    engine: Database,
    *orders: SuggestionDecision,
    at: datetime = AT,
    rules: Rules = RULES,
) -> Composed:
    derive(engine, BASIS, at=at)
    return compose(engine, BASIS, at=at, rules=rules, orders=orders)


def flags(composed: Composed) -> list[str]:
    """Whom a digest names as falling out of rhythm: by an item, or beside the items."""
    items = [item.who for item in composed.page.items if item.kind in {"article", "news"}]
    return items + [one.name for one in composed.page.network.quiet]


def unwrapped(composed: Composed) -> str:
    return " ".join(render_text(composed.page).split())


FADING = usual(ANA, silent=75)
SOON = AT + 5 * DAY


def test_without_a_meeting_the_tie_is_flagged() -> None:
    engine = know(*FADING)
    assert stand(engine).state is State.FADING
    assert rule(engine).is_flagged
    assert flags(digest(engine)) == ["Ana Diaz"]


def test_a_booked_meeting_holds_the_flag_and_refreshes_nothing() -> None:
    plain, booked = know(*FADING), know(*FADING, meeting("m", ANA, at=SOON))
    assert stand(booked) == stand(plain)
    ruling = rule(booked)
    assert (ruling.is_flagged, ruling.is_held, ruling.meets_on) == (True, True, SOON.date())
    composed = digest(booked)
    assert flags(composed) == []
    assert "Fading, but you meet: Ana Diaz (on Saturday)." in unwrapped(composed)


def test_once_it_has_taken_place_it_is_contact_and_holds_no_more() -> None:
    engine = know(*FADING, meeting("m", ANA, at=SOON))
    later = SOON + DAY
    assert stand(engine, at=SOON - DAY / 24).silent_days == 80
    tie = stand(engine, at=later)
    assert (tie.silent_days, tie.state) == (1, State.ACTIVE)
    assert flags(digest(engine, at=later)) == []
    with engine.connect() as connection:
        known = survey(connection, BASIS, at=later, rules=RULES)
    assert not read_rulings(known)[PersonId(ANA.email)].is_held


def declined(by: Address, at: datetime) -> Event:
    """A meeting that one of the two will not come to."""
    answers = [
        Attendee(one, Answer.DECLINED if one == by else Answer.ACCEPTED) for one in (ME, ANA)
    ]
    return replace(meeting("m", ANA, at=at), attendees=tuple(answers))


def large(at: datetime) -> Event:
    crowd = [Address(f"guest{n}@example.net") for n in range(Limits().max_attendees)]
    return meeting("m", ANA, *crowd, at=at)


NO_MEETINGS: dict[str, Callable[[datetime], Event]] = {
    "cancelled": lambda at: meeting("m", ANA, at=at, is_cancelled=True),
    "declined by the other": lambda at: declined(ANA, at),
    "declined by the owner": lambda at: declined(ME, at),
    "too large": large,
    "all day": lambda at: replace(meeting("m", ANA, at=at), is_all_day=True),
}


@pytest.mark.parametrize("name", NO_MEETINGS)
def test_what_will_be_no_contact_neither_holds_nor_refreshes(name: str) -> None:
    engine = know(*FADING, NO_MEETINGS[name](SOON))
    assert rule(engine).meets_on is None
    assert flags(digest(engine)) == ["Ana Diaz"]
    assert stand(engine, at=SOON + DAY).silent_days == 81


@pytest.mark.parametrize("name", ["cancelled", "declined by the other", "declined by the owner"])
def test_a_meeting_that_falls_through_gives_the_flag_back(name: str) -> None:
    engine = know(*FADING, meeting("m", ANA, at=SOON))
    assert flags(digest(engine)) == []
    know(NO_MEETINGS[name](SOON), engine=engine)
    assert flags(digest(engine)) == ["Ana Diaz"]
    assert stand(engine, at=SOON + DAY).silent_days == 81


def test_one_meeting_of_several_falls_through_and_the_other_still_holds() -> None:
    engine = know(*FADING, meeting("m", ANA, at=SOON), meeting("n", ANA, at=SOON + 3 * DAY))
    know(meeting("m", ANA, at=SOON, is_cancelled=True), engine=engine)
    assert rule(engine).meets_on == (SOON + 3 * DAY).date()
    assert flags(digest(engine)) == []


def test_a_tie_is_not_flagged_again_within_30_days_in_the_digest() -> None:
    engine = know(*usual(ANA, silent=45))
    named = []
    for day in range(0, 40):
        at = AT + day * DAY
        composed = digest(engine, at=at)
        if any(item.kind in {"article", "news"} for item in composed.page.items):
            named.append(day)
        remember(engine, composed, now=at)
    assert len(named) == 2
    assert named[1] - named[0] == 30


def test_beside_the_items_nobody_told_of_lately_is_named_either() -> None:
    engine = know(*FADING)
    first = digest(engine)
    assert [item.kind for item in first.page.items] == ["news"]
    remember(engine, first, now=AT)
    assert flags(digest(engine, at=AT + 29 * DAY)) == []
    assert flags(digest(engine, at=AT + 30 * DAY)) == ["Ana Diaz"]


WANTS_30 = Cadence(Identity(ANA.email), 30, days_ago(900))


def test_a_longest_gap_of_the_owner_flags_whatever_the_forecast() -> None:
    engine = know(*exchange(ANA, *(30 + 40 * n for n in range(20))))
    assert stand(engine).state is State.ACTIVE
    assert flags(digest(engine)) == []
    (item,) = digest(engine, WANTS_30).page.items
    assert (item.kind, item.who) == ("news", "Ana Diaz")
    close = Circle(Identity(ANA.email), "close", days_ago(900))
    of_circle = Rules(circles={"close": Gaps(longest_days=30)})
    assert flags(digest(engine, close, rules=of_circle)) == ["Ana Diaz"]
    assert flags(digest(engine, close)) == []


def test_before_that_gap_and_at_rest_no_forecast_flags() -> None:
    engine = know(*FADING)
    long_gap = Cadence(Identity(ANA.email), 76, days_ago(900))
    rest = Rest(Identity(ANA.email), days_ago(3))
    assert flags(digest(engine, long_gap)) == flags(digest(engine, WANTS_30, rest)) == []


def test_a_tie_past_its_gap_with_nothing_to_bring_is_named_with_the_gap() -> None:
    few = know(*exchange(ANA, *(30 + 40 * n for n in range(6))))  # too few for the owner's news
    assert "past the gap you want, and nothing found to bring yet: Ana Diaz (you asked for " in (
        unwrapped(digest(few, WANTS_30))
    )


def back(engine: Database, *, at: datetime = AT) -> dict[str, tuple[int, int]]:
    """Who is recovering: how many days ago they came back, and after how many."""
    derive(engine, BASIS, at=at)
    with engine.connect() as connection:
        ties = estimate_ties(connection, BASIS, on=at.date())
        found = find_recoveries(connection, BASIS, ties, on=at.date(), now=to_seconds(at))
    return {who: ((at.date() - one.on).days, one.after_days) for who, one in found.items()}


def test_one_new_day_of_contact_clears_the_flag_and_is_told_as_recovering() -> None:
    engine = know(*FADING)
    assert back(engine) == {}
    know(letter("again", ANA, at=days_ago(2)), engine=engine)
    assert stand(engine).state is State.ACTIVE
    assert back(engine) == {ANA.email: (2, 73)}
    assert flags(digest(engine)) == []


def test_it_is_recovering_for_30_days_and_no_longer() -> None:
    engine = know(*FADING, *exchange(ANA, 20, 11, 2))
    assert back(engine) == {ANA.email: (20, 55)}
    until = AT + (RECOVERING_DAYS - 21) * DAY
    assert back(engine, at=until) == {ANA.email: (RECOVERING_DAYS - 1, 55)}
    assert back(engine, at=until + DAY) == {}


def test_a_dormant_tie_that_wakes_is_recovering_and_one_in_its_rhythm_is_not() -> None:
    engine = know(
        *usual(ANA, silent=400),
        *usual(BEN, silent=3),
        letter("again", ANA, at=days_ago(3)),
    )
    assert back(engine) == {ANA.email: (3, 397)}


def test_a_letter_that_nobody_ever_answered_brings_nothing_back() -> None:
    engine = know(*exchange(ANA, 700, 690, 680, 3, answered=False))
    assert back(engine) == {}


def test_who_was_only_written_to_has_not_come_back_before_the_answer() -> None:
    engine = know(*usual(ANA, silent=400), letter("to", ME, (ANA,), at=days_ago(5)))
    assert back(engine) == {}
    know(letter("at last", ANA, at=days_ago(2)), engine=engine)
    assert back(engine) == {ANA.email: (5, 395)}


def test_a_first_answer_after_years_is_a_beginning_and_no_return() -> None:
    engine = know(*exchange(ANA, 920, 910, 900, answered=False), letter("a", ANA, at=days_ago(3)))
    assert back(engine) == {}


def test_the_digest_tells_who_came_back_this_week_and_who_is_recovering() -> None:
    engine = know(
        *FADING,
        *usual(BEN, silent=80),
        letter("a", ANA, at=days_ago(2)),
        letter("b", BEN, at=days_ago(12)),
    )
    said = unwrapped(digest(engine))
    assert "One tie came back: Ana Diaz, after 73 days · still recovering: Ben Okafor." in said


def asleep(engine: Database) -> list[str]:
    with engine.connect() as connection:
        known = survey(connection, BASIS, at=AT, rules=RULES)
        return [t.alter for t in list_worth_waking(connection, known, now=to_seconds(AT))]


def test_the_digest_names_a_few_who_sleep_and_offers_nothing_about_them() -> None:
    engine = know(*usual(ANA, silent=700), *exchange(BEN, 900, 880, 860))
    composed = digest(engine)
    assert asleep(engine) == [ANA.email, BEN.email]
    assert (
        "worth waking some day: Ana Diaz (you used to talk every 9 days, last in April 2024); "
        "Ben Okafor (you used to talk every 13 days, last in October 2023)."
    ) in unwrapped(composed)
    assert composed.page.items == ()
    assert composed.page.funnel.n_due == 0


def test_who_stopped_answering_years_ago_is_left_in_peace() -> None:
    ignored = exchange(ANA, 1290, 1280, answered=False)
    engine = know(*usual(ANA, silent=1300), *ignored)
    assert asleep(engine) == []


def test_nor_is_who_rests_named() -> None:
    engine = know(*usual(ANA, silent=400), *usual(CEM, silent=500))
    append(engine, "here", [Rest(Identity(ANA.email), days_ago(20))], at=AT)
    assert asleep(engine) == [CEM.email]


def test_what_is_not_known_yet_changes_nothing() -> None:
    now: Iterable[Observation] = (*FADING, *usual(BEN, silent=400))
    later = (letter("x", ANA, at=AT + DAY), letter("y", BEN, at=AT + 2 * DAY))
    assert back(know(*now)) == back(know(*now, *later)) == {}
    assert asleep(know(*now)) == asleep(know(*now, *later)) == [BEN.email]
