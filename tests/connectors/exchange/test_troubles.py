"""A server that is busy, broken, slow, forgetful or hostile costs nothing and is named."""

import logging
import random
import traceback
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import (
    AccessDenied,
    ConnectorError,
    CursorExpired,
    Misconfigured,
    Unavailable,
)
from connectors.exchange import session
from connectors.exchange.connector import ExchangeConnector
from connectors.exchange.cursors import LENGTH_LIMIT, Place, resume
from connectors.http import Bounds
from connectors.observations import Message
from connectors.pace import Waiting
from connectors.protocol import Reading
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll as store_all
from daemon.store.database import Database
from daemon.store.schema import observations
from tests.connectors.exchange.mailbox import (
    SINCE,
    Clock,
    Home,
    add_letter,
    add_meeting,
    add_person,
    poll,
    poll_to_trouble,
    seen,
)
from tests.jobs.world import open_world
from tests.servers import ews_soap as soap
from tests.servers.api import Call, Reply
from tests.servers.ews import PASSWORD, USER, XML, busy
from tests.servers.web import serve, wait_for

HTML = Reply(
    200, b"<!DOCTYPE html><html>We are being repaired.</html>", {"Content-Type": "text/html"}
)
NOW = datetime(2024, 7, 1, tzinfo=UTC)


def fill(home: Home, n: int = 12) -> None:
    for number in range(n):
        add_letter(home.exchange, number, ("inbox", "sentitems")[number % 2])
        add_meeting(home.exchange, number)
        add_person(home.exchange, number)


@pytest.mark.parametrize("seed", range(3), ids="seed {}".format)
def test_throttling_and_failures_change_nothing_in_the_end(home: Home, seed: int) -> None:
    fill(home)
    expected = seen(poll(home.settings(page=5)))
    too_many = Reply(429, b"", {"Retry-After": "7"})
    home.served.fail_share(
        {0.2: busy(5_000), 0.1: too_many, 0.09: Reply(503), 0.01: Reply(502)}, seed=seed
    )
    clock = Clock()
    found = seen(poll(home.settings(page=5, clock=clock)))
    assert found == expected
    assert len(clock.slept) > 3


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (busy(90_000), 90),
        (Reply(503, b"", {"Retry-After": "33"}), 33),
        (Reply(429, b"", {"Retry-After": "41"}), 41),
    ],
    ids=["BackOffMilliseconds", "503", "429"],
)
def test_a_busy_server_is_waited_for_as_long_as_it_says(
    home: Home, reply: Reply, seconds: float
) -> None:
    add_letter(home.exchange, 1)
    clock = Clock()
    home.served.fail_at(3, reply)
    assert len(seen(poll(home.settings(clock=clock)))) == 1
    assert clock.slept == [seconds]


def test_a_server_that_wants_an_hour_is_asked_by_a_later_poll(home: Home) -> None:
    home.served.faults.append(lambda _: busy(3_600_000))
    clock = Clock()
    with pytest.raises(Unavailable) as caught:
        poll(home.settings(clock=clock, sign_in="basic"))
    assert caught.value.retry_after == timedelta(hours=1)
    assert clock.slept == []


def test_a_busy_answer_inside_a_good_one_is_waited_for_too(home: Home) -> None:
    add_letter(home.exchange, 1)
    inner = soap.response(
        "SyncFolderItems", [soap.failure("SyncFolderItems", "ErrorServerBusy")], "Exchange2013"
    )
    clock = Clock()
    home.served.fail_at(3, Reply(200, inner, XML))
    assert len(seen(poll(home.settings(sign_in="basic", clock=clock)))) == 1
    assert len(clock.slept) == 1


def test_who_is_asked_again_who_they_are_waits(home: Home) -> None:
    add_letter(home.exchange, 1)
    clock = Clock()
    home.served.fail_at(4, Reply(401, b"", {"WWW-Authenticate": "Basic"}))
    assert len(seen(poll(home.settings(clock=clock)))) == 1
    assert len(clock.slept) == 1


def test_whoever_is_locked_out_in_mid_poll_learns_it_at_the_next(home: Home) -> None:
    for number in range(4):
        add_letter(home.exchange, number)
    with closing(ExchangeConnector(home.settings(page=2), since=SINCE)) as connector:
        batches = connector.poll(None)
        first = next(batches)
        home.exchange.password = "another"  # noqa: S105 -- of nobody
        with pytest.raises(Unavailable):
            list(batches)
    with pytest.raises(AccessDenied):
        poll(home.settings(page=2), first.cursor)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6], ids="call {}".format)
