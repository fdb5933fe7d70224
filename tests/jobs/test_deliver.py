"""A mail is sent once, whatever happens in between: to the server, to the network, to kithd."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import Unavailable
from daemon.delivery.message import build_answer
from daemon.delivery.smtp import SmtpTransport
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from daemon.jobs.compose import compose, remember
from daemon.jobs.deliver import GRACE, LATE, Delivered
from daemon.jobs.morning import render
from daemon.store import offers, outbox
from daemon.store.database import Database, writing
from daemon.store.outbox import ANSWER, UNKNOWN, Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.posting import ASKED, DELIVERY, HOUR, KEY, ON, go, looker, prepare, today
from tests.jobs.world import AT, BASIS, BEN, ME, days_ago, know, letter, open_world
from tests.servers.smtp import Fault, Server, serve


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path) as running:
        yield running


@pytest.fixture
def way(server: Server) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, "none", read_seconds=0.4)


def test_composed_twice_on_one_day_it_is_the_same(engine: Database) -> None:
    first = compose(engine, BASIS, at=AT, rules=Rules())
    remember(engine, first, now=AT)
    second = compose(engine, BASIS, at=AT, rules=Rules())
    assert second == first
    assert render_text(second.page) == render_text(first.page)
    assert render_html(second.page) == render_html(first.page)
    assert [item.who for item in first.page.items] == ["Ana Diaz"]


def test_it_is_sent_and_then_not_again(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    prepared = prepare(engine)
    assert go(engine, way) == Delivered(1)
    assert go(engine, way, at=AT + HOUR) == Delivered(0)
    assert server.taken == [prepared.message]
    assert server.envelopes == [(ME.email, [ME.email])]
    assert today(engine).state == "sent"


def test_the_date_is_in_the_owners_zone_on_both_sides_of_its_summer(engine: Database) -> None:
    basis = replace(BASIS, zone=ZoneInfo("Europe/Warsaw"))
    for at, said in (
        (datetime(2026, 3, 28, 6, tzinfo=UTC), "Sat, 28 Mar 2026 07:00:00 +0100"),
        (datetime(2026, 3, 29, 5, tzinfo=UTC), "Sun, 29 Mar 2026 07:00:00 +0200"),
        (datetime(2026, 10, 25, 6, tzinfo=UTC), "Sun, 25 Oct 2026 07:00:00 +0100"),
    ):
        composed = compose(engine, basis, at=at, rules=Rules(), reply_to=ME.email)
        outgoing = render(composed, delivery=DELIVERY, key=KEY, owner=ME.email)
        assert message_from_bytes(outgoing.message)["Date"] == said


def test_nothing_lies_there_and_nothing_is_done(engine: Database, way: SmtpTransport) -> None:
    assert go(engine, way) == Delivered()


# What a server says no to.


def test_a_greylist_is_waited_for(engine: Database, way: SmtpTransport, server: Server) -> None:
    prepare(engine)
    server.fault, server.n_faults = Fault.GREYLIST, 2
    first = go(engine, way)
    assert first.n_sent == 0
    assert first.problems == (
        "The digest of Monday 2 March 2026 waits: the mail server put off the recipient "
        "(450 4.2.0).",
    )
    assert go(engine, way, at=AT + timedelta(minutes=4)) == Delivered()
    assert go(engine, way, at=AT + timedelta(minutes=5)).problems
    assert go(engine, way, at=AT + timedelta(minutes=14)) == Delivered()
    assert go(engine, way, at=AT + timedelta(minutes=15)) == Delivered(1)
    assert len(server.taken) == 1


def test_waits_double_from_five_minutes_to_two_hours_and_end_with_the_day(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    prepare(engine)
    server.fault = Fault.GREYLIST
    tried, minute = [], 0
    while today(engine).state == "ready" and minute < 2 * 24 * 60:
        if go(engine, way, at=AT + timedelta(minutes=minute)).problems:
            tried.append(minute)
        minute += 5
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert waits[:7] == [5, 10, 20, 40, 80, 120, 120]
    assert set(waits[5:]) == {120}
    assert today(engine).problem == LATE
    assert (AT + timedelta(minutes=tried[-1])).date() == ON + timedelta(days=1)
    assert server.taken == []


def test_yesterdays_digest_is_not_sent_today_unless_it_was_late_in_the_evening(
    way: SmtpTransport,
) -> None:
    for at, later, n in ((AT, 18 * HOUR, 0), (AT + 16 * HOUR, 2 * HOUR, 1)):
        engine = know(*ASKED)
        prepare(engine, at)
        assert go(engine, way, at=at + later).n_sent == n


def test_a_refusal_is_for_good_and_says_what_was_refused(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    prepare(engine)
    server.fault = Fault.NO_SUCH_USER
    said = go(engine, way)
    assert said.problems == (
        "The digest of Monday 2 March 2026 was not sent: the mail server refused the recipient "
        "(550 5.1.1).",
    )
    server.fault = Fault.NONE
    assert go(engine, way, at=AT + HOUR) == Delivered()
    assert today(engine).state == "failed"
    assert outbox.hurry(engine, ON, at=AT + HOUR)
    assert go(engine, way, at=AT + HOUR) == Delivered(1)


def test_one_mail_that_is_refused_does_not_keep_back_the_next(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    prepare(engine)
    put_answer(engine)
    server.fault, server.n_faults = Fault.FULL, 1
    assert go(engine, way).n_sent == 1


def test_a_way_that_is_closed_is_tried_once_a_round(engine: Database, server: Server) -> None:
    prepare(engine)
    put_answer(engine)
    server.fault = Fault.GREYLIST
    assert len(go(engine, SmtpTransport("127.0.0.1", server.port, "none")).problems) == 1
    assert len(server.called_itself) == 1


def put_answer(engine: Database) -> None:
    answer = build_answer(
        "Noted.", subject="Re: kithd", to=ME.email, sender=ME.email, message_id="<2@example.org>",
        in_reply_to="<1@example.org>", references=(), date=AT,
    )  # fmt: skip
    with writing(engine) as tx:
        assert outbox.put(tx, Outgoing("<2@example.org>", answer, ANSWER), at=AT)


def test_an_answer_is_tried_for_a_day(engine: Database, way: SmtpTransport) -> None:
    put_answer(engine)
    late = go(engine, way, at=AT + timedelta(hours=24))
    assert late.problems == (f"The answer to a reply was not sent: {LATE}.",)


# What nobody knows.

DOUBTS = [
    (Fault.CUT_WHEN_TAKEN, 1),
    (Fault.CUT_BEFORE_TAKEN, 0),
    (Fault.HANG_WHEN_TAKEN, 1),
    (Fault.NONSENSE_WHEN_TAKEN, 1),
]


@pytest.mark.parametrize(("fault", "n_taken"), DOUBTS)
def test_in_doubt_it_is_looked_for_and_only_what_is_not_there_is_sent_again(
    engine: Database, way: SmtpTransport, server: Server, fault: Fault, n_taken: int
) -> None:
    prepared = prepare(engine)
    server.fault, server.n_faults = fault, 1
    said = go(engine, way, find=looker(server))
    assert said.n_sent == 0
    assert "may have been sent" in said.problems[0]
    assert today(engine).state == "claimed"
    for minutes in (1, 5, 14, 15, 30):
        go(engine, way, at=AT + timedelta(minutes=minutes), find=looker(server))
        if minutes < 15:
            assert len(server.taken) == n_taken
    assert server.taken == [prepared.message]
    assert today(engine).state == "sent"


@pytest.mark.parametrize(("fault", "n_taken"), DOUBTS)
def test_in_doubt_with_nobody_to_ask_it_is_not_sent_again_and_the_owner_is_told(
    engine: Database, way: SmtpTransport, server: Server, fault: Fault, n_taken: int
) -> None:
    prepare(engine)
    server.fault, server.n_faults = fault, 1
    go(engine, way)
    assert go(engine, way, at=AT + timedelta(minutes=1)) == Delivered()
    late = go(engine, way, at=AT + GRACE)
    assert UNKNOWN in late.problems[0]
    assert len(server.taken) == n_taken
    assert today(engine).problem == UNKNOWN
    assert not outbox.hurry(engine, ON, at=AT + HOUR)
    tomorrow = compose(engine, BASIS, at=AT + 24 * HOUR, rules=Rules(person_cooldown_days=0))
    text = " ".join(render_text(tomorrow.page).split())
    assert f"2 March 2026 may not have reached you: {UNKNOWN}." in text


def test_a_mailbox_that_cannot_be_asked_yet_is_asked_again(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    def fail(_name: str) -> bool:
        raise Unavailable("the mail server is away")

    prepare(engine)
    server.fault, server.n_faults = Fault.CUT_WHEN_TAKEN, 1
    go(engine, way, find=fail)
    assert "cannot be asked" in go(engine, way, at=AT + 2 * HOUR, find=fail).problems[0]
    assert go(engine, way, at=AT + 3 * HOUR, find=looker(server)) == Delivered()
    assert today(engine).state == "sent"
    assert len(server.taken) == 1


def test_what_did_not_arrive_by_the_next_day_is_let_go(
    engine: Database, way: SmtpTransport, server: Server
) -> None:
    prepare(engine)
    server.fault, server.n_faults = Fault.CUT_BEFORE_TAKEN, 1
    go(engine, way)
    assert "too late" in go(engine, way, at=AT + 24 * HOUR, find=looker(server)).problems[0]
    assert server.taken == []


# What is written stays.


def test_the_digest_of_a_day_is_written_once_and_its_numbers_stay(engine: Database) -> None:
    prepare(engine)
    with engine.connect() as connection:
        before = offers.read_last(connection), outbox.read_outgoing(connection, ON)
    more_to_say(engine)
    prepare(engine)
    with engine.connect() as connection:
        assert (offers.read_last(connection), outbox.read_outgoing(connection, ON)) == before


def test_what_is_printed_later_in_the_day_takes_no_number_of_the_mail() -> None:
    engine = open_world()
    more_to_say(engine)
    prepare(engine)
    with engine.connect() as connection:
        [mailed] = offers.read_last(connection, ON)
    know(*ASKED, engine=engine)  # Ana, who without the mail would come first
    later = compose(engine, BASIS, at=AT + HOUR, rules=Rules())
    remember(engine, later, now=AT + HOUR)
    with engine.connect() as connection:
        kept = {one.ref: one for one in offers.read_last(connection, ON)}
    assert (mailed.who, kept[1].key) == ("Ben Okafor", mailed.key)
    assert [(item.ref, item.who) for item in later.page.items] == [
        (1, "Ben Okafor"),
        (2, "Ana Diaz"),
    ]
    assert {item.ref: item.key for item in later.page.items} == {
        ref: one.key for ref, one in kept.items()
    }


def more_to_say(engine: Database) -> None:
    know(
        letter("c", ME, (BEN,), at=days_ago(40)),
        letter("d", BEN, text="Could you call me, please?", at=days_ago(6)),
        engine=engine,
    )
