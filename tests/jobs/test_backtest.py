"""The past that is replayed is the contact that is stored, as known at the present."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from connectors.observations import Address, Message
from daemon.jobs.backtest import Report, run_backtest
from daemon.jobs.histories import Past, read_past
from daemon.people.model import Identity, PersonId
from daemon.store import decisions
from daemon.store.database import Database
from daemon.suggestions.model import Cadence, Never, Rest, Rules, SuggestionDecision
from tests.jobs.world import (
    ANA,
    ANA_HOME,
    AT,
    BASIS,
    BEN,
    ME,
    basis,
    days_ago,
    know,
    letter,
    meeting,
)

TODAY = AT.date()
OF_ANA = PersonId(ANA.email)


def back(n: int) -> date:
    return TODAY - timedelta(days=n)


def past_of(
    engine: Database, *, at: datetime = AT, orders: tuple[SuggestionDecision, ...] = ()
) -> Past:
    return read_past(engine, BASIS, at=at, rules=Rules(), orders=orders)


def exchange(who: Address, ago: int) -> list[Message]:
    """A letter each way on the same day."""
    return [
        letter(f"to-{who.email}-{ago}", ME, (who,), at=days_ago(ago)),
        letter(f"by-{who.email}-{ago}", who, (ME,), at=days_ago(ago - 0.1)),
    ]


def test_each_day_of_contact_says_who_acted() -> None:
    engine = know(
        letter("1", ME, (ANA,), at=days_ago(30)),
        letter("2", ANA, at=days_ago(20)),
        letter("3", ANA, at=days_ago(20.1)),
        meeting("4", ANA, at=days_ago(10)),
    )
    (history,) = past_of(engine).histories
    assert history.alter == OF_ANA
    assert history.out_days == (back(30), back(10))
    assert history.in_days == (back(20), back(10))
    assert history.days == (back(30), back(20), back(10))
    assert (history.n_out, history.n_in, history.observed_on) == (2, 2, TODAY)


def test_whoever_the_ego_never_reached_has_no_past() -> None:
    assert past_of(know(letter("1", BEN, at=days_ago(3)))).histories == ()


def test_all_addresses_of_a_person_are_one_past() -> None:
    engine = know(letter("1", ME, (ANA,), at=days_ago(30)), letter("2", ANA_HOME, at=days_ago(20)))
    (history,) = past_of(engine).histories
    assert len(history.days) == 2


def test_what_has_not_happened_yet_is_not_in_it() -> None:
    engine = know(
        letter("1", ME, (ANA,), at=days_ago(30)), meeting("2", ANA, at=AT + timedelta(days=3))
    )
    past = past_of(engine)
    assert past.histories[0].days == (back(30),)
    assert past_of(engine, at=days_ago(31)).histories == ()


def test_the_past_ends_with_the_last_contact() -> None:
    engine = know(
        letter("1", ME, (ANA,), at=days_ago(300)), letter("2", ME, (BEN,), at=days_ago(90))
    )
    past = past_of(engine)
    assert (past.until, past.today) == (back(90), TODAY)
    assert set(past.people) == {one.alter for one in past.histories}


def test_a_day_begins_where_the_owner_lives() -> None:
    engine = know(letter("1", ME, (ANA,), at=datetime(2026, 1, 1, 23, 30, tzinfo=UTC)))
    there = basis(zone="Asia/Tokyo")
    (history,) = read_past(engine, there, at=AT, rules=Rules()).histories
    assert history.days[0].isoformat() == "2026-01-02"


def test_what_the_owner_wants_of_a_person_is_known() -> None:
    engine = know(letter("1", ME, (ANA,), at=days_ago(30)))
    ana = Identity(ANA.email)
    said = days_ago(5)
    decisions.append(engine, "a", [Rest(ana, said), Never(ana, said)], at=said)
    wanted = past_of(engine, orders=(Cadence(ana, 40, days_ago(900)),)).wanted
    assert wanted.longest_days == {OF_ANA: 40}
    assert wanted.rested_on == {OF_ANA: (back(5),)}
    assert wanted.never_from == {OF_ANA: back(5)}
    assert past_of(engine, at=days_ago(6)).wanted.rested_on == {}


def report_on(engine: Database, *, per_week: int = 3) -> Report:
    return run_backtest(
        engine,
        BASIS,
        at=AT,
        rules=Rules(flags_per_week=per_week),
        chance=np.random.default_rng(1),
    )


def test_a_silence_that_lasted_is_reported_with_its_person() -> None:
    stopped = [one for ago in range(400, 500, 10) for one in exchange(ANA, ago)]
    steady = [one for ago in range(1, 500, 10) for one in exchange(BEN, ago)]
    report = report_on(know(*stopped, *steady))
    (flag,) = report.result.kithd.flags
    assert flag.flag.alter == OF_ANA
    assert flag.outcome is not None
    assert flag.outcome.name == "LASTED"
    assert report.past.people[flag.flag.alter].name == ANA.name
    assert report.foresight is None
    assert report.result.per_week == 3


def test_nothing_at_all_is_a_past_too() -> None:
    report = report_on(know())
    assert report.result.n_silences == 0
    assert report.foresight is None
