"""A snapshot knows all that was known on its day, what came of it, and nothing in between."""

import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.model import PersonId
from daemon.ties.estimate import stack
from daemon.ties.gaps import fold
from daemon.ties.model import ContactHistory
from daemon.ties.models.protocol import Rhythms
from daemon.ties.snapshots import Snapshots, take_snapshots

START, UNTIL = date(2024, 1, 1), date(2026, 1, 1)
FORGET = 0.9
GAPS = st.lists(st.integers(1, 120), min_size=1, max_size=25)
LIVES = st.lists(GAPS, min_size=1, max_size=4)
Taking = Callable[[Sequence[ContactHistory], date], Snapshots]


def history(days: Sequence[date], who: str = "ana", *, by_ego: str = "") -> ContactHistory:
    """Contact on ``days``; ``by_ego`` says of each whether it was "o"ut or "i"n, else both."""
    out = tuple(d for d, way in zip(days, by_ego or "b" * len(days), strict=True) if way != "i")
    into = tuple(d for d, way in zip(days, by_ego or "b" * len(days), strict=True) if way != "o")
    alter = PersonId(f"{who}@example.org")
    passing = tuple(every(17, 60))
    return ContactHistory(alter, tuple(days), len(out), len(into), UNTIL, out, into, passing)


def every(gap: int, n: int, start: date = START) -> list[date]:
    return [start + timedelta(gap * k) for k in range(n)]


def after(gaps: Sequence[int], start: date = START) -> list[date]:
    days = [start]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    return days


def take(histories: Sequence[ContactHistory], until: date = UNTIL) -> Snapshots:
    """All snapshots of an ego who writes to somebody every day."""
    return take_snapshots(histories, ego_days=every(1, 1500), until=until, forget=FORGET)


def rows(past: Snapshots) -> list[tuple[float, ...]]:
    columns = [getattr(past.rhythms, field.name) for field in fields(Rhythms)]
    columns += [past.silent_days, past.until_days, past.is_lasting, past.on]
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_of_a_tie_that_stops_each_day_and_window_that_is_known_is_told() -> None:
    days = every(10, 6)  # the last on 20 February
    until = days[-1] + timedelta(105)
    past = take([history(days)], until)
    told = [
        (round(on - days[0].toordinal()), silent, window, lasts)
        for on, silent, window, lasts in zip(
            past.on, past.silent_days, past.window_days, past.is_lasting, strict=True
        )
    ]
    # The grid is every 30 days back from day 155: 125, 95, 65 and 35, when there were four days.
    assert told == [
        (35, 5, 30, False),
        (35, 5, 90, False),
        (65, 15, 30, True),
        (65, 15, 90, True),
        (95, 45, 30, True),
        (125, 75, 30, True),
    ]
    assert past.rhythms.n_days.tolist() == [4, 4, 6, 6, 6, 6]


def test_the_rhythm_is_that_of_the_days_before() -> None:
    days = after([3, 9, 1, 30, 12, 5, 8, 60, 2])
    past = take([history(days)])
    for place, on in enumerate(past.on.tolist()):
        seen = [d for d in every(17, 60) if d.toordinal() < on]
        before = fold([d for d in days if d.toordinal() < on], FORGET, seen[-1] if seen else None)
        alone = stack([before])
        for field in fields(Rhythms):
            assert getattr(past.rhythms, field.name)[place] == getattr(alone, field.name)[0]
        assert past.silent_days[place] == on - before.last_on.toordinal()


def test_contact_on_the_day_itself_is_of_the_future() -> None:
    on = UNTIL - timedelta(30)
    days = [*every(7, 5, on - timedelta(60)), on]
    past = take([history(days)])
    last = past.where(past.on == on.toordinal())
    assert (last.silent_days.tolist(), last.is_lasting.tolist()) == ([32], [False])
    assert last.rhythms.n_days.tolist() == [5]


@pytest.mark.parametrize(
    ("at", "lasts"), [(29, False), (30, True)], ids=["its last day", "the day after it"]
)
def test_a_window_ends_before_its_last_day(at: int, lasts: bool) -> None:
    on = UNTIL - timedelta(60)
    days = [*every(7, 5, on - timedelta(35)), on + timedelta(at)]
    past = take([history(days)])
    [row] = past.where(past.on == on.toordinal()).is_lasting.tolist()
    assert row is lasts


def test_only_known_and_mutual_and_live_ties_are_taken() -> None:
    assert len(take([history(every(10, 2))])) == 0
    assert len(take([history(every(10, 6), by_ego="oooooo")])) == 0
    assert len(take([history(every(10, 6), by_ego="iiiiii")])) == 0
    assert set(take([history(every(10, 6))]).silent_days <= 90) == {True}
    late = take([history(every(10, 9), by_ego="iiiiiioii")])
    assert set(late.rhythms.n_days.tolist()) <= {7, 8, 9}
    assert len(late) > 0


