"""A digest is handed over once, to its one recipient, or it is said why not."""

from email import message_from_bytes
from typing import Any

import pytest

from connectors.errors import AccessDenied, InDoubt, Misconfigured, Unavailable
from connectors.gmail.connector import GmailConnector
from connectors.observations import Mark
from connectors.protocol import Outbox, Reading
from tests.connectors.gmail.mailroom import NOON, Mailroom, letter, messages_of
from tests.servers.api import Reply
from tests.servers.google_api import error

OWN = "<kithd.2026-11-02.0123456789abcdef@example.org>"
OWNER = "owner@example.org"
BUSY = error(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Too many requests.")


def digest(**fields: str) -> bytes:
    given = {
        "from": f"kithd <{OWNER}>",
        "to": OWNER,
        "message_id": OWN,
        "x_kithd": "1",
        "auto_submitted": "auto-generated",
    }
    return letter(1, NOON, **(given | fields))


def way_out(room: Mailroom) -> GmailConnector:
    return room.open(sends=True)


def send(outbox: Outbox, message: bytes | None = None) -> None:
    outbox.send(message or digest(), sender=OWNER, to=OWNER)


def test_a_digest_is_sent_as_it_is_but_for_a_reference_to_itself(room: Mailroom) -> None:
    send(way_out(room))
    assert room.gmail.sent == [f"References: {OWN}\r\n".encode() + digest()]
    assert room.gmail.asked == ["messages.send"]


def test_a_reference_to_itself_is_put_behind_those_that_are_there(room: Mailroom) -> None:
    named = "<root@example.org>\r\n <parent@example.org>"
    send(way_out(room), digest(references=named))
    [sent] = room.gmail.sent
    found = message_from_bytes(sent)
    assert str(found["References"]).split() == ["<root@example.org>", "<parent@example.org>", OWN]
    assert sent.replace(f"\r\n {OWN}".encode(), b"") == digest(references=named)


@pytest.mark.parametrize("read", [Reading.TEXT, Reading.SUBJECTS], ids=["readonly", "metadata"])
def test_what_was_sent_is_found_though_gmail_names_it_anew(room: Mailroom, read: Reading) -> None:
    room.fill(9, "SENT")
    reader = room.open(read=read)
    assert not reader.holds(OWN)
    send(way_out(room))
    reader = room.open(read=read)
    assert reader.holds(OWN)
    [message] = [one for one in messages_of(room.poll(read=read)) if Mark.KITHD in one.marks]
    assert message.message_id != OWN.strip("<>")
    assert message.references == (OWN.strip("<>"),)


@pytest.mark.parametrize("fields", [{"to": "eve@example.net"}, {"cc": OWNER}, {"bcc": OWNER}])
def test_a_mail_to_anybody_else_is_not_handed_over(room: Mailroom, fields: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="one recipient"):
        send(way_out(room), digest(**fields))
    with pytest.raises(Misconfigured, match="sender"):
        way_out(room).send(digest(), sender="eve@example.net", to=OWNER)
    assert not room.served.calls


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b'{"id": "1', is_cut=True),
        Reply(500, b"<html>Backend Error: canary</html>"),
        Reply(503, b""),
        Reply(200, b"<html>canary</html>"),
    ],
    ids=["cut-off", "500", "503", "html"],
)
def test_what_was_handed_over_without_an_answer_is_in_doubt_and_not_sent_again(
    room: Mailroom, reply: Reply
) -> None:
    outbox = way_out(room)
    room.served.fail_at(1, reply)
    with pytest.raises(InDoubt) as problem:
        send(outbox)
    assert "canary" not in str(problem.value)
    assert len(room.served.calls) == 1


def test_what_the_service_is_too_busy_for_was_not_taken(room: Mailroom) -> None:
    outbox = way_out(room)
    room.served.faults.append(lambda _: BUSY)
    with pytest.raises(Unavailable):
        send(outbox)
    room.served.faults.clear()
    room.served.fail_at(1, BUSY)
    send(outbox)
    assert len(room.gmail.sent) == 1


def test_a_mail_that_is_refused_was_not_taken(room: Mailroom) -> None:
    room.served.fail_at(1, error(400, "invalidArgument", "INVALID_ARGUMENT", "Invalid To header"))
    with pytest.raises(Misconfigured):
        send(way_out(room))
    assert not room.gmail.sent


def test_a_token_that_has_expired_is_renewed_and_the_mail_sent_once(room: Mailroom) -> None:
    outbox = way_out(room)
    room.accounts.expire_all()
    send(outbox)
    assert len(room.gmail.sent) == 1
    assert room.accounts.n_refreshes == 1


def test_a_sign_in_to_send_does_nothing_else_and_none_other_sends(room: Mailroom) -> None:
    outbox = way_out(room)
    for forbidden in (outbox.list_addresses, lambda: outbox.holds(OWN)):
        with pytest.raises(Misconfigured, match="for sending"):
            forbidden()
    with pytest.raises(Misconfigured, match="for sending"):
        next(outbox.poll(None))
    with pytest.raises(Misconfigured, match="for reading"):
        send(room.open())
    assert not room.served.calls


def test_sending_is_checked_by_renewing_the_token_alone(room: Mailroom) -> None:
    outbox = way_out(room)
    outbox.check_sending()
    assert room.accounts.n_refreshes == 1
    assert not room.served.calls
    room.accounts.revoke_all()
    with pytest.raises(AccessDenied, match="kithd sign-in"):
        outbox.check_sending()


@pytest.mark.parametrize("scopes", [(), ("gmail.send", "gmail.readonly"), ("gmail.compose",)])
def test_sending_is_not_possible_with_more_or_less_than_it_needs(
    room: Mailroom, scopes: tuple[str, ...]
) -> None:
    outbox = way_out(room)
    room.permissions = tuple(f"https://www.googleapis.com/auth/{scope}" for scope in scopes)
    room.sign_in()
    attempts: list[Any] = [outbox.check_sending, lambda: send(outbox)]
    for attempt in attempts:
        with pytest.raises(AccessDenied):
            attempt()
    assert not room.gmail.sent


def test_where_the_sign_in_cannot_be_reached_sending_is_tried_again_later(room: Mailroom) -> None:
    outbox = way_out(room)
    room.accounts.served.faults.append(lambda _: Reply(503, b"later"))
    with pytest.raises(Unavailable):
        outbox.check_sending()
