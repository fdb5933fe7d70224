"""A round does what is due, whenever it comes, and one job's trouble stops no other."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.errors import Unavailable
from connectors.memory import Account
from daemon.health import read_health, say_briefly
from daemon.jobs.refresh import enrol
from daemon.jobs.tenure import Tenure
from daemon.signals import Signals
from daemon.store import schema, sources
from daemon.store.database import writing
from tests.jobs.changes import Log
from tests.jobs.world import ANA, AT, ME, days_ago, letter
from tests.service.world import Home, schedule_of, settle

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ASKED = (
    letter("a", ME, (ANA,), at=days_ago(30)),
    letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, {"mail": Account(list(ASKED))})


def days_with_a_digest(home: Home) -> list[date]:
    """The days of the outbox; a quiet one has its row too."""
    with home.house().kept.connect() as connection:
        found = connection.scalars(sa.select(schema.outbox.c.on).order_by(schema.outbox.c.on))
        return [on for on in found if on]


def test_one_round_reads_derives_and_sends_and_the_next_does_nothing_again(home: Home) -> None:
    service = home.service()
    service.tick(AT)
    [mail] = home.arrived
    assert b"Auto-Submitted: auto-generated" in mail
    assert home.accounts["mail"].n_read == 2
    for n in range(1, 20):
        service.tick(AT + n * MINUTE)
    assert len(home.arrived) == 1
    assert home.accounts["mail"].n_read == 2
    service.close()


def test_before_the_hour_and_without_a_delivery_nothing_is_made(home: Home) -> None:
    service = home.service()
    service.tick(AT - MINUTE)
    assert days_with_a_digest(home) == []
    home.is_sending = False
    unsent = home.service()
    unsent.tick(AT)
    assert days_with_a_digest(home) == []
    assert "no delivery" in say_briefly(read_health(home.house(), at=AT), home.house())
    service.close()
    unsent.close()


@pytest.mark.parametrize("hour", [time(2, 30), time(23, 50)])
def test_through_sleep_restarts_and_daylight_saving_each_workday_has_one_digest(
    tmp_path: Path, hour: time
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    home = Home(tmp_path, settings=settle(zone="Europe/Berlin", digest_hour=hour))
    at = datetime(2026, 3, 27, 0, 25, tzinfo=zone).astimezone(UTC)
    service, awake = home.service(at), set[date]()
    # Over the change of the clocks, half an hour a step, in turn asleep, restarted, and with a
    # clock that is put back.
    for n in range(8 * 48):
        at += timedelta(minutes=30)
        if n % 150 == 149:
            at += timedelta(days=2, hours=3)
        if n % 70 == 69:
            service.close()
            service = home.service(at)
        if n % 90 == 89:
            service.tick(at - timedelta(hours=1))
        local = at.astimezone(zone)
        if n % 8 == 0 or local.hour == 23:
            service.tick(at)
            if local.time() >= (time(3, 30) if hour == time(2, 30) else hour):
                awake.add(local.date())
    service.close()
    expected = sorted(d for d in awake if d.weekday() < 5)
    assert len(expected) >= 5
    assert [d for d in days_with_a_digest(home) if d in awake] == expected
    assert all(d.weekday() < 5 for d in days_with_a_digest(home))


def test_asleep_for_three_days_it_sends_one_digest_and_not_three(home: Home) -> None:
    service = home.service()
    service.tick(AT - timedelta(hours=1))
    service.tick(AT + 3 * DAY)
    service.tick(AT + 3 * DAY + MINUTE)
    assert days_with_a_digest(home) == [(AT + 3 * DAY).date()]
    service.close()


def test_a_clock_that_jumps_ten_years_and_back_sends_no_day_twice(home: Home) -> None:
    service = home.service()
    for at in (AT, AT + 3650 * DAY, AT + MINUTE, AT - 3650 * DAY, AT + 2 * MINUTE):
        service.tick(at)
    days = days_with_a_digest(home)
    assert len(days) == len(set(days))
    assert AT.date() in days
    home.accounts["mail"].log.append(letter("c", at=days_ago(1)))
    service.tick(AT + 18 * MINUTE)
    assert home.accounts["mail"].n_read == 3
    service.close()


def test_a_source_that_fails_is_tried_again_later_and_later_and_others_go_on(home: Home) -> None:
    home.accounts["locked"] = Account(locked=True)
    service = home.service()
    service.tick(AT)
    assert len(home.arrived) == 1
    known = schedule_of(home.house())
    assert known["locked"].is_stopped
    assert known["mail"].next_at == AT + 15 * MINUTE
    health = read_health(home.house(), at=AT)
    assert health.n_in_need == 1
    assert say_briefly(health, home.house()).startswith("2 sources, 1 in need of you, next digest")
    service.close()


def test_a_digest_waits_a_little_for_a_network_that_is_late(home: Home) -> None:
    def is_down(_: int) -> None:
        if service.now < AT + 2 * MINUTE:
            raise Unavailable("no network yet")

    service = Asked(home)
    home.accounts["mail"].log = Log(list(ASKED), is_down)
    service.tick(AT)
    assert days_with_a_digest(home) == []
    service.tick(AT + MINUTE)
    service.tick(AT + 4 * MINUTE)
    assert len(home.arrived) == 1
    service.service.close()


def test_a_digest_does_not_wait_for_a_server_that_is_gone(home: Home) -> None:
    def is_down(_: int) -> None:
        raise Unavailable("closed for good")

    home.accounts["feed"] = Account(Log([letter("f")], is_down))
    service = home.service()
    for n in range(25):
        service.tick(AT + n * MINUTE)
    assert len(home.arrived) == 1
    assert schedule_of(home.house())["feed"].needs == ""
    service.tick(AT + 90 * MINUTE)
    assert schedule_of(home.house())["feed"].needs == "closed for good"
    service.close()


class Asked:
    """A service, and when it was asked last."""

    def __init__(self, home: Home) -> None:
        self.service, self.now = home.service(), AT

    def tick(self, now: datetime) -> None:
        self.now = now
        self.service.tick(now)


def test_a_job_that_breaks_stops_no_other(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    service = home.service()
    with writing(home.house().kept) as tx:
        tx.exec_driver_sql("ALTER TABLE replies RENAME TO lost")
    service.tick(AT)
    assert len(home.arrived) == 1
    assert "OperationalError at" in capsys.readouterr().out
    service.close()


def test_a_second_machine_takes_over_when_the_first_is_gone(home: Home) -> None:
    service = home.service()
    service.tick(AT)
    with writing(home.house().kept) as tx:
        tx.execute(sa.update(schema.leases).values(holder="other 0123 7"))
    with pytest.raises(Exception, match="process 7 on other"):
        service.tick(AT + MINUTE)
    service.tick(AT + 6 * MINUTE)
    service.close()


def test_a_lease_from_this_folder_without_its_lock_is_that_of_the_dead(home: Home) -> None:
    house = home.house()
    assert house.state
    killed = Tenure(house.kept, house.state)
    killed.begin(at=AT)
    with writing(house.kept) as tx:
        place = str(tx.scalar(sa.select(schema.leases.c.holder))).split()[1]
        tx.execute(sa.update(schema.leases).values(holder=f"here {place} 999999"))
    again = Tenure(house.kept, house.state)
    again.begin(at=AT + MINUTE)
    again.end()
    killed.end()


def test_the_status_line_says_when_the_next_digest_comes(home: Home) -> None:
    house = home.house()
    says = say_briefly(read_health(house, at=AT - MINUTE), house)
    assert says == "1 source, next digest Mon 07:00"
    service = home.service()
    service.tick(AT)
    assert say_briefly(read_health(house, at=AT), house) == "1 source, next digest Tue 07:00"
    service.close()


def test_what_fails_at_each_round_does_not_make_it_begin_anew_each_time(home: Home) -> None:
    service = home.service()
    with writing(home.house().kept) as tx:
        tx.exec_driver_sql(
            "CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    service.tick(AT)
    assert not service._may_begin_anew()
    with writing(home.house().kept) as tx:
        tx.exec_driver_sql("DROP TRIGGER no")
    service.tick(AT + MINUTE)
    assert service._may_begin_anew()
    service.close()


def test_a_process_that_began_anew_stays_for_a_while(home: Home) -> None:
    service = home.service(has_begun_anew=True)
    service.tick(AT)
    assert len(home.arrived) == 1
    assert not service._may_begin_anew()
    service.close()


@pytest.mark.parametrize("has_begun_anew", [False, True])
def test_a_stopped_source_is_read_again_at_a_start_but_not_when_begun_anew(
    home: Home, has_begun_anew: bool
) -> None:
    house = home.house()
    enrol(house.kept, house.sources)
    sources.stop(house.kept, "mail", needs="a password")
    signals = Signals()
    signals.stop()
    home.service(signals=signals, has_begun_anew=has_begun_anew).run()
    assert schedule_of(house)["mail"].is_stopped is has_begun_anew
