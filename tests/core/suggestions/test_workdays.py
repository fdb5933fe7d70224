"""Working days are counted as a calendar on the wall would."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.suggestions.workdays import count_workdays

FRIDAY = date(2026, 11, 13)
DATES = st.dates(date(2000, 1, 1), date(2040, 1, 1))


def test_a_weekend_holds_no_working_day() -> None:
    assert count_workdays(FRIDAY, FRIDAY + timedelta(days=2)) == 0
    assert count_workdays(FRIDAY, FRIDAY + timedelta(days=3)) == 1


def test_nothing_lies_between_a_day_and_the_day_before() -> None:
    assert count_workdays(FRIDAY, FRIDAY - timedelta(days=9)) == 0


@given(DATES, st.integers(0, 60))
def test_counting_agrees_with_going_day_by_day(start_on: date, n_days: int) -> None:
    days = (start_on + timedelta(days=n) for n in range(1, n_days + 1))
    by_hand = sum(day.weekday() < 5 for day in days)
    assert count_workdays(start_on, start_on + timedelta(days=n_days)) == by_hand
