"""A mail is handed over whole, once, or not at all; and where nobody knows, that is said."""

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.errors import AccessDenied, ConnectorError, InDoubt, Misconfigured, Unavailable
from connectors.observations import Folder, Mark, Message
from connectors.protocol import Reading
from daemon.commands.accept import Trust, accept
from daemon.delivery.message import build_answer, message_id_for
from daemon.interactions.automated import Origin, classify, is_contact
from tests.servers.api import Reply
from tests.servers.graph_items import OWNER, message
from tests.servers.graph_telling import wrong
from tests.servers.microsoft import Account

MAIL = (
    b"From: owner@example.org\r\nTo: owner@example.org\r\nSubject: Digest\r\n"
    b"Message-ID: <kithd.1@example.org>\r\n\r\nWrite to Ada.\r\n" + b"x" * 100_000
)


@pytest.fixture
def sender(nobodys: Account) -> Account:
    nobodys.sign_in(sends=True)
    return nobodys


def send(account: Account, mail: bytes = MAIL, **changes: Any) -> None:
    connector = account.connector(**({"sends": True} | changes))
    connector.send(mail, sender=OWNER, to=OWNER)


def test_a_mail_is_handed_over_as_it_is(sender: Account) -> None:
    send(sender)
    assert sender.mailbox.mail.sent == [MAIL]
    assert sender.login.consented == {"Mail.Send"}


def test_everything_but_the_sending_is_tried(sender: Account) -> None:
    sender.connector(sends=True).check_sending()
    assert not sender.graph.calls
    sender.login.expire()
    sender.login.withdrawn = True
    (sender.folder / "tokens").write_text(
        sender.tokens().replace('"expires_on": "', '"expires_on": "-')
    )
    with pytest.raises(AccessDenied):
        sender.connector(sends=True).check_sending()


def test_a_sign_in_for_reading_sends_nothing(account: Account) -> None:
    with pytest.raises(Misconfigured, match="for reading"):
        account.connector().send(MAIL, sender=OWNER, to=OWNER)
    with pytest.raises(Misconfigured, match="for reading"):
        account.connector().check_sending()
    with pytest.raises(AccessDenied, match="which these settings do not need"):
        send(account)
    assert not account.mailbox.mail.sent


def test_a_sign_in_for_sending_reads_nothing(sender: Account) -> None:
    assert sender.read(sends=True) == []
    assert not sender.graph.calls


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (wrong(400, "ErrorMimeContentInvalid"), Misconfigured),
        (wrong(403, "ErrorSendAsDenied"), AccessDenied),
        (wrong(404, "MailboxNotEnabledForRESTAPI"), Misconfigured),
        (Reply(429, b"{}", {"Retry-After": "7200"}), Unavailable),
    ],
)
def test_a_mail_that_is_not_taken_was_not_sent(
    reply: Reply, expected: type[ConnectorError], sender: Account
) -> None:
    sender.graph.faults.append(lambda _: reply)
    with pytest.raises(expected):
        send(sender)
    assert len(sender.graph.calls) == 1
    assert not sender.mailbox.mail.sent


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, b"{}", {"Retry-After": "9"}),
        wrong(503, "ServiceUnavailable", **{"Retry-After": "9"}),
        wrong(403, "ApplicationThrottled", **{"Retry-After": "9"}),
    ],
    ids=["too many", "unavailable", "throttled"],
)
def test_a_mail_that_is_put_off_is_offered_again(reply: Reply, sender: Account) -> None:
    sender.graph.fail_at(1, reply)
    send(sender)
    assert sender.mailbox.mail.sent == [MAIL]
    assert sender.clock.slept[-1] == 9


def test_a_token_that_ended_is_renewed_and_the_mail_sent_once(sender: Account) -> None:
    sender.login.expire()
    send(sender)
    assert sender.mailbox.mail.sent == [MAIL]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, wrong(500, "InternalServerError").body),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(504, b"<html>Timeout</html>"),
        Reply(202, b"x" * 999, is_cut=True),
        wrong(408, "RequestTimeout"),
        Reply(408),
        Reply(503, b"<html>Later</html>"),
        Reply(509),
        Reply(403, b"<html>Blocked</html>"),
        Reply(200, b"{}"),
    ],
    ids=[
        "failing",
        "a bad gateway",
        "a late gateway",
        "broken off",
        "too late",
        "another's being late",
        "another's being busy",
        "overloaded",
        "another's refusal",
        "another's consent",
    ],
)
def test_a_mail_that_may_have_been_sent_is_not_sent_again(reply: Reply, sender: Account) -> None:
    sender.graph.faults.append(lambda _: reply)
    with pytest.raises(InDoubt, match="nobody knows whether the mail was sent"):
        send(sender)
    assert len(sender.graph.calls) == 1