@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        Reply(200, b"<s:Envelope xmlns:s='x'><s:Body/></s:Envelope>", XML),
        Reply(200, soap.envelope("<m:Odd/>"), XML),
        Reply(200, b"\x00\xff", XML),
        Reply(418, b"short and stout"),
        Reply(200, soap.envelope(""), XML, is_cut=True),
    ],
    ids=["page", "other SOAP", "odd", "bytes", "teapot", "cut off"],
)
def test_what_makes_no_sense_costs_one_poll_and_nothing_else(
    home: Home, reply: Reply, n: int
) -> None:
    for number in range(4):
        add_letter(home.exchange, number)
    settings = home.settings(page=2, parts=("mail",), sign_in="basic")
    expected = {one.uid for one in seen(poll(settings))}
    home.served.fail_at(n, reply)
    batches, trouble = poll_to_trouble(settings)
    assert isinstance(trouble, Unavailable)
    rest = poll(settings, batches[-1].cursor if batches else None)
    assert {one.uid for one in seen(batches + rest)} == expected


def test_an_answer_that_was_cut_off_is_not_taken_for_a_shorter_one(home: Home) -> None:
    for number in range(3):
        add_letter(home.exchange, number)

    def cut(call: Call) -> Reply | None:
        whole = home.exchange.answer(call)
        second = whole.body.find(b"<t:Create>", whole.body.find(b"<t:Create>") + 1)
        return Reply(200, whole.body[:second], XML) if second > 0 else None

    home.served.faults.append(cut)
    _, trouble = poll_to_trouble(home.settings(sign_in="basic"))
    assert isinstance(trouble, Unavailable)
    home.served.faults.clear()
    assert len(seen(poll(home.settings()))) == 3


def test_entities_are_not_read(home: Home) -> None:
    add_letter(home.exchange, 1)
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + soap.envelope("&a;")[38:]
    home.served.fail_at(3, Reply(200, bomb, XML))
    _, trouble = poll_to_trouble(home.settings())
    assert isinstance(trouble, Unavailable)
    assert "something else than EWS" in str(trouble)


def test_control_characters_that_xml_forbids_cost_nothing(home: Home) -> None:
    add_letter(home.exchange, 1)

    def spoil(call: Call) -> Reply | None:
        whole = home.exchange.answer(call)
        return Reply(200, whole.body.replace(b"Shall we", b"Shall&#x1; &#x0;we"), XML)

    home.served.faults.append(spoil)
    [message] = seen(poll(home.settings(sign_in="basic")))
    assert isinstance(message, Message)
    assert message.text == "Shall we meet?"


def test_an_answer_that_is_too_long_is_asked_for_in_parts(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        add_letter(home.exchange, number)
    add_letter(home.exchange, 99, text="long " * 5_000)
    monkeypatch.setattr(session, "BOUNDS", Bounds(bytes=12_000))
    batches = poll(home.settings())
    texts = {one.subject: one.text for one in seen(batches) if isinstance(one, Message)}
    assert len(texts) == 9
    assert texts["Note 99"] == ""
    assert texts["Note 1"] == "Shall we meet?"


def test_a_server_that_trickles_is_given_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "BOUNDS", Bounds(seconds=0.3))
    with serve(context=None) as site:
        site.fallback = lambda exchange: exchange.stream(iter(lambda: b"<", b""), pause=0.05)
        settings = home.settings(url=site.url, sign_in="basic")
        _, trouble = poll_to_trouble(settings)
    assert isinstance(trouble, Unavailable)
    assert "in time" in str(trouble)


def test_a_state_that_the_server_forgot_expires_the_cursor(home: Home) -> None:
    fill(home)
    before = poll(home.settings())
    home.exchange.forget_states()
    _, trouble = poll_to_trouble(home.settings(), before[-1].cursor)
    assert isinstance(trouble, CursorExpired)


def test_reading_again_after_that_brings_nothing_twice(home: Home) -> None:
    fill(home)
    engine = open_world("mail")
    assert store(home, engine) == 36
    before = rows(engine)
    home.exchange.forget_states()
    add_letter(home.exchange, 99)
    store(home, engine)
    after = rows(engine)
    assert len(after) == 37
    assert before < after


def store(home: Home, engine: Database) -> int:
    connector = ExchangeConnector(home.settings(page=5), since=SINCE)
    return store_all(engine, "mail", connector, ego=Ego(frozenset()), at=NOW)


