"""Turns two dates into the number of working days between them."""

from datetime import date

_MONDAY_OFFSET = 6  # date.toordinal() % 7 is 1 on Mondays; shifted, Mondays become 0
_WORKDAYS_A_WEEK = 5


def count_workdays(start_on: date, end_on: date) -> int:
    """Counts Mondays to Fridays after ``start_on`` up to and with ``end_on``.

    Public holidays are not known here and count as working days. An ``end_on`` before
    ``start_on`` gives 0.
    """
    if end_on <= start_on:
        return 0
    return _workdays_until(end_on) - _workdays_until(start_on)


def _workdays_until(on: date) -> int:
    weeks, weekday = divmod(on.toordinal() + _MONDAY_OFFSET, 7)
    return weeks * _WORKDAYS_A_WEEK + min(weekday + 1, _WORKDAYS_A_WEEK)
