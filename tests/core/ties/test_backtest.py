"""What is said of the past is what came of it, and nothing is said too early."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings

from daemon.people.model import PersonId
from daemon.ties.backtest import Backtest, Record, backtest, find_enough_on
from daemon.ties.flags import Wanted
from daemon.ties.hindsight import (
    MIN_CASES,
    Cases,
    count_outcomes,
    draw_cases,
    find_enough_cases,
    look_back_on,
)
from daemon.ties.model import ContactHistory
from daemon.ties.outcomes import Outcome
from daemon.ties.replay import Days
from tests.core.ties.pasts import (
    ANA,
    BEN,
    CEM,
    CUTS,
    END,
    MODEL,
    NOTHING,
    START,
    after,
    history,
    pasts,
    played,
)

STEADY = history(CEM, [5] * 300)
STOPPED = history(ANA, [5] * 6)
PAUSED = history(ANA, [5] * 6 + [100] + [5] * 6)
LAST = 30
"""The day of the last contact with who stopped, or paused."""


def ego_days(*past: ContactHistory) -> Days:
    return np.array(sorted({d.toordinal() for one in past for d in one.out_days}), dtype=np.int64)


def judged(
    *past: ContactHistory, until: date = END, wanted: Wanted = NOTHING, per_week: int = 3
) -> Backtest:
    return backtest(played(*past, until=until), wanted, ego_days(*past), per_week=per_week)


def outcomes(record: Record, alter: PersonId = ANA) -> list[Outcome | None]:
    return [one.outcome for one in record.flags if one.flag.alter == alter]


def test_a_silence_that_went_on_until_the_tie_was_dormant_has_lasted() -> None:
    found = judged(STOPPED, STEADY)
    assert outcomes(found.kithd) == [Outcome.LASTED]
    assert outcomes(found.fixed) == [Outcome.LASTED]
    assert found.kithd.flags[0].dormant_on == after(LAST + 180)


def test_a_silence_that_ended_before_has_not() -> None:
    found = judged(PAUSED, STEADY)
    assert outcomes(found.kithd)[0] is Outcome.CAME_BACK
    assert outcomes(found.fixed)[0] is Outcome.CAME_BACK


def test_contact_on_the_very_day_came_too_late() -> None:
    on_time, late = (history(ANA, [5] * 6 + [gap]) for gap in (179, 180))
    assert outcomes(judged(on_time, STEADY).kithd)[0] is Outcome.CAME_BACK
    assert outcomes(judged(late, STEADY).kithd)[0] is Outcome.LASTED


def test_nothing_is_said_before_that_day_not_even_of_who_came_back_at_once() -> None:
    for past in (STOPPED, PAUSED):
        early = judged(past, STEADY, until=after(LAST + 178))
        assert outcomes(early.kithd)[0] is Outcome.OPEN
        known = judged(past, STEADY, until=after(LAST + 179))
        assert outcomes(known.kithd)[0] is not Outcome.OPEN


def test_a_silence_says_nothing_while_the_ego_writes_to_nobody() -> None:
    assert outcomes(judged(STOPPED).kithd) == [Outcome.AWAY]
    only_first_half = history(BEN, [5] * 14)
    assert outcomes(judged(STOPPED, only_first_half).kithd) == [Outcome.AWAY]
    only_received = history(BEN, [5] * 300, ways=["out", *["in"] * 300])
    assert outcomes(judged(STOPPED, only_received).kithd) == [Outcome.AWAY]


def test_the_owners_own_limit_is_flagged_and_not_judged() -> None:
    found = judged(STOPPED, STEADY, wanted=Wanted(longest_days={ANA: 10}))
    assert outcomes(found.kithd) == [None]
    assert (found.kithd.n_known, found.kithd.share_lasted) == (0, None)
    assert found.fixed.flags == ()


def test_how_early_and_how_late_a_flag_came_is_counted_in_days() -> None:
    found = judged(STOPPED, STEADY)
    assert (found.fixed.silent_days, found.fixed.days_before) == (30, 150)
    assert (found.overdue.silent_days, found.overdue.days_before) == (11, 169)
    assert Record(()).silent_days is None
    assert Record(()).days_before is None


def test_the_figures_add_up() -> None:
    found = judged(PAUSED, STEADY, history(BEN, [7] * 20))
    for record in (found.kithd, found.fixed, found.overdue):
        assert sum(map(record.count, (*Outcome, None))) == len(record.flags)
    assert (found.began, found.until, found.n_ties) == (START, END, 3)
    assert found.n_weeks == pytest.approx(1501 / 7)
    assert found.n_silences == 14 + 301 + 21
    assert found.n_seen == len(found.kithd.flags)
    assert judged(PAUSED, STEADY, per_week=0).n_seen == 0


def test_the_last_year_is_the_last_365_days() -> None:
    past = history(ANA, [5] * 6, begins=1000)
    on = judged(past, STEADY).kithd.flags[0].flag.on
    assert len(judged(past, STEADY, until=on + timedelta(364)).last_year.flags) == 1
    assert len(judged(past, STEADY, until=on + timedelta(365)).last_year.flags) == 0


def test_it_is_foretold_when_enough_will_be_known() -> None:
    days = [after(9), after(3), after(6)]
    assert find_enough_on(days, 2, START) == after(6)
    assert find_enough_on(days, 4, START) is None
    assert find_enough_on([], 0, START) == START
    people = [history(PersonId(f"{n}@example.org"), [5] * 6, begins=n) for n in range(12)]
    found = judged(*people, STEADY, until=after(150))
    assert [one.outcome for one in found.kithd.flags] == [Outcome.OPEN] * 12
    assert found.enough_on == after(9 + LAST + 180)


def cases(*past: ContactHistory, until: date = END) -> Cases:
    return draw_cases(played(*past, until=until), MODEL, ego_days(*past))


def keys(found: Cases) -> set[tuple[int, int, float, float, float]]:
    columns = (found.tie, found.dormant_on, found.silent_days, found.p_dormant, found.overdue)
    return set(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=20, deadline=None)
@given(pasts(), CUTS)
def test_no_chance_of_an_earlier_day_knows_what_comes_later(
    past: tuple[ContactHistory, ...], cut: date
) -> None:
    early = cases(*past, until=cut)
    assert keys(early) <= keys(cases(*past))


def test_a_case_is_taken_on_the_first_of_each_month_while_the_tie_is_live() -> None:
    found = cases(STOPPED)
    assert found.silent_days.tolist() == [1, 30, 61, 91, 122, 152]
    assert found.dormant_on.tolist() == [after(LAST + 180).toordinal()] * 6


def test_no_chance_is_taken_on_a_day_of_contact_itself() -> None:
    until_the_first_of_february = history(ANA, [5] * 5 + [6])
    assert cases(until_the_first_of_february).silent_days.tolist()[0] == 29


def test_seeing_each_other_in_passing_changes_the_chances_from_that_day_on() -> None:
    unseen, seen = cases(STOPPED), cases(history(ANA, [5] * 6, passing=[LAST + 70, LAST + 80]))
    assert seen.silent_days.tolist() == unseen.silent_days.tolist()
    is_other = seen.p_dormant != unseen.p_dormant
    assert is_other.tolist() == [False, False, False, True, True, True]


def many(n: int) -> list[ContactHistory]:
    """People of all kinds: every third stops, and every third pauses."""
    kinds = ([5] * 60, [5] * 20, [5] * 20 + [90] + [5] * 20)
    return [history(PersonId(f"{i}@example.org"), kinds[i % 3], begins=7 * i) for i in range(n)]


def test_the_order_and_the_size_of_the_chances_are_told() -> None:
    found = look_back_on(cases(*many(30), STEADY), np.random.default_rng(1))
    assert found is not None
    assert 0.5 < found.auc_low <= found.auc <= found.auc_high <= 1
    assert sum(one.n for one in found.bins) == found.n
    assert sum(round(one.n * one.share_lasted) for one in found.bins) == found.n_lasted
    assert [one.p_mean for one in found.bins] == sorted(one.p_mean for one in found.bins)
    assert 0 <= found.error < 0.5
    assert found == look_back_on(cases(*many(30), STEADY), np.random.default_rng(1))


def test_the_chances_that_are_right_are_not_off() -> None:
    n = 200
    p = np.repeat([0.1, 0.5, 0.9], n)
    lasting = np.concatenate([np.arange(n) % 10 == 0, np.arange(n) % 2 == 0, np.arange(n) % 10 > 0])
    drawn = Cases(
        tie=np.arange(3 * n) // 5,
        p_dormant=p,
        silent_days=p,
        overdue=1 - p,
        is_lasting=lasting,
        is_known=np.ones(3 * n, dtype=np.bool_),
        dormant_on=np.zeros(3 * n, dtype=np.int64),
    )
    found = look_back_on(drawn, np.random.default_rng(1))
    assert found is not None
    assert found.error == pytest.approx(0)
    assert [one.p_mean for one in found.bins] == pytest.approx([0.1, 0.5, 0.9])
    assert [one.share_lasted for one in found.bins] == pytest.approx([0.1, 0.5, 0.9])
    assert found.auc_overdue == pytest.approx(1 - found.auc)


def test_too_little_is_said_to_be_too_little() -> None:
    few = cases(STOPPED, STEADY)
    assert count_outcomes(few)[0] == 6
    assert look_back_on(few, np.random.default_rng(1)) is None
    assert find_enough_cases(few, END) is None
    one_kind = cases(
        STEADY, *(replace(STEADY, alter=PersonId(f"{n}@example.net")) for n in range(9))
    )
    assert count_outcomes(one_kind)[1] >= MIN_CASES
    assert look_back_on(one_kind, np.random.default_rng(1)) is None


def test_nobody_leaves_nothing_to_judge() -> None:
    found = judged()
    assert (found.n_ties, found.n_silences, found.kithd.flags) == (0, 0, ())
    assert look_back_on(cases(), np.random.default_rng(1)) is None
