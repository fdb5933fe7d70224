"""Days of contact, and the chances ahead -> small plots in characters, for a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from math import ceil

from daemon.ties.outlook import Outlook

MAX_YEARS = 6
"""Years of contact that are drawn; what was before them is counted."""

_LABEL = 5
_WEEKS = 52
_FORTNIGHTS = 26
_WEEK_DAYS = 7
_LEVELS = 8
_ROWS = 4
"""As high as a hand is wide; with eighths of a row, a curve of 32 steps."""

_LEAST_COLUMNS = 12
_MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of a plot.

    ``counts`` are for 1 to 7 days with contact in a week, ``eighths`` fill 1 to 8 eighths of
    a row; ``none`` is no contact, ``silence`` the present one.
    """

    counts: str
    eighths: str
    none: str
    silence: str
    axis: str
    corner: str


BLOCKS = Marks("▁▂▃▄▅▆▇", "▁▂▃▄▅▆▇█", "·", "─", "│", "└")
PLAIN = Marks("1234567", "..::||##", ".", "-", "|", "+")
"""Nothing beyond ASCII, for terminals that show no more."""


def draw_history(days: Iterable[date], *, on: date, columns: int, marks: Marks) -> tuple[str, ...]:
    """Return the days with contact as a row for each year, and what the marks mean.

    A mark stands for a week, where there are at least 59 columns, else for two weeks: its
    height is the number of days with contact, up to seven. Years without any are told in one
    row; of more than six years with contact the earlier ones are counted. No row is wider
    than ``columns``, where these are at least 32.

    Args:
        days: The days with contact, in any order, none after ``on``.
        on: The owner's local day: up to it the present silence is drawn.
        columns: The width of the terminal.
        marks: The characters to draw with.

    Raises:
        ValueError: There is no day.
    """
    known = sorted(set(days))
    if not known:
        raise ValueError("a history needs at least one day of contact")
    per_year = _WEEKS if columns >= _LABEL + _WEEKS + 2 else _FORTNIGHTS
    years = sorted({day.year for day in known})[-MAX_YEARS:]
    earlier = sum(day.year < years[0] for day in known)
    return (
        *([f"before {years[0]}: {_count(earlier)} more"] if earlier else []),
        _head(per_year),
        *_rows(known, years, on, per_year, marks),
        *_legend(per_year, marks),
    )


def draw_outlook(outlook: Outlook, *, columns: int, marks: Marks) -> tuple[str, ...]:
    """Return the chance that this silence lasts as a curve over the days until it has.

    The vertical axis goes from 0 to 100 %; below it stands the first letter of each state
    the tie would come to. No row is wider than ``columns``, where these are at least 20.
    """
    n_days = len(outlook.p_dormant)
    width = min(_MOST_COLUMNS, max(_LEAST_COLUMNS, columns - 8), max(_LEAST_COLUMNS, n_days))
    heights = [outlook.p_dormant[place * (n_days - 1) // (width - 1)] for place in range(width)]
    labels = ("100 %", "", " 50 %", "")
    rows = [
        f"{labels[row]:>5} {marks.axis}{_draw_row(heights, _ROWS - 1 - row, marks)}"
        for row in range(_ROWS)
    ]
    letters = [" "] * width
    for turn in outlook.turns:
        letters[_place((turn.on - outlook.on).days, n_days, width)] = turn.state.value[0].upper()
    return (*rows, f"{'0 %':>5} {marks.corner}{''.join(letters).rstrip()}")


def _place(days: int, n_days: int, width: int) -> int:
    return min(width - 1, ceil(days * (width - 1) / max(1, n_days - 1)))


def _draw_row(heights: Sequence[float], row: int, marks: Marks) -> str:
    """One row of a curve, the lowest being 0: full, empty, or partly filled."""
    cells = []
    for height in heights:
        eighths = round(height * _ROWS * _LEVELS) - row * _LEVELS
        if row == 0:
            eighths = max(1, eighths)  # the smallest chance is one still
        cells.append(" " if eighths <= 0 else marks.eighths[min(eighths, _LEVELS) - 1])
    return "".join(cells).rstrip()


def _head(per_year: int) -> str:
    """The months, where they begin."""
    cells = [" "] * (per_year + 3)
    for month in range(1, 13):
        place = _cell(date(2001, month, 1), per_year)
        name = f"{date(2001, month, 1):%b}"[: 3 if per_year == _WEEKS else 1]
        cells[place : place + len(name)] = name
    return (" " * _LABEL + "".join(cells)).rstrip()


def _rows(
    days: Sequence[date], years: Sequence[int], on: date, per_year: int, marks: Marks
) -> Iterator[str]:
    counts = Counter((day.year, _cell(day, per_year)) for day in days)
    shown = range(years[0], on.year + 1)
    for is_drawn, some in groupby(shown, lambda y: y in years or y == on.year):
        listed = list(some)
        if is_drawn:
            for year in listed:
                yield f"{year:<{_LABEL}}{_draw_year(year, counts, days[-1], on, per_year, marks)}"
        else:
            yield _say_years(listed)


def _say_years(years: Sequence[int]) -> str:
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return f"{span}: no contact"


def _draw_year(
    year: int,
    counts: Mapping[tuple[int, int], int],
    last: date,
    on: date,
    per_year: int,
    marks: Marks,
) -> str:
    """The marks of one year; of the first nothing before it is left out, of the last after."""
    end = _cell(on, per_year) + 1 if year == on.year else per_year
    silent_from = (last.year, _cell(last, per_year))
    days_a_cell = _WEEK_DAYS * _WEEKS // per_year
    cells = []
    for cell in range(end):
        n = counts.get((year, cell), 0)
        if n:
            cells.append(marks.counts[min(_WEEK_DAYS, ceil(n * _WEEK_DAYS / days_a_cell)) - 1])
        else:
            cells.append(marks.silence if (year, cell) > silent_from else marks.none)
    return "".join(cells)


def _cell(day: date, per_year: int) -> int:
    """The place of a day in its year; the odd days at its end belong to the last place."""
    width = _WEEK_DAYS * _WEEKS // per_year
    return min(per_year - 1, (day - date(day.year, 1, 1)) // timedelta(days=width))


def _legend(per_year: int, marks: Marks) -> tuple[str, ...]:
    means = "7 days a week" if per_year == _WEEKS else "14 days in 2 weeks"
    counts = f"{marks.counts[0]} to {marks.counts[-1]}: 1 to {means}"
    silence = f"{marks.silence} this silence"
    return (f"{counts}; {silence}",) if per_year == _WEEKS else (counts, silence)


def _count(n: int) -> str:
    return f"{n} day" if n == 1 else f"{n} days"
