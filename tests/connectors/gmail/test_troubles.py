"""Whatever fails on the way, all is told in the end, and nothing is said that is secret."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import AccessDenied, ConnectorError, Unavailable
from connectors.observations import Message
from connectors.protocol import Batch, Reading
from daemon.interactions.model import Ego
from daemon.jobs.poll import poll
from daemon.store import schema
from daemon.store.database import open_scratch
from tests.connectors.gmail.mailroom import NOON, Mailroom, messages_of, uids_of
from tests.jobs.world import BASIS, register
from tests.servers.api import Call, Reply
from tests.servers.google_api import error

BUSY = error(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Too many concurrent requests.")
LIMITED = error(403, "userRateLimitExceeded", "PERMISSION_DENIED", "Quota exceeded.")
BROKEN = Reply(503, b"<html>Backend Error: canary</html>", {"Content-Type": "text/html"})
BOTH = pytest.mark.parametrize(
    "read", [Reading.TEXT, Reading.SUBJECTS], ids=["readonly", "metadata"]
)


def fill(room: Mailroom) -> None:
    room.fill(40, "SENT")
    room.fill(60)
    for _ in range(10):
        room.put("CATEGORY_PROMOTIONS")


def read_on(room: Mailroom, **changed: Any) -> tuple[list[Batch], int]:
    """Poll until all is read, from the last cursor after each failure; count the failures."""
    batches: list[Batch] = []
    for n_failures in range(50):
        cursor = batches[-1].cursor if batches else None
        try:
            batches += room.open(**changed).poll(cursor)
        except Unavailable:
            continue
        return batches, n_failures
    raise AssertionError("it never came to an end")


def by_uid(batches: list[Batch]) -> dict[str, Message]:
    return {one.uid: one for one in messages_of(batches)}


@BOTH
def test_a_service_that_fails_two_times_in_five_tells_the_same_in_the_end(
    room: Mailroom, read: Reading
) -> None:
    fill(room)
    expected = by_uid(room.poll(read=read, page=10))
    room.served.fail_share({0.3: BUSY, 0.1: BROKEN}, seed=5)
    batches, _ = read_on(room, read=read, page=10)
    assert by_uid(batches) == expected
    assert sorted(uids_of(batches)) == sorted(expected)


@pytest.mark.parametrize("reply", [BUSY, LIMITED, BROKEN], ids=["429", "403", "503"])
def test_what_fails_in_a_batch_is_asked_again_by_itself(room: Mailroom, reply: Reply) -> None:
    fill(room)
    expected = by_uid(room.poll(page=10))
    room.gmail.got.clear()
    n_parts = 0

    def fault(_: Call) -> Reply | None:
        nonlocal n_parts
        n_parts += 1
        return reply if n_parts % 5 in (0, 2) else None

    room.gmail.faults.append(fault)
    batches = room.poll(page=10)
    assert by_uid(batches) == expected
    assert sorted(uids_of(batches)) == sorted(expected)
    # Nothing is got again but what was refused: promotions twice, as ever.
    assert len(room.gmail.got) == len(expected) + 10


def until_trouble(batches: Iterator[Batch]) -> tuple[list[Batch], str]:
    """Return what was told before a service failed, and how that was put."""
    told: list[Batch] = []
    while True:
        try:
            told.append(next(batches))
        except Unavailable as problem:
            return told, str(problem)


def test_a_part_that_never_succeeds_keeps_the_cursor_before_it(room: Mailroom) -> None:
    cursor = room.poll()[-1].cursor
    fresh = room.fill(7)
    for faults in (room.gmail.faults, room.served.faults):
        faults.append(lambda call: BUSY if fresh[4] in call.path else None)
    told, _ = until_trouble(room.open(page=3).poll(cursor))
    assert uids_of(told) == fresh[:3]
    room.gmail.faults.clear()
    room.served.faults.clear()
    after = room.poll(told[-1].cursor, page=3)
    assert uids_of([*told, *after]) == fresh


def test_a_token_that_expires_in_mid_page_is_renewed_once_and_the_page_read_again(
    room: Mailroom,
) -> None:
    fill(room)
    expected = by_uid(room.poll(page=10))
    room.gmail.got.clear()
    at = len(room.served.calls) + 9

    def fault(_: Call) -> Reply | None:
        if len(room.served.calls) == at:
            room.accounts.expire_all()
        return None

    room.served.faults.append(fault)
    batches = room.poll(page=10)
    assert by_uid(batches) == expected
    assert sorted(uids_of(batches)) == sorted(expected)
    assert room.accounts.n_refreshes == 1


def test_a_token_that_expires_between_the_parts_of_a_batch_is_renewed_once(
    room: Mailroom,
) -> None:
    uids = room.fill(20)
    n_parts = 0

    def fault(_: Call) -> Reply | None:
        nonlocal n_parts
        n_parts += 1
        if n_parts == 8:
            room.accounts.expire_all()
        return None

    room.gmail.faults.append(fault)
    assert sorted(uids_of(room.poll(page=20))) == sorted(uids)
    assert room.accounts.n_refreshes == 1


def test_a_sign_in_that_was_revoked_needs_a_human(room: Mailroom) -> None:
    room.fill(3)
    cursor = room.poll()[-1].cursor
    room.put()
    room.accounts.revoke_all()
    with pytest.raises(AccessDenied, match="kithd sign-in"):
        room.poll(cursor)
    room.sign_in()
    assert len(uids_of(room.poll(cursor))) == 1


@pytest.mark.parametrize("granted", ["gmail.modify", "gmail.metadata"])
def test_a_sign_in_that_permits_more_or_less_is_refused(room: Mailroom, granted: str) -> None:
    connector = room.open()
    room.permissions = (f"https://www.googleapis.com/auth/{granted}",)
    room.sign_in()
    with pytest.raises(AccessDenied, match="permit"):
        next(connector.poll(None))
    assert not room.served.calls


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Log in to this hotel: canary</html>", {"Content-Type": "text/html"}),
        Reply(200, b'{"messages": [{"id": ', {"Content-Type": "application/json"}),
        Reply(200, b"[1, 2]", {"Content-Type": "application/json"}),
        Reply(200, b'{"emailAddress": 7, "messages": {}, "history": "canary"}'),
        Reply(200, b"{}", {"Content-Type": "application/json"}),
        Reply(200, b'{"messages": [{"id": 3}], "history": [{"id": "-1"}], "historyId": "x"}'),
        Reply(502, b"canary"),
        Reply(200, b'{"historyId": "1"}', is_cut=True),
    ],
    ids=["html", "cut-json", "list", "types", "empty", "ids", "502", "cut-off"],
)
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_nonsense_is_no_news(room: Mailroom, reply: Reply, n: int) -> None:
    room.fill(4)
    told = room.poll(page=2)
    room.fill(4)
    at = len(room.served.calls) + n
    room.served.faults.append(lambda _: reply if len(room.served.calls) >= at else None)
    later, problem = until_trouble(room.open(page=2).poll(told[-1].cursor))
    assert "canary" not in problem
    room.served.faults.clear()
    after = room.poll((later or told)[-1].cursor, page=2)
    assert sorted(uids_of([*told, *later, *after])) == sorted(room.box.kept)


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("/messages", {"messages": {}}),
        ("/messages", {"messages": [7]}),
        ("/messages", {"messages": [{"id": ""}]}),
        ("/history", {"historyId": "9999", "history": {}}),
        ("/history", {"historyId": "9999", "history": [{"id": "8", "messagesAdded": {}}]}),
        ("/history", {"historyId": "9999", "history": [{"id": "8", "labelsRemoved": [{}, 7]}]}),
        ("/profile", {"emailAddress": "", "historyId": "7", "messagesTotal": 7}),
    ],
)
def test_a_list_in_another_form_is_no_empty_one(
    room: Mailroom, end: str, answer: dict[str, Any]
) -> None:
    room.fill(3)
    reply = Reply.of(answer)
    room.served.faults.append(lambda call: reply if call.path.endswith(end) else None)
    told, _ = until_trouble(room.open().poll(None))
    assert not told


def test_a_mailbox_that_an_account_does_not_have_is_a_mistake(room: Mailroom) -> None:
    no = error(400, "failedPrecondition", "FAILED_PRECONDITION", "Mail service not enabled")
    room.served.fail_at(1, no)
    with pytest.raises(ConnectorError, match="no mailbox"):
        room.poll()


def test_closing_from_elsewhere_ends_a_poll(room: Mailroom) -> None:
    room.fill(9)
    connector = room.open(page=3)
    poll = connector.poll(None)
    next(poll)
    connector.close()
    with pytest.raises(Unavailable):
        next(poll)


def test_a_resync_after_forgotten_history_doubles_nothing(room: Mailroom) -> None:
    fill(room)
    engine = open_scratch()
    schema.metadata.create_all(engine)
    register(engine, "mail")

    def run() -> int:
        return poll(engine, "mail", room.open(page=10), ego=Ego(BASIS.addresses), at=NOON)

    def stored() -> Counter[str]:
        with engine.connect() as connection:
            return Counter(connection.scalars(sa.select(schema.observations.c.uid)))

    assert run() == len(room.box.kept)
    room.fill(5)
    room.box.forget()
    assert run() == len(room.box.kept)
    assert stored() == dict.fromkeys(room.box.kept, 1)
    assert run() == 0
