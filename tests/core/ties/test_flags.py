"""A flag is raised once a silence, when a rule says so and the owner did not say otherwise."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import estimate_history
from daemon.ties.flags import (
    AGAIN_DAYS,
    Flag,
    Wanted,
    after_days,
    after_overdue,
    cap_weekly,
    flag_after,
    flag_fading,
    is_flagged,
)
from daemon.ties.model import ContactHistory, State, Tie
from daemon.ties.states import Thresholds
from tests.core.ties.pasts import (
    ANA,
    BEN,
    CUTS,
    NOTHING,
    THRESHOLDS,
    after,
    history,
    list_changes,
    pasts,
    played,
)

WANTED = st.builds(
    Wanted,
    st.dictionaries(st.sampled_from((ANA, BEN)), st.integers(1, 300), max_size=2),
    st.dictionaries(
        st.sampled_from((ANA, BEN)), st.lists(CUTS, min_size=1, max_size=3).map(tuple), max_size=2
    ),
    st.dictionaries(st.sampled_from((ANA, BEN)), CUTS, max_size=1),
)


def told(flags: tuple[Flag, ...]) -> list[tuple[PersonId, date]]:
    return [(flag.alter, flag.on) for flag in flags]


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, WANTED, CUTS)
def test_what_comes_later_changes_no_earlier_flag(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, wanted: Wanted, cut: date
) -> None:
    whole = played(*past, thresholds=thresholds)
    early = played(*past, thresholds=thresholds, until=cut)
    known = [one for one in told(flag_fading(whole, wanted)) if one[1] <= cut]
    assert told(flag_fading(early, wanted)) == known
    for rule in (after_overdue, lambda it: after_days(it, 30)):
        known = [one for one in told(flag_after(whole, rule(whole), wanted)) if one[1] <= cut]
        assert told(flag_after(early, rule(early), wanted)) == known


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, st.floats(0.0, 1.0))
def test_a_lower_threshold_never_flags_fewer_silences(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, part: float
) -> None:
    lower = replace(thresholds, fading_at=thresholds.cooling_at + part * 0.05)
    few, many = (played(*past, thresholds=one) for one in (thresholds, lower))
    assert len(flag_fading(many, NOTHING)) >= len(flag_fading(few, NOTHING))


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, WANTED)
def test_a_tie_is_not_flagged_twice_within_thirty_days_nor_in_one_silence(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, wanted: Wanted
) -> None:
    silences = played(*past, thresholds=thresholds)
    flags, numbers = flag_fading(silences, wanted), silences.silence.tolist()
    for alter in {flag.alter for flag in flags}:
        theirs = [flag for flag in flags if flag.alter == alter]
        # A gap that the owner asked for counts anew with each silence.
        assert all((b.on - a.on).days >= AGAIN_DAYS or b.is_limit for a, b in pairwise(theirs))
        assert len({numbers[flag.stretch] for flag in theirs}) == len(theirs)


@settings(max_examples=20, deadline=None)
@given(pasts(), THRESHOLDS, WANTED)
def test_a_flag_stands_in_a_silence_that_fades_or_has_reached_the_owners_limit(
    past: tuple[ContactHistory, ...], thresholds: Thresholds, wanted: Wanted
) -> None:
    silences = played(*past, thresholds=thresholds)
    days = {one.alter: one.days for one in past}
    for flag in flag_fading(silences, wanted):
        assert flag.on not in days[flag.alter]
        last = max(day for day in days[flag.alter] if day < flag.on)
        assert flag.silent_days == (flag.on - last).days
        assert flag.is_limit == (flag.alter in wanted.longest_days)
        if flag.is_limit:
            assert flag.silent_days >= wanted.longest_days[flag.alter]
        else:
            changes = list_changes(silences, flag.alter)
            assert [state for on, state in changes if on <= flag.on][-1] is State.FADING


@settings(max_examples=20, deadline=None)
@given(pasts(), WANTED)
def test_a_tie_that_rests_is_never_flagged(
    past: tuple[ContactHistory, ...], wanted: Wanted
) -> None:
    days = {one.alter: one.days for one in past}
    for flag in flag_fading(played(*past), wanted):
        last = max(day for day in days[flag.alter] if day < flag.on)
        rested = wanted.rested_on.get(flag.alter, ())
        assert not any(last <= on <= flag.on for on in rested)
        assert flag.on < wanted.never_from.get(flag.alter, date.max)


def test_letting_rest_holds_until_contact_resumes_and_no_longer() -> None:
    past = history(ANA, [5, 5, 5, 170, 5])
    first, second = told(flag_fading(played(past), NOTHING))
    rested = Wanted(rested_on={ANA: (first[1],)})
    assert told(flag_fading(played(past), rested)) == [second]
    a_day_late = Wanted(rested_on={ANA: (first[1] + timedelta(1),)})
    assert told(flag_fading(played(past), a_day_late)) == [first, second]
    never = Wanted(never_from={ANA: first[1]})
    assert told(flag_fading(played(past), never)) == []


def test_the_weekly_cap_holds_back_no_flag_that_the_owner_asked_for() -> None:
    asked = flag_fading(played(history(ANA, [5, 5, 20, 5])), Wanted(longest_days={ANA: 15}))
    assert cap_weekly(asked, 0, {flag.stretch: 3 for flag in asked}) == asked


def test_the_longest_gap_that_the_owner_set_takes_the_place_of_the_forecast() -> None:
    past = history(ANA, [5, 5, 20, 5])
    flags = flag_fading(played(past), Wanted(longest_days={ANA: 15}))
    # Days 10 to 30 and from 35 on: it counts anew with each silence, within 30 days too.
    assert [(flag.on, flag.is_limit) for flag in flags] == [(after(25), True), (after(50), True)]
    late = flag_fading(played(past), Wanted(longest_days={ANA: 400}))
    assert [flag.silent_days for flag in late] == [400]


def test_a_flag_that_comes_too_soon_waits_if_the_silence_still_fades() -> None:
    soon = Thresholds(cooling_at=0.1, fading_at=0.2)
    (first,) = flag_fading(played(history(ANA, [5, 5, 5]), thresholds=soon), NOTHING)
    gaps = [5, 5, 5, first.silent_days + 1]
    silences = played(history(ANA, gaps), thresholds=soon)
    assert silences.fading_after[-1] < AGAIN_DAYS - 1
    assert told(flag_fading(silences, NOTHING)) == [
        (ANA, first.on),
        (ANA, first.on + timedelta(AGAIN_DAYS)),
    ]
    over_before = played(history(ANA, [*gaps, AGAIN_DAYS - 1]), thresholds=soon)
    assert [one.stretch for one in flag_fading(over_before, NOTHING)] == [3, 5]


def test_a_flag_holds_on_when_the_two_see_each_other_and_the_tie_still_fades() -> None:
    (flagged,) = flag_fading(played(history(ANA, [5] * 6, passing=[150, 160])), NOTHING)
    assert flagged.on < after(150)
    assert flagged.last_on == after(30 + 180 - 1)


def test_the_simple_rules_count_from_the_last_contact() -> None:
    silences = played(history(ANA, [4, 6, 8]))
    assert told(flag_after(silences, after_days(silences, 30), NOTHING)) == [(ANA, after(48))]
    assert told(flag_after(silences, after_overdue(silences), NOTHING)) == [(ANA, after(18 + 13))]


def test_the_simple_rules_leave_new_and_dormant_ties_and_the_owners_limits_alone() -> None:
    silences = played(history(ANA, [4]), history(BEN, [4, 4, 4]))
    days = after_days(silences, 30)
    assert told(flag_after(silences, days, NOTHING)) == [(BEN, after(42))]
    assert flag_after(silences, after_days(silences, 180), NOTHING) == ()
    assert flag_after(silences, days, Wanted(longest_days={BEN: 90})) == ()


def flag(stretch: int, on: int, until: int) -> Flag:
    return Flag(PersonId(f"{stretch}@example.org"), after(on), stretch, 40, after(until), False)


N_DAYS = {0: 5, 1: 50, 2: 9, 3: 7}


def test_with_a_cap_those_of_most_contact_come_first_and_the_others_wait() -> None:
    flags = [flag(n, on=0, until=30) for n in range(4)]
    shown = cap_weekly(flags, 1, N_DAYS)
    assert [one.stretch for one in shown] == [1, 2, 3, 0]
    assert len(cap_weekly(flags, 3, N_DAYS)) == 4
    assert cap_weekly(flags, 0, N_DAYS) == ()


def test_what_waits_is_dropped_when_it_is_over() -> None:
    flags = [flag(0, on=0, until=5), flag(1, on=0, until=30), flag(2, on=3, until=10)]
    assert [one.stretch for one in cap_weekly(flags, 1, N_DAYS)] == [1, 2]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=25),
    st.integers(1, 4),
)
def test_a_cap_is_kept_in_any_seven_days_and_sheds_nothing_it_has_room_for(
    spans: list[tuple[int, int]], per_week: int
) -> None:
    flags = [flag(n, on, on + length) for n, (on, length) in enumerate(spans)]
    n_days = dict.fromkeys(range(len(flags)), 1)
    shown = cap_weekly(flags, per_week, n_days)
    assert len(set(shown)) == len(shown) <= len(flags)
    by_day = [one.on for one in flags]
    busiest = max((sum(d <= e < d + timedelta(7) for e in by_day) for d in by_day), default=0)
    if busiest <= per_week:
        assert set(shown) == set(flags)
    weeks = (max(by_day) - min(by_day)).days // 7 + 4 if by_day else 0
    assert len(shown) <= weeks * per_week


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (NOTHING, True),
        (Wanted(longest_days={ANA: 200}), False),
        (Wanted(longest_days={ANA: 100}), True),
        (Wanted(rested_on={ANA: (after(15),)}), False),
        (Wanted(rested_on={ANA: (after(14),)}), True),
        (Wanted(never_from={ANA: after(1)}), False),
    ],
    ids=["fading", "below", "at-limit", "rests", "rested-before", "never"],
)
def test_today_a_tie_stands_flagged_as_the_owner_wants(wanted: Wanted, expected: bool) -> None:
    past = replace(history(ANA, [5, 5, 5]), observed_on=after(15 + 110))
    tie: Tie = estimate_history(past)
    assert tie.state is State.FADING
    assert is_flagged(tie, wanted) is expected
