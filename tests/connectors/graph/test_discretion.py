"""Nothing that lets anybody in, and nothing that a service says freely, is told or logged."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.errors import ConnectorError
from tests.servers.api import Call, Fault, Reply
from tests.servers.graph_items import OWNER, contact, event, message, sent_message
from tests.servers.graph_telling import wrong
from tests.servers.microsoft import Account
from tests.servers.microsoft_login import Owner

SECRETS = ("canary", "device-code")
ENDS = b'{"value": [{"id": "canary-cut'


def oauth_error(error: str, status: int = 400) -> Reply:
    return Reply.of({"error": error, "error_description": "canary", "suberror": "canary"}, status)


ANSWERS: dict[str, Reply] = {
    "forbidden": wrong(403, "ErrorAccessDenied"),
    "refused": wrong(400, "BadRequest"),
    "absent": wrong(404, "ErrorItemNotFound"),
    "too often": wrong(429, "TooManyRequests"),
    "failing": wrong(500, "InternalServerError"),
    "forgotten": wrong(410, "SyncStateNotFound"),
    "unsigned": wrong(401, "InvalidAuthenticationToken"),
    "a page": Reply(200, b"<html>canary</html>"),
    "a refusing page": Reply(403, b"<html>canary</html>"),
    "cut": Reply(200, ENDS, {"Content-Type": "application/json"}),
    "broken off": Reply(200, ENDS * 99, is_cut=True),
    "a redirect": Reply(302, b"canary", {"Location": "https://canary.example.org/canary"}),
    "a code of its own": wrong(400, "x" * 30 + " canary"),
    "a link away": Reply.of({"value": [], "@odata.nextLink": "https://example.org/?canary=1"}),
    "a link to nowhere": Reply.of({"value": [], "@odata.nextLink": "canary"}),
    "an item of another kind": Reply.of({"value": [{"id": ["canary"]}]}),
}
SIGN_IN_ANSWERS: dict[str, Reply] = {
    "ended": oauth_error("invalid_grant"),
    "interaction": oauth_error("interaction_required"),
    "app": oauth_error("unauthorized_client"),
    "unheard of": oauth_error("canary unheard of"),
    "passing": oauth_error("temporarily_unavailable"),
    "too often": oauth_error("x", 429),
    "failing": oauth_error("x", 500),
    "a page": Reply(200, b"<html>canary</html>"),
    "a refusing page": Reply(400, b"<html>canary</html>"),
    "cut": Reply(200, b'{"access_token": "canary'),
    "broken off": Reply(200, b'{"access_token": "canary' * 99, is_cut=True),
    "a list": Reply.of(["canary"]),
    "no token": Reply.of({"canary": "canary"}),
    "another type": Reply.of({"access_token": ["canary"], "refresh_token": {"canary": 1}}),
    "id token": Reply.of({"access_token": "canary", "id_token": "canary.canary.canary"}),
    "claims": Reply.of({"access_token": "canary", "scope": "Mail.Read", "client_info": "canary"}),
    "a redirect": Reply(302, b"canary", {"Location": "https://canary.example.org/canary"}),
}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that is logged, by whomever: and nothing of it may tell."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert_silent(caplog.text)


def assert_silent(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text, text[max(0, text.find(secret) - 300) :][:600]


def told(account: Account, **changes: Any) -> str:
    """Return all that an owner could come to see of one poll, by print or by traceback."""
    seen = ""
    connector = account.connector(**changes)
    for use in (lambda: list(connector.poll(None)), lambda: connector.holds("<a@example.org>")):
        try:
            use()
        except ConnectorError as error:
            seen += f"{error} {error!r} {''.join(traceback.format_exception(error))}"
    return f"{seen} {connector!r} {account.settings()!r}"


def only(part: str, reply: Reply) -> Fault:
    def fault(call: Call) -> Reply | None:
        return reply if part in call.path else None

    return fault


@pytest.mark.parametrize("part", ["", "mailFolders", "messages/", "calendarView", "contacts"])
@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_of_graphs_is_told(name: str, part: str, account: Account) -> None:
    account.mailbox["inbox"].put(message(RECENT))
    account.mailbox["sentitems"].put(sent_message(RECENT))
    account.mailbox.calendar.put(event(RECENT))
    account.mailbox.book.put(contact("Ada", "ada@example.com"))
    account.graph.faults.append(only(part, ANSWERS[name]))
    assert_silent(told(account))


@pytest.mark.parametrize("name", SIGN_IN_ANSWERS)
@pytest.mark.parametrize("part", ["openid-configuration", "token"])
def test_no_answer_to_a_renewal_is_told(name: str, part: str, account: Account) -> None:
    account.login.expire()
    account.signing.faults.append(only(part, SIGN_IN_ANSWERS[name]))
    assert_silent(told(account))


@pytest.mark.parametrize("name", SIGN_IN_ANSWERS)
@pytest.mark.parametrize("part", ["openid-configuration", "devicecode", "token"])
def test_no_answer_to_a_sign_in_is_told(name: str, part: str, nobodys: Account) -> None:
    nobodys.signing.faults.append(only(part, SIGN_IN_ANSWERS[name]))
    with pytest.raises(ConnectorError) as caught:
        nobodys.sign_in()
    assert_silent("".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize("owner", Owner)
def test_no_code_of_a_sign_in_is_told(owner: Owner, nobodys: Account) -> None:
    nobodys.login.owner = owner
    with suppress(ConnectorError):
        assert nobodys.sign_in() == OWNER


def test_what_was_granted_too_much_is_told_without_the_token(account: Account) -> None:
    account.login.consented.add("Mail.ReadWrite")
    account.login.expire()
    text = told(account)
    assert "Mail.ReadWrite" in text
    assert_silent(text)


@pytest.mark.parametrize("kept", ["canary", '"canary"', '{"Account": "canary"}', '["canary"]'])
def test_what_is_kept_is_not_told_though_it_is_no_sign_in(kept: str, account: Account) -> None:
    (account.folder / "tokens").write_text(kept)
    text = told(account)
    assert "Error" in text or "Misconfigured" in text
    assert_silent(text)


def test_no_mail_is_told_that_could_not_be_sent(nobodys: Account) -> None:
    mail = b"Subject: canary\r\n\r\n"
    nobodys.sign_in(sends=True)
    for name, answer in ANSWERS.items():
        nobodys.graph.faults[:] = [only("sendMail", answer)]
        with pytest.raises(ConnectorError) as caught:
            nobodys.connector(sends=True).send(mail, sender=OWNER, to=OWNER)
        assert_silent(f"{name} {''.join(traceback.format_exception(caught.value))}")