def rows(engine: Database) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        found = connection.execute(sa.select(observations.c.uid, observations.c.payload))
        return {(row.uid, str(row.payload)) for row in found}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ErrorInvalidSyncStateData", CursorExpired),
        ("ErrorMailboxMoveInProgress", Unavailable),
        ("ErrorInternalServerError", Unavailable),
        ("ErrorAccessDenied", AccessDenied),
        ("ErrorNonExistentMailbox", Misconfigured),
    ],
)
def test_an_error_without_a_state_is_told_for_what_it_is(
    home: Home, code: str, kind: type[ConnectorError]
) -> None:
    add_letter(home.exchange, 1)
    before = poll(home.settings())
    home.exchange.refusals["SyncFolderItems"] = code
    _, trouble = poll_to_trouble(home.settings(), before[-1].cursor)
    assert type(trouble) is kind


def test_a_folder_that_vanishes_in_mid_poll_is_passed_over(home: Home) -> None:
    archive = home.exchange.add_folder("Archive")
    add_letter(home.exchange, 1)
    add_letter(home.exchange, 2, archive.id)
    with closing(ExchangeConnector(home.settings(), since=SINCE)) as connector:
        batches = connector.poll(None)
        first = next(batches)
        del home.exchange.folders[archive.id]
        assert len(seen([first, *batches])) == 1


def test_a_server_that_knows_an_older_version_alone_is_named(home: Home) -> None:
    home.exchange.refusals["GetFolder"] = "ErrorInvalidServerVersion"
    _, trouble = poll_to_trouble(home.settings())
    assert isinstance(trouble, Misconfigured)
    assert "older than Exchange Server 2013" in str(trouble)


def test_newer_servers_are_spoken_to_in_the_same_version(home: Home) -> None:
    home.exchange.version = "Exchange2016"
    fill(home, 2)
    assert len(seen(poll(home.settings()))) == 6


@pytest.mark.parametrize(
    "settings",
    [{"address": "other@example.org"}, {"read": Reading.HEADERS}, {"zone": "Europe/Berlin"}],
    ids=["mailbox", "reading", "zone"],
)
def test_a_cursor_is_for_one_mailbox_and_one_way_of_reading(
    home: Home, settings: dict[str, Any]
) -> None:
    add_letter(home.exchange, 1)
    before = poll(home.settings())
    _, trouble = poll_to_trouble(home.settings(**settings), before[-1].cursor)
    assert isinstance(trouble, CursorExpired)


def test_more_folders_than_a_cursor_holds_are_a_matter_for_the_owner() -> None:
    states = {f"{n:020x}": random.Random(n).randbytes(300).hex() for n in range(400)}  # noqa: S311 -- no secret
    with pytest.raises(Misconfigured, match="400 folders are more than can be followed"):
        Place("x", 0, states).to_cursor()
    few = Place("x", 0, dict([*states.items()][:100]))
    assert len(few.to_cursor()) < LENGTH_LIMIT
    assert resume(few.to_cursor(), "x") == few


def test_closing_ends_a_poll_and_its_waiting(home: Home) -> None:
    home.served.faults.append(lambda _: busy(60_000))
    settings = home.settings(clock=Waiting(), sign_in="basic")
    connector = ExchangeConnector(settings, since=SINCE)
    troubles: list[ConnectorError] = []

    def read() -> None:
        try:
            list(connector.poll(None))
        except ConnectorError as trouble:
            troubles.append(trouble)

    thread = Thread(target=read)
    thread.start()
    wait_for(lambda: len(home.served.calls) > 0)
    connector.close()
    thread.join(10)
    connector.close()
    assert not thread.is_alive()
    assert isinstance(troubles[0], Unavailable)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, b"", {"WWW-Authenticate": "Basic"}),
        HTML,
        Reply(500, soap.fault("ErrorAccessDenied"), XML),
        Reply(500, soap.fault("ErrorSchemaValidation"), XML),
        Reply(200, soap.envelope("<m:Odd/>"), XML),
        Reply(403),
    ],
    ids=["401", "page", "fault", "unknown", "odd", "403"],
)
def test_no_error_and_no_log_tells_a_secret(
    home: Home, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add_letter(home.exchange, 1, text="between us alone")
    home.served.fail_at(2 if reply.status == 401 else 5, reply)
    try:
        poll(home.settings())
        pytest.fail("it went unseen")
    except ConnectorError as trouble:
        told = "".join(traceback.format_exception(trouble)) + caplog.text
    for private in (PASSWORD, "note-1@", "between us", "Ana", USER):
        assert private not in told
