"""What is due follows from what is stored and from the clock, and from nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.jobs import due
from daemon.store.sources import Source

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Africa/Cairo",  # skips midnight
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",  # skipped a whole day in 2011
    "Pacific/Kiritimati",
]
BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))

instants = st.datetimes(datetime(2011, 12, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants them so
steps = st.integers(-3 * 86_400, 4 * 86_400).map(lambda s: timedelta(seconds=s))
hours = st.times().map(lambda t: t.replace(second=0, microsecond=0))
weeks = st.frozensets(st.integers(0, 6), min_size=1)


def send_all(
    seen: list[datetime], zone: ZoneInfo, hour: time, workdays: frozenset[int]
) -> list[datetime]:
    """When a service that is asked at each instant makes a digest: the outbox keeps the days."""
    made: dict[date, datetime] = {}
    for at in seen:
        if due.is_digest_due(at, zone=zone, hour=hour, workdays=workdays):
            made.setdefault(at.astimezone(zone).date(), at)
    return sorted(made.values())


def source(**facts: object) -> Source:
    return Source("work", "imap", "mail.example.org", "text", **facts)  # type: ignore[arg-type]  # reason: the schedule's fields


@given(
    start=instants,
    moves=st.lists(steps, max_size=60),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    hour=hours,
    workdays=weeks,
)
def test_however_the_clock_goes_no_day_has_two_digests_and_none_comes_early(
    start: datetime,
    moves: list[timedelta],
    zone: ZoneInfo,
    hour: time,
    workdays: frozenset[int],
) -> None:
    seen = [start]
    for move in moves:
        seen.append(seen[-1] + move)
    sent = [at.astimezone(zone) for at in send_all(seen, zone, hour, workdays)]
    assert len({at.date() for at in sent}) == len(sent)
    assert all(at.weekday() in workdays for at in sent)
    assert all(at.time() >= hour or at.fold for at in sent)
    awake_late = {
        at.astimezone(zone).date()
        for at in seen
        # An hour later than the hour: daylight saving may have skipped the hour itself.
        if at.astimezone(zone).date() == (at - HOUR).astimezone(zone).date()
        and (at - HOUR).astimezone(zone).time() >= hour
    }
    assert {d for d in awake_late if d.weekday() in workdays} <= {at.date() for at in sent}


@given(
    start=st.dates(date(2012, 1, 2), date(2036, 12, 1)),
    n_days=st.integers(1, 5),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    hour=st.times(max_value=time(22, 0)).map(lambda t: t.replace(second=0, microsecond=0)),
)
@example(start=date(2026, 3, 28), n_days=3, zone=BERLIN, hour=time(2, 30))
@example(start=date(2026, 10, 24), n_days=3, zone=BERLIN, hour=time(2, 30))
@example(start=date(2024, 4, 25), n_days=3, zone=ZoneInfo("Africa/Cairo"), hour=time(0, 10))
def test_a_service_that_never_sleeps_makes_one_a_day(
    start: date, n_days: int, zone: ZoneInfo, hour: time
) -> None:
    begin = datetime.combine(start, time(), zone).astimezone(UTC)
    end = datetime.combine(start + timedelta(days=n_days), time(), zone).astimezone(UTC)
    n = int((end - begin).total_seconds() // 600)
    seen = [begin + timedelta(minutes=10 * i) for i in range(n)]
    sent = [at.astimezone(zone).date() for at in send_all(seen, zone, hour, EVERY_DAY)]
    assert sent == [start + timedelta(days=i) for i in range(n_days)]


@pytest.mark.parametrize(
    ("on", "when"),
    [
        (date(2026, 3, 29), "2026-03-29T01:30+00:00"),  # 02:30 is skipped: half past the gap
        (date(2026, 10, 25), "2026-10-25T00:30+00:00"),  # 02:30 comes twice: the first
        (date(2026, 7, 1), "2026-07-01T00:30+00:00"),
    ],
)
def test_an_hour_that_comes_never_or_twice_is_one_instant(on: date, when: str) -> None:
    assert due.digest_at(on, zone=BERLIN, hour=time(2, 30)) == datetime.fromisoformat(when)


@given(at=instants, zone=st.sampled_from(ZONES).map(ZoneInfo), hour=hours, workdays=weeks)
def test_the_next_digest_is_the_first_instant_at_which_one_is_due(
    at: datetime, zone: ZoneInfo, hour: time, workdays: frozenset[int]
) -> None:
    told = due.find_next_digest(at, zone=zone, hour=hour, workdays=workdays, is_made=True)
    later = due.find_next_digest(at, zone=zone, hour=hour, workdays=workdays, is_made=False)
    assert later <= told
    if told.astimezone(zone).date() > at.astimezone(zone).date():
        assert due.is_digest_due(told, zone=zone, hour=hour, workdays=workdays) or (
            told.astimezone(zone).date().weekday() not in workdays  # the day itself was skipped
        )
        early = told - timedelta(seconds=1)
        same_day = early.astimezone(zone).date() == told.astimezone(zone).date()
        assert not (same_day and due.is_digest_due(early, zone=zone, hour=hour, workdays=workdays))


def test_a_source_is_due_when_it_never_was_read_or_its_time_has_come() -> None:
    known = [
        source(),
        source(next_at=AT),
        source(next_at=AT + HOUR),
        source(next_at=AT - HOUR, is_stopped=True),
    ]
    assert due.list_due(known, at=AT) == tuple(known[:2])


def test_a_time_set_by_a_clock_that_was_wrong_is_no_reason_to_wait() -> None:
    ten_years = timedelta(days=3650)
    assert due.list_due([source(next_at=AT + ten_years)], at=AT)
    assert not due.list_due([source(next_at=AT + timedelta(days=1.2))], at=AT)
    rare = source(next_at=AT + timedelta(days=7), poll_minutes=10_080)
    assert not due.list_due([rare], at=AT)


@given(n=st.integers(1, 10_000), draw=st.floats(0, 1))
def test_the_wait_grows_and_stays_within_an_hour_and_a_bit(n: int, draw: float) -> None:
    wait = due.back_off(n, at=AT, draw=draw) - AT
    assert timedelta(seconds=48) <= wait <= 1.2 * HOUR
    assert due.back_off(n + 1, at=AT, draw=draw) - AT >= wait


@given(n=st.integers(1, 50), draw=st.floats(0, 1), asked=st.timedeltas(-HOUR, timedelta(days=4000)))
def test_what_a_server_asks_for_is_honoured_up_to_a_day(
    n: int, draw: float, asked: timedelta
) -> None:
    wait = due.back_off(n, at=AT, draw=draw, retry_after=asked) - AT
    assert wait >= min(asked, timedelta(days=1))
    assert wait <= timedelta(days=1.2)


def test_a_digest_waits_for_a_network_that_is_late_and_not_for_one_that_is_gone() -> None:
    def waits(*known: Source, at: datetime = AT) -> bool:
        return due.is_worth_waiting(known, at=at, zone=BERLIN)

    late, gone = source(failing_since=AT - HOUR / 6), source(failing_since=AT - HOUR)
    assert waits(source(next_at=AT), late)
    assert not waits(source(next_at=AT), gone)
    assert not waits(source(failing_since=AT - HOUR / 6, is_stopped=True))
    assert not waits(source(failing_since=AT + HOUR))
    evening = datetime(2026, 3, 2, 23, 50, tzinfo=BERLIN)
    assert not waits(source(failing_since=evening - HOUR / 6), at=evening)


def test_a_digest_waits_for_a_first_reading_and_not_past_the_last_hour_of_the_day() -> None:
    def waits(*known: Source, at: datetime = AT) -> bool:
        return due.is_worth_waiting(known, at=at, zone=BERLIN)

    assert waits(source(next_at=AT), source())
    assert not waits(source(next_at=AT))
    assert not waits(source(is_stopped=True))
    assert not waits(source(failing_since=AT - 2 * HOUR))
    assert waits(source(), at=datetime(2026, 3, 2, 22, 59, tzinfo=BERLIN))
    assert not waits(source(), at=datetime(2026, 3, 2, 23, 1, tzinfo=BERLIN))


def test_settings_and_schedule_are_put_together_by_name() -> None:
    wanted = source(given={"host": "mail.example.org"}, poll_minutes=3)
    known = [source(next_at=AT, n_failures=2, poll_minutes=15), Source("old", "mbox", "", "text")]
    [one] = due.schedule([wanted], known)
    assert (one.next_at, one.n_failures, one.poll_minutes) == (AT, 2, 3)
    assert one.given == wanted.given
    assert due.schedule([wanted], []) == (wanted,)
