"""The owner's word on gaps rules over the forecast, and over what the owner said before."""

from collections.abc import Mapping
from datetime import date

import pytest

from daemon.suggestions.choose import choose
from daemon.suggestions.holds import find_hold, read_past
from daemon.suggestions.model import (
    Cadence,
    Circle,
    Gaps,
    Rest,
    Rules,
    Situation,
    SuggestionDecision,
)
from daemon.suggestions.need import is_due, is_flagged, rank, read_wishes
from daemon.ties.model import State, Tie
from tests.builders import days_ago, identity, offered, person_id, situation, suggestion, tie

SANA = identity("sana")
CLOSE = {"close": Gaps(14, 30, "close")}
IS_CLOSE = Circle(SANA, "close", days_ago(50))


def wants(longest: int | None, ideal: int | None = None, *, since: int = 90) -> Cadence:
    return Cadence(SANA, longest, days_ago(since), ideal)


def morning(
    one: Tie,
    *decisions: SuggestionDecision,
    circles: Mapping[str, Gaps] | None = None,
    **more: object,
) -> Situation:
    rules = Rules(circles=circles or {})
    return situation(one, decisions=decisions, rules=rules, **more)  # type: ignore[arg-type]  # a builder's fields


def gaps(*decisions: SuggestionDecision, circles: Mapping[str, Gaps] | None = None) -> Gaps:
    wishes = read_wishes(morning(tie("sana"), *decisions, circles=circles))
    return wishes.gaps.get(person_id("sana"), Gaps())


def stands(one: Tie, *decisions: SuggestionDecision, **more: object) -> tuple[bool, bool]:
    """Whether the tie is due, and whether it is flagged."""
    wishes = read_wishes(morning(one, *decisions, **more))  # type: ignore[arg-type]  # as above
    return is_due(one, wishes), is_flagged(one, wishes)


@pytest.mark.parametrize(
    ("silent_days", "expected"),
    [
        (13, (False, False)),
        (14, (True, False)),
        (29, (True, False)),
        (30, (True, True)),
    ],
)
def test_from_the_ideal_gap_on_a_tie_is_due_and_at_the_longest_it_is_flagged(
    silent_days: int, expected: tuple[bool, bool]
) -> None:
    active = tie("sana", State.ACTIVE, silent_days=silent_days)
    assert stands(active, wants(30, 14)) == expected
    assert stands(active, IS_CLOSE, circles=CLOSE) == expected


@pytest.mark.parametrize("state", [State.COOLING, State.FADING])
def test_before_the_longest_gap_no_forecast_flags(state: State) -> None:
    assert stands(tie("sana", state, silent_days=29), wants(30)) == (False, False)
    assert stands(tie("sana", state, silent_days=29), wants(None, 40)) == (True, True)


def test_the_latest_word_counts_for_each_gap_and_an_ideal_is_never_the_longer() -> None:
    assert gaps(wants(30, 14), wants(60, since=20)) == Gaps(14, 60)
    assert gaps(wants(30, 14, since=20), wants(60)) == Gaps(14, 30)
    assert gaps(wants(30, 14), wants(10, since=20)) == Gaps(10, 10)


def test_a_gap_of_ones_own_goes_before_that_of_the_circle() -> None:
    assert gaps(IS_CLOSE, circles=CLOSE) == Gaps(14, 30, "close")
    assert gaps(IS_CLOSE, wants(60), circles=CLOSE) == Gaps(14, 60)
    assert gaps(IS_CLOSE, wants(None, 7), circles=CLOSE) == Gaps(7, 30)
    assert gaps(Circle(SANA, "wide", days_ago(9)), circles=CLOSE) == Gaps()
    assert gaps(IS_CLOSE) == Gaps()


def test_what_is_due_weighs_less_than_what_is_flagged_and_more_than_neither() -> None:
    def weight(silent_days: int) -> float:
        active = tie("sana", silent_days=silent_days, first_on=date(2026, 1, 1))
        day = morning(active, wants(30, 14))
        return rank(suggestion("article", "sana"), day, read_wishes(day))

    assert weight(13) < weight(14) == weight(29) < weight(30)


def test_a_tie_that_rests_is_never_flagged_whatever_gap_was_asked_for() -> None:
    gone = tie("sana", State.FADING, silent_days=90)
    choice = choose((), morning(gone, wants(30), Rest(SANA, days_ago(5))))
    assert (choice.n_due, choice.quiet) == (0, ())


def test_a_tie_past_its_longest_gap_is_named_even_where_nothing_is_found() -> None:
    for state in (State.ACTIVE, State.DORMANT):
        choice = choose((), morning(tie("sana", state), wants(30)))
        assert choice.quiet == (person_id("sana"),)
        assert choose((), morning(tie("sana", state), wants(31))).quiet == ()


def test_a_dormant_tie_whose_longest_gap_is_over_is_no_matter_apart() -> None:
    def hold(*decisions: SuggestionDecision) -> str | None:
        day = morning(tie("sana", State.DORMANT, silent_days=400), *decisions)
        return find_hold(suggestion("article", "sana"), read_past(day, read_wishes(day)))

    assert hold() == "dormant"
    assert hold(wants(30)) is None
    assert hold(wants(500)) == "dormant"


def test_the_weekly_cap_is_for_forecasts_and_not_for_what_the_owner_asked_for() -> None:
    ties = [tie(f"p{n}", State.FADING) for n in range(4)]
    pieces = [suggestion("article", f"p{n}") for n in range(4)]
    wanted = tuple(Cadence(identity(f"p{n}"), 30, days_ago(90)) for n in range(4))
    rules = Rules(flags_per_week=2)
    assert len(choose(pieces, situation(*ties, rules=rules)).chosen) == 2
    assert len(choose(pieces, situation(*ties, rules=rules, decisions=wanted)).chosen) == 4


FLAGGED = "flagged in the last 30 days"


@pytest.mark.parametrize("state", [State.COOLING, State.FADING])
def test_a_tie_is_not_flagged_again_within_30_days(state: State) -> None:
    def hold(days: int, kind: str = "article") -> str | None:
        day = morning(tie("sana", state), offered=(offered("sana", n_days_ago=days, kind=kind),))
        return find_hold(suggestion("article", "sana"), read_past(day, read_wishes(day)))

    assert hold(29) == hold(29, "news") == FLAGGED
    assert hold(30) is None
    assert hold(29, "milestone") is None


def test_what_is_no_flag_may_come_within_the_30_days() -> None:
    def hold(kind: str, one: Tie) -> str | None:
        day = morning(one, offered=(offered("sana", n_days_ago=20),))
        return find_hold(suggestion(kind, "sana"), read_past(day, read_wishes(day)))

    assert hold("article", tie("sana", State.ACTIVE)) is None
    assert hold("milestone", tie("sana", State.FADING)) is None
    assert hold("reply", tie("sana", State.FADING)) is None


def test_a_gap_asked_for_counts_anew_with_each_silence() -> None:
    def hold(silent_days: int) -> str | None:
        day = morning(
            tie("sana", silent_days=silent_days),
            wants(7),
            offered=(offered("sana", n_days_ago=20),),
        )
        return find_hold(suggestion("article", "sana"), read_past(day, read_wishes(day)))

    assert hold(19) is None  # they were in touch on the day after it was offered
    assert hold(20) == FLAGGED


def test_nobody_flagged_lately_is_named_again_beside_the_items() -> None:
    fading = tie("sana", State.FADING)
    assert choose((), morning(fading, offered=(offered("sana", n_days_ago=29),))).quiet == ()
    assert choose((), morning(fading, offered=(offered("sana", n_days_ago=30),))).quiet != ()
