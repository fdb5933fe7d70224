"""A plot shows each day of contact in its place, fits its width, and reads as plain text too."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.ties.model import State
from daemon.ties.outlook import Outlook, Turn
from daemon.ties.plot import BLOCKS, MAX_YEARS, PLAIN, Marks, draw_history, draw_outlook

ON = date(2026, 10, 20)
DAYS = st.lists(st.dates(ON - timedelta(days=5000), ON), min_size=1, max_size=60)
CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=400).map(sorted)


def day(ago: int) -> date:
    return ON - timedelta(days=ago)


def history(*ago: int, columns: int = 80, marks: Marks = PLAIN) -> list[str]:
    return list(draw_history(map(day, ago), on=ON, columns=columns, marks=marks))


def outlook(*chances: float, turns: tuple[Turn, ...] = ()) -> Outlook:
    return Outlook(ON, chances, turns)


@given(DAYS, st.integers(32, 200), st.sampled_from([BLOCKS, PLAIN]))
def test_no_row_of_a_history_is_wider_than_the_terminal(
    days: list[date], columns: int, marks: Marks
) -> None:
    rows = draw_history(days, on=ON, columns=columns, marks=marks)
    assert max(map(len, rows)) <= columns
    assert len(rows) <= 2 * MAX_YEARS + 4


@given(DAYS)
def test_every_day_of_the_years_shown_is_counted_once(days: list[date]) -> None:
    rows = draw_history(days, on=ON, columns=80, marks=PLAIN)
    years = sorted({d.year for d in days})[-MAX_YEARS:]
    drawn = [row[5:] for row in rows if row[:4].isdigit() and row[4] == " " and ":" not in row]
    n_days = sum(int(mark) for row in drawn for mark in row if mark.isdigit())
    # The last place of a year has a day more, and no mark for eight.
    assert n_days <= len({d for d in days if d.year in years}) <= n_days + len(years)


@given(DAYS, st.integers(20, 80), CHANCES)
def test_plain_marks_are_ascii(days: list[date], columns: int, chances: list[float]) -> None:
    for row in (
        *draw_history(days, on=ON, columns=columns, marks=PLAIN),
        *draw_outlook(outlook(*chances), columns=columns, marks=PLAIN),
    ):
        assert row.isascii()


def test_a_year_is_a_row_of_weeks_that_ends_today() -> None:
    rows = history(280, 1, 0)
    assert rows[1] == "2026 .1" + "." * 39 + "2"
    assert rows[0].split() == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def test_the_odd_days_at_the_end_of_a_year_have_the_last_place() -> None:
    rows = draw_history([date(2024, 12, 31), date(2025, 12, 30)], on=ON, columns=80, marks=PLAIN)
    assert [row[-1] for row in rows[1:3]] == ["1", "1"]
    assert {len(row) for row in rows[1:3]} == {5 + 52}


def test_a_narrow_terminal_shows_two_weeks_a_mark() -> None:
    rows = history(280, 1, 0, columns=40)
    assert rows[1] == "2026 1" + "." * 19 + "1"
    assert rows[-2:] == ["1 to 7: 1 to 14 days in 2 weeks", "- this silence"]


def test_the_present_silence_is_drawn_apart_from_earlier_ones() -> None:
    (_, last_year, this_year, _) = history(400, 380, 60, marks=BLOCKS)
    assert "─" not in last_year
    assert this_year.endswith("▁────────")
    assert "·" in this_year


def test_years_without_contact_are_told_in_one_row() -> None:
    rows = history(365 * 6, 5)
    assert rows[2] == "2021 to 2025: no contact"
    rows = history(365 * 2, 5)
    assert rows[2] == "2025: no contact"


def test_what_lies_before_the_years_shown_is_counted() -> None:
    rows = history(*(365 * years for years in range(9)))
    assert rows[0] == "before 2021: 3 days more"
    assert len([row for row in rows if row.startswith("202")]) == MAX_YEARS


def test_a_history_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        draw_history([], on=ON, columns=80, marks=PLAIN)


@given(CHANCES, st.integers(20, 200), st.sampled_from([BLOCKS, PLAIN]))
def test_a_curve_fits_and_never_falls(chances: list[float], columns: int, marks: Marks) -> None:
    *rows, _ = draw_outlook(outlook(*chances), columns=columns, marks=marks)
    assert max(map(len, rows)) <= columns
    width = max(map(len, rows))
    levels = " " + marks.eighths
    heights = [
        sum(levels.rindex(row.ljust(width)[place]) for row in rows) for place in range(7, width)
    ]
    assert heights == sorted(heights)
    assert heights[0] >= 1


def test_a_curve_begins_today_and_ends_at_the_last_day() -> None:
    rows = draw_outlook(outlook(*([0.0] * 50 + [1.0])), columns=80, marks=BLOCKS)
    assert rows[0].endswith("█")
    assert rows[3] == " " * 6 + "│" + "▁" * 50 + "█"


def test_a_turn_stands_under_its_day() -> None:
    turns = (Turn(State.COOLING, day(-10)), Turn(State.DORMANT, day(-40)))
    rows = draw_outlook(outlook(*([0.1] * 41), turns=turns), columns=80, marks=PLAIN)
    assert rows[-1] == "  0 % +" + " " * 10 + "C" + " " * 29 + "D"


def test_a_curve_of_one_day_is_drawn() -> None:
    assert len(draw_outlook(outlook(1.0), columns=20, marks=PLAIN)) == 5