def test_a_service_that_is_not_there_has_not_sent_anything(sender: Account) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        send(sender, url="https://localhost:1")


@pytest.mark.parametrize(
    "message_id", ["<one@example.org>", "<o'neill''s@example.org>", "<a&b=c+d#e?f@example.org>"]
)
def test_a_message_is_found_by_its_id_wherever_it_lies(message_id: str, account: Account) -> None:
    account.mailbox["deleteditems"].put(message(RECENT, message_id=message_id))
    assert account.connector().holds(message_id)
    assert not account.connector().holds(message_id.replace("example", "elsewhere"))


def test_a_message_can_be_looked_for_without_reading_its_text(nobodys: Account) -> None:
    nobodys.sign_in(parts=("mail",), read=Reading.HEADERS)
    connector = nobodys.connector(parts=("mail",), read=Reading.HEADERS)
    assert not connector.holds("<one@example.org>")


def test_an_account_that_is_not_read_for_mail_cannot_say(nobodys: Account) -> None:
    nobodys.sign_in(parts=("calendar",))
    with pytest.raises(Unavailable, match="not read for mail"):
        nobodys.connector(parts=("calendar",)).holds("<one@example.org>")


def test_a_search_that_is_refused_says_nothing(account: Account) -> None:
    account.graph.fail_at(1, wrong(400, "ErrorInvalidUrlQueryFilter"))
    with pytest.raises(Unavailable):
        account.connector().holds("<one@example.org>")


@pytest.mark.parametrize("read", [Reading.HEADERS, Reading.TEXT])
def test_a_mail_that_was_given_another_id_is_found_all_the_same(
    read: Reading, nobodys: Account
) -> None:
    nobodys.sign_in(name="sending", sends=True)
    nobodys.login.consented.clear()
    nobodys.sign_in(parts=("mail",), read=read)
    nobodys.mailbox.mail.renames = True
    send(nobodys, name="sending")
    reader = nobodys.connector(parts=("mail",), read=read)
    n_before = len(nobodys.graph.calls)
    assert reader.holds("<kithd.1@example.org>")
    assert len(nobodys.graph.calls) == n_before + 2
    assert not reader.holds("<kithd.2@example.org>")
    assert not reader.holds("<kithd.1@example.or>")


def test_an_answer_proves_that_what_it_answers_arrived(account: Account) -> None:
    answer = {"References": "<zero@example.org> <kithd.1@example.org>"}
    account.mailbox["inbox"].put(message(RECENT, headers=answer))
    assert account.connector().holds("<kithd.1@example.org>")


def test_a_mail_that_only_mentions_an_id_proves_nothing(account: Account) -> None:
    account.mailbox["inbox"].put(message(RECENT, headers={"Subject": "<kithd.1@example.org>"}))
    assert not account.connector().holds("<kithd.1@example.org>")


@pytest.mark.parametrize(
    ("read", "renames"),
    [(Reading.HEADERS, False), (Reading.TEXT, False), (Reading.TEXT, True)],
    ids=["by its id", "by its id and field", "by its field"],
)
def test_the_copy_of_what_kithd_sent_is_no_command_no_cue_and_no_contact(
    read: Reading, renames: bool, nobodys: Account
) -> None:
    nobodys.mailbox.mail.renames = renames
    digest = message_id_for(OWNER, date(2024, 6, 3), key=b"key")
    nobodys.sign_in(name="sending", sends=True)
    send(nobodys, confirmation_of(digest), name="sending")
    nobodys.login.consented.clear()
    nobodys.sign_in(parts=("mail",), read=read)
    found = nobodys.read(parts=("mail",), read=read)
    (copy,) = (o for o in found if isinstance(o, Message) and o.folder is Folder.SENT)
    trust = Trust(OWNER, frozenset({OWNER}), b"key", sources=frozenset({"mail"}))
    assert Mark.KITHD in copy.marks
    assert accept(copy, trust, source="mail", at=RECENT + timedelta(days=1)) is None
    assert classify(copy) is Origin.MACHINE
    assert not is_contact(copy)


def confirmation_of(digest: str) -> bytes:
    """Write what kithd answers to a command, in the thread of the digest."""
    return build_answer(
        "Done: 1.",
        subject="Re: kithd",
        to=OWNER,
        sender=OWNER,
        message_id="<kithd.said.1@example.org>",
        in_reply_to="<reply@example.org>",
        references=(digest, "<reply@example.org>"),
        date=RECENT,
    )
