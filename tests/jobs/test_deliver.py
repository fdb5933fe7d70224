"""A mail is sent once, whatever happens in between: to the server, to the network, to kithd."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from connectors.errors import Unavailable
from daemon.config.model import Delivery
from daemon.delivery.maildir import MaildirTransport
from daemon.delivery.message import build_answer
from daemon.delivery.smtp import SmtpTransport
from daemon.delivery.transport import Transport
from daemon.digest.render_html import render_html
from daemon.digest.render_text import render_text
from daemon.jobs.compose import compose, remember
from daemon.jobs.deliver import GRACE, LATE, Delivered, deliver_due
from daemon.jobs.morning import render
from daemon.store import offers, outbox, schema
from daemon.store.database import Database, open_file, writing
from daemon.store.outbox import ANSWER, UNKNOWN, Outgoing
from daemon.suggestions.model import Rules
from tests.jobs.world import ANA, AT, BASIS, BEN, ME, days_ago, know, letter, open_world
from tests.servers.smtp import Fault, Server, serve

ON = AT.date()
KEY = b"k" * 32
DELIVERY = Delivery()
HOUR = timedelta(hours=1)
ASKED = (
    letter("a", ME, (ANA,), at=days_ago(30)),
    letter("b", text="Could you send me the floor plan?", at=days_ago(6)),
)


def written(at: datetime = AT) -> Outgoing:
    engine = know(*ASKED)
    composed = compose(engine, BASIS, at=at, rules=Rules(), reply_to=ME.email)
    return render(composed, delivery=DELIVERY, key=KEY, owner=ME.email)


PREPARED = written()


class PowerCut(Exception):
    """The machine stops here."""


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


def prepare(engine: Database, at: datetime = AT) -> Outgoing:
    composed = compose(engine, BASIS, at=at, rules=Rules(), reply_to=ME.email)
    outgoing = render(composed, delivery=DELIVERY, key=KEY, owner=ME.email)
    remember(engine, composed, outgoing, now=at)
    return outgoing


def go(engine: Database, way: Transport, at: datetime = AT, **more: Any) -> Delivered:
    return deliver_due(engine, way, at=at, sender=ME.email, to=ME.email, **more)


def today(engine: Database) -> Outgoing:
    with engine.connect() as connection:
        found = outbox.read_outgoing(connection, ON)
    assert found is not None
    return found


def looker(server: Server) -> Callable[[str], bool]:
    """Look for a mail where the server put it."""
    return lambda name: name in [message_from_bytes(raw)["Message-ID"] for raw in server.taken]


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


# What a machine does that stops.


@dataclass(frozen=True)
class Stopping:
    """A way on which the machine stops before the mail is handed over, or after."""

    way: Transport
    is_after: bool

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:
        if self.is_after:
            self.way.send(message, message_id, sender=sender, to=to)
        raise PowerCut

    def check(self) -> None:
        self.way.check()


@pytest.mark.parametrize("is_after", [False, True])
def test_a_machine_that_stops_beside_the_sending_sends_one_in_the_end(
    engine: Database, way: SmtpTransport, server: Server, is_after: bool
) -> None:
    prepare(engine)
    with pytest.raises(PowerCut):
        go(engine, Stopping(way, is_after))
    assert today(engine).state == "claimed"
    go(engine, way, at=AT + timedelta(minutes=1), find=looker(server))
    assert len(server.taken) == is_after
    go(engine, way, at=AT + GRACE, find=looker(server))
    assert len(server.taken) == 1
    assert today(engine).state == "sent"


@pytest.mark.parametrize("can_ask", [True, False])
def test_stopped_at_any_statement_at_most_one_is_seen_and_none_is_lost(
    tmp_path: Path, server: Server, way: SmtpTransport, can_ask: bool
) -> None:
    find = looker(server) if can_ask else None
    n, is_through = 0, False
    while not is_through:
        server.taken.clear()
        engine = open_file(tmp_path / f"{n}.db")
        schema.metadata.create_all(engine)
        with writing(engine) as tx:
            outbox.put(tx, PREPARED, at=AT)
        with Stopped(engine, after=n):
            is_through = goes_through(engine, way, find)
        for minutes in (0, 1, 16, 40):
            go(engine, way, at=AT + timedelta(minutes=minutes), find=find)
        state = today(engine)
        assert len(server.taken) <= 1
        if can_ask:
            assert (len(server.taken), state.state) == (1, "sent"), n
        else:
            assert state.state == "sent" or (state.state, state.problem) == ("failed", UNKNOWN)
        engine.dispose()
        n += 1
    assert n > 4


def goes_through(engine: Database, way: Transport, find: Callable[[str], bool] | None) -> bool:
    try:
        go(engine, way, find=find)
    except PowerCut:
        return False
    return True


class Stopped:
    """Cut the power before the nth statement, or commit, that the database is told."""

    def __init__(self, engine: Database, *, after: int) -> None:
        self._engine, self._left = engine, after

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._count)
        event.listen(self._engine, "commit", self._count)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)
        event.remove(self._engine, "commit", self._count)

    def _count(self, *_: object) -> None:
        if self._left == 0:
            raise PowerCut
        self._left -= 1


def test_of_many_that_deliver_at_once_one_sends(
    tmp_path: Path, server: Server, way: SmtpTransport
) -> None:
    engine = open_file(tmp_path / "kithd.db")
    schema.metadata.create_all(engine)
    with writing(engine) as tx:
        outbox.put(tx, PREPARED, at=AT)
    assert sum(done.n_sent for done in race(engine, way, AT)) == 1
    assert len(server.taken) == 1


def test_of_many_that_settle_a_doubt_at_once_one_sends(
    tmp_path: Path, server: Server, way: SmtpTransport
) -> None:
    engine = open_file(tmp_path / "kithd.db")
    schema.metadata.create_all(engine)
    with writing(engine) as tx:
        outbox.put(tx, PREPARED, at=AT)
    outbox.move(engine, PREPARED.message_id, before="ready", after="claimed", at=AT)
    all_have_read = threading.Barrier(4)

    def find(_name: str) -> bool:
        all_have_read.wait(20)
        return False

    done = race(engine, way, AT + GRACE, find=find)
    assert sum(one.n_sent for one in done) == 1
    assert len(server.taken) == 1


def race(engine: Database, way: Transport, at: datetime, **more: Any) -> list[Delivered]:
    """Deliver in four threads that begin together, each on connections of its own."""
    found: list[Delivered] = []
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait()
        found.append(go(engine, way, at=at, **more))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    engine.dispose()
    assert len(found) == 4
    return found


# A Maildir, which knows what it was given.


def test_a_digest_the_owner_deleted_is_not_put_there_again(
    engine: Database, tmp_path: Path
) -> None:
    prepare(engine)
    maildir = MaildirTransport(tmp_path / "Mail")
    assert go(engine, maildir) == Delivered(1)
    [new] = (tmp_path / "Mail" / "new").iterdir()
    new.unlink()
    assert go(engine, maildir) == Delivered()
    assert not list((tmp_path / "Mail" / "new").iterdir())


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("is_read", [False, True])
def test_a_maildir_is_never_in_doubt(
    engine: Database, tmp_path: Path, is_after: bool, is_read: bool
) -> None:
    prepare(engine)
    folder = tmp_path / "Mail"
    maildir = MaildirTransport(folder)
    maildir.check()
    with pytest.raises(PowerCut):
        go(engine, Stopping(maildir, is_after))
    for new in (folder / "new").iterdir():
        if is_read:
            new.rename(folder / "cur" / f"{new.name}:2,S")
    assert go(engine, maildir).n_sent == (not is_after)
    assert len([*(folder / "new").iterdir(), *(folder / "cur").iterdir()]) == 1
    assert today(engine).state == "sent"


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
