"""Turns two dates into the number of working days between them."""

from collections.abc import Collection
from datetime import date

MONDAY_TO_FRIDAY = frozenset(range(5))
"""Weekdays as ``date.weekday()`` counts them: Monday is 0."""


def count_workdays(
    start_on: date, end_on: date, workdays: Collection[int] = MONDAY_TO_FRIDAY
) -> int:
    """Counts the ``workdays`` after ``start_on`` up to and with ``end_on``.

    Public holidays are not known here and count as working days. An ``end_on`` before
    ``start_on`` gives 0.
    """
    weeks, days = divmod(max(0, (end_on - start_on).days), 7)
    rest = {(end_on.weekday() - n) % 7 for n in range(days)}
    return weeks * len(set(workdays)) + len(rest.intersection(workdays))
