"""Days named in a sentence, seen from Wednesday 5 March 2025."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cues.due import find_due

WEDNESDAY = date(2025, 3, 5)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("call me today", date(2025, 3, 5)),
        ("i'll do it tomorrow", date(2025, 3, 6)),
        ("the day after tomorrow", date(2025, 3, 7)),
        ("by friday", date(2025, 3, 7)),
        ("before wednesday", date(2025, 3, 12)),
        ("this wednesday", date(2025, 3, 5)),
        ("next friday", date(2025, 3, 14)),
        ("on mon or so", date(2025, 3, 10)),
        ("this week", date(2025, 3, 7)),
        ("sometime next week", date(2025, 3, 14)),
        ("this weekend", date(2025, 3, 9)),
        ("by the end of the month", date(2025, 3, 31)),
        ("by the end of next month", date(2025, 4, 30)),
        ("by the end of the year", date(2025, 12, 31)),
        ("in two weeks", date(2025, 3, 19)),
        ("within 10 days", date(2025, 3, 15)),
        ("on 12 march", date(2025, 3, 12)),
        ("on march 12th", date(2025, 3, 12)),
        ("by the 1st of february", None),
        ("on 3 january", None),
        ("on 12 june 2026", date(2026, 6, 12)),
        ("by 2025-04-01", date(2025, 4, 1)),
        ("by the 15th", date(2025, 3, 15)),
        ("by the 2nd", date(2025, 4, 2)),
        ("last friday", None),
        ("on 31 february", None),
        ("on 3/4", None),
        ("on 12 march 2024", None),
        ("the monitor may march on", None),
        ("a sunny day", None),
    ],
)
def test_a_day_is_resolved_as_a_reader_would(words: str, day: date | None) -> None:
    assert find_due(words, WEDNESDAY) == day


NAMES = st.sampled_from(
    "by on next this last friday sun tomorrow week month 31 30 the 31st february march 2024-02-30 "
    "in 99 days end of year weekend".split()
)


@given(st.lists(NAMES, max_size=6).map(" ".join), st.dates())
def test_no_words_and_no_day_break_it_and_no_due_day_is_past(words: str, day: date) -> None:
    due_on = find_due(words, day)
    assert due_on is None or due_on >= day