def test_an_ego_who_writes_to_nobody_is_away_and_a_silence_says_nothing() -> None:
    days = every(10, 12)
    away = take_snapshots([history(days)], ego_days=days, until=UNTIL, forget=FORGET)
    there = take([history(days)])
    assert 0 < len(away) < len(there)
    assert not away.is_lasting.any()
    # Half of the window is enough, the second: from the 15th day to the 29th of 30.
    on = int(there.on[there.is_lasting][0])
    for day, n in ((14, 0), (15, 1), (29, 1), (30, 0)):
        wrote = [date.fromordinal(on + day)]
        found = take_snapshots(
            [history(days)], ego_days=wrote, until=UNTIL, forget=FORGET, horizons=(30,)
        )
        assert (found.on == on).sum() == n, day


def assert_no_peeking(taking: Taking, lives: list[list[int]], cut: int, seed: int) -> None:
    """What came from the day ``cut`` on may change no rhythm and no silence of that day."""
    true = [history(after(gaps)) for gaps in lives]
    on = UNTIL - timedelta(30 * cut)
    chance = Random(seed)  # noqa: S311 -- no secret
    other = []
    for one in true:
        past = [day for day in one.days if day < on]
        future = sorted(
            {on + timedelta(chance.randint(0, 200)) for _ in range(chance.randint(0, 5))}
        )
        changed = history([*past, *future]) if past or future else one
        seen = [day for day in one.passing_days if day < on]
        seen += sorted(on + timedelta(chance.randint(0, 200)) for _ in range(chance.randint(0, 5)))
        other.append(replace(changed, passing_days=tuple(seen)))
    assert known_on(taking(true, UNTIL), on) == known_on(taking(other, UNTIL), on)


def known_on(past: Snapshots, on: date) -> list[tuple[float, ...]]:
    """What was known on that day: all but what came of it."""
    return [row[:-2] for row in rows(past.where(past.on == on.toordinal()))]


@given(LIVES, st.integers(1, 22), st.integers(0, 99))
def test_nothing_after_the_day_enters_the_rhythm(
    lives: list[list[int]], cut: int, seed: int
) -> None:
    assert_no_peeking(take, lives, cut, seed)


def take_with_all_days(histories: Sequence[ContactHistory], until: date) -> Snapshots:
    """Peeks: the rhythm of all that ever was, in the place of the rhythm then."""
    past = take(histories, until)
    whole = stack([fold(histories[0].days, FORGET)] * len(past))
    return replace(past, rhythms=whole)


def take_a_day_late(histories: Sequence[ContactHistory], until: date) -> Snapshots:
    """Peeks: counts the contact of the day itself as known."""
    early = [replace(h, days=tuple(d - timedelta(1) for d in h.days)) for h in histories]
    return take([history(h.days) for h in early], until)


def take_with_all_passing(histories: Sequence[ContactHistory], until: date) -> Snapshots:
    """Peeks: whom the ego was to see in passing after that day counts as seen."""
    early = [timedelta(1), timedelta(300)]
    seen = [
        replace(h, passing_days=tuple(sorted({d - by for d in h.passing_days for by in early})))
        for h in histories
    ]
    return take(seen, until)


@pytest.mark.parametrize("peeking", [take_with_all_days, take_a_day_late, take_with_all_passing])
def test_the_check_of_the_future_catches_who_peeks(peeking: Taking) -> None:
    on = UNTIL - timedelta(60)
    gaps = [7] * ((on - START).days // 7 - 1)
    lives = [[*gaps, (on - after(gaps)[-1]).days, 20]]
    with pytest.raises(AssertionError):
        assert_no_peeking(peeking, lives, 2, seed=5)
    assert_no_peeking(take, lives, 2, seed=5)


@given(LIVES)
def test_what_is_not_observed_to_its_end_is_not_told(lives: list[list[int]]) -> None:
    until = START + timedelta(400)
    past = take([history(after(gaps)) for gaps in lives], until)
    assert (past.on + past.window_days <= until.toordinal()).all()
    cut = [history([d for d in after(gaps) if d < until] or [START]) for gaps in lives]
    assert rows(past) == rows(take(cut, until))


def test_snapshots_are_told_oldest_first_and_can_be_chosen() -> None:
    past = take([history(every(9, 40)), history(every(20, 20), "ben")])
    assert (np.diff(past.on) >= 0).all()
    chosen = past.where(past.window_days == 30)
    assert len(chosen) == (past.window_days == 30).sum() > 0
    assert set(rows(chosen)) < set(rows(past))


def test_nobody_at_all_has_no_past() -> None:
    assert len(take([])) == 0


def test_twenty_years_with_five_hundred_people_take_a_moment() -> None:
    chance = Random(4)  # noqa: S311 -- no secret
    begin, end = date(2004, 1, 1), date(2024, 1, 1)
    lives = []
    for n in range(500):
        days = [begin + timedelta(chance.randint(0, 600))]
        while days[-1] < end:
            days.append(days[-1] + timedelta(1 + int(chance.lognormvariate(3.2, 1.2))))
        lives.append(history(days, f"p{n}"))
    began = time.process_time()
    past = take_snapshots(lives, ego_days=lives[0].days, until=end, forget=FORGET)
    assert len(past) > 50_000
    assert time.process_time() - began < 2
