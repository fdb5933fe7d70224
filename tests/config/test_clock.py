"""There is one clock, it tells the time in UTC, and it can stand still."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from daemon.clock import Clock


def test_the_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = Clock().now()
    assert now.tzinfo is UTC
    assert before <= now <= before + timedelta(minutes=1)


def test_a_clock_that_stands_still_tells_the_same_instant_in_utc() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))
    clock = Clock(noon)
    assert clock.now() == clock.now() == noon
    assert clock.now().tzinfo is UTC


def test_an_instant_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 11, 21))  # noqa: DTZ001  # the naive instant is what is refused
