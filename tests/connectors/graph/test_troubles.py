"""Whatever Graph answers, it is waited for, passed over or told of; and nothing else happens."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.contract import RECENT
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.graph.client import N_LISTS
from connectors.pace import N_TRIES
from tests.servers.api import Call, Reply
from tests.servers.graph_items import contact, event, message, sent_message
from tests.servers.graph_telling import wrong
from tests.servers.microsoft import Account
from tests.servers.web import Authority


def fill(account: Account, count: int = 9) -> None:
    for n in range(count):
        account.mailbox["inbox"].put(message(RECENT, subject=str(n)))
        account.mailbox["sentitems"].put(sent_message(RECENT, subject=str(n)))
        account.mailbox.calendar.put(event(RECENT, subject=str(n)))
        account.mailbox.book.put(contact(f"Ada {n}", f"ada{n}@example.com"))


def test_the_end_is_the_same_though_a_third_of_the_answers_say_later_and_a_tenth_fail(
    account: Account,
) -> None:
    fill(account)
    plain = account.read(page=3)
    account.graph.fail_share({0.3: wrong(429, "TooManyRequests"), 0.1: wrong(503, "x")}, seed=7)
    account.signing.fail_share({0.3: wrong(429, "TooManyRequests"), 0.1: Reply(500)}, seed=7)
    account.login.expire()
    assert account.read(page=3) == plain
    assert len(plain) == 36
    assert account.login.n_refreshed == 1


BUSY = {
    "too many": wrong(429, "TooManyRequests"),
    "throttled": wrong(403, "ApplicationThrottled"),
    "unavailable": Reply(503),
    "failing": wrong(500, "InternalServerError"),
    "a bad gateway": Reply(502, b"<html>Bad gateway</html>"),
    "a late gateway": Reply(504, b"<html>Timeout</html>"),
    "overloaded": Reply(509),
    "a portal": Reply(200, b"<html>Sign in to this network</html>"),
    "another's refusal": Reply(403, b"<html>Blocked</html>"),
    "another's absence": Reply(404, b"<html>Nothing here</html>"),
    "cut short": Reply(200, b'{"value": [{"id": "a"', {"Content-Type": "application/json"}),
    "broken off": Reply(200, b'{"value": [' + b" " * 999 + b"]}", is_cut=True),
    "a list": Reply.of([1, 2]),
    "no list": Reply.of({"value": {"id": "a"}, "@odata.deltaLink": "x"}),
    "no items": Reply.of({"value": ["a"]}),
    "nameless items": Reply.of({"value": [{"id": 3}]}),
}


@pytest.mark.parametrize("answer", BUSY)
@pytest.mark.parametrize("n", [1, 2, 3, 6, 12, 14])
def test_an_answer_that_is_none_is_asked_for_again(n: int, answer: str, account: Account) -> None:
    fill(account, 2)
    plain = account.read()
    account.graph.fail_at(n, BUSY[answer])
    assert account.read() == plain
    assert len(account.clock.slept) == 2


def test_a_page_that_does_not_say_how_to_go_on_is_asked_for_again(account: Account) -> None:
    fill(account, 2)
    plain = account.read()
    n_page = next(n for n, call in enumerate(account.graph.calls, 1) if "delta" in call.path)
    account.graph.fail_at(n_page, Reply.of({"value": []}))
    assert account.read() == plain


@pytest.mark.parametrize(
    ("asked", "waited"), [("17", 17), ("0", 0.5), (None, 0.5), ("soon", 0.5), ("-3", 0.5)]
)
def test_a_service_is_left_alone_for_as_long_as_it_says(
    asked: str | None, waited: float, account: Account
) -> None:
    headers = {"Retry-After": asked} if asked else {}
    account.graph.fail_at(1, Reply(429, wrong(429, "x").body, headers))
    account.poll()
    assert account.clock.slept[1] >= waited
    assert account.clock.slept[1] <= max(waited, 1)


def test_a_date_to_come_back_at_is_understood(account: Account) -> None:
    later = datetime.now(UTC) + timedelta(seconds=40)
    headers = {"Retry-After": format_datetime(later, usegmt=True)}
    account.graph.fail_at(1, Reply(429, b"{}", headers))
    account.poll()
    assert account.clock.slept[1] == pytest.approx(40, abs=2)


@pytest.mark.parametrize(("asked", "hours"), [("3600", 1), ("86400", 24), ("99999999", 24)])
def test_what_takes_longer_than_a_poll_is_left_for_another(
    asked: str, hours: int, account: Account
) -> None:
    account.graph.faults.append(lambda _: Reply(429, b"{}", {"Retry-After": asked}))
    with pytest.raises(Unavailable) as caught:
        account.poll()
    assert caught.value.retry_after == timedelta(hours=hours)
    assert len(account.graph.calls) == 1


def test_a_service_that_stays_busy_is_given_up(account: Account) -> None:
    account.graph.faults.append(lambda _: wrong(503, "x"))
    with pytest.raises(Unavailable):
        account.poll()
    assert len(account.graph.calls) == N_TRIES


@pytest.mark.parametrize(
    ("reply", "expected", "sentence"),
    [
        (wrong(403, "ErrorAccessDenied"), AccessDenied, "your organization may have to allow"),
        (wrong(404, "MailboxNotEnabledForRESTAPI"), Misconfigured, 'write kind = "exchange"'),
        (wrong(404, "MailboxNotSupportedForRESTAPI"), Misconfigured, 'kind = "exchange"'),
        (wrong(400, "extensionError"), Misconfigured, 'kind = "exchange"'),
        (wrong(400, "BadRequest"), Unavailable, r"answers 400 \(BadRequest\)"),
        (wrong(405, "MethodNotAllowed"), Unavailable, r"answers 405 \(MethodNotAllowed\)"),
    ],
)
@pytest.mark.parametrize("n", [1, 2, 4])
def test_what_the_owner_must_mend_is_said(
    n: int, reply: Reply, expected: type[ConnectorError], sentence: str, account: Account
) -> None:
    account.graph.fail_at(n, reply)
    with pytest.raises(expected, match=sentence) as caught:
        account.poll()
    assert "canary" not in str(caught.value)


def test_a_code_within_a_code_counts(account: Account) -> None:
    inner = {"code": "MailboxNotEnabledForRESTAPI", "innererror": {"code": "more"}}
    account.graph.fail_at(1, Reply.of({"error": {"code": "x", "innererror": inner}}, 400))
    with pytest.raises(Misconfigured, match="exchange"):
        account.poll()


@pytest.mark.parametrize(
    "error", [None, [], "text", {"code": 3}, {"code": "<b>"}, {"code": "x" * 99}], ids=str
)
def test_an_error_that_is_none_is_not_graphs(error: Any, account: Account) -> None:
    account.graph.fail_at(1, Reply.of({"error": error}, 400))
    account.poll()
    assert len(account.clock.slept) == 2


@pytest.mark.parametrize("part", ["mail", "calendar", "contacts"])
def test_a_link_to_another_host_is_not_followed(part: str, nobodys: Account) -> None:
    fill(nobodys)
    nobodys.sign_in(parts=(part,))
    nobodys.mailbox.telling.elsewhere = nobodys.signing.url
    n_before = len(nobodys.signing.calls)
    with pytest.raises(Unavailable, match="points to another host"):
        nobodys.poll(parts=(part,), page=3)
    assert len(nobodys.signing.calls) == n_before


def test_a_redirect_is_not_followed(account: Account) -> None:
    target = f"{account.signing.url}/common"
    account.graph.fail_at(1, Reply(302, b"", {"Location": target}))
    n_before = len(account.signing.calls)
    with pytest.raises(Unavailable, match="redirects"):
        account.poll()
    assert len(account.signing.calls) == n_before


@pytest.mark.parametrize("n_pages", [1, 2, 3])
def test_pages_that_lead_in_a_circle_come_to_an_end(n_pages: int, account: Account) -> None:
    fill(account, 2)
    n_asked = 0

    def circle(call: Call) -> Reply | None:
        nonlocal n_asked
        if not call.path.endswith("/contacts/delta"):
            return None
        n_asked += 1
        assert n_asked < 20
        link = f"{account.graph.url}{call.path}?$skiptoken=page{n_asked % n_pages}"
        return Reply.of({"value": [], "@odata.nextLink": link})

    account.graph.faults.append(circle)
    with pytest.raises(Unavailable, match="leads back"):
        account.poll()


def test_a_list_without_an_end_is_given_up(account: Account) -> None:
    link = f"{account.graph.url}/v1.0/me/contactFolders?$skip=1"
    account.graph.faults.append(lambda _: Reply.of({"value": [], "@odata.nextLink": link}))
    with pytest.raises(Unavailable, match="more than can be meant"):
        account.poll()
    assert len(account.graph.calls) == N_LISTS


def test_a_service_that_is_not_there_is_not_waited_for(account: Account) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        account.poll(url="https://localhost:1")
    assert account.clock.slept == [5]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    account: Account, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Authority(tmp_path_factory.mktemp("other")).file
    with pytest.raises(Misconfigured, match="certificate that is not trusted"):
        account.poll(ca_file=other)
    assert not account.graph.calls


def test_a_private_address_is_asked_only_if_the_owner_means_it(account: Account) -> None:
    with pytest.raises(Misconfigured, match="lies in a private network"):
        account.poll(allow_private=False)
    assert not account.graph.calls


def test_plain_http_is_never_spoken_to_the_world(account: Account) -> None:
    with pytest.raises(Misconfigured, match="write https://"):
        account.poll(allow_private=False, url="http://graph.example.net")


def test_nothing_is_asked_of_graph_that_changes_anything(account: Account) -> None:
    fill(account)
    cursor = account.poll()[-1].cursor
    account.poll(cursor)
    assert {call.method for call in account.graph.calls} == {"GET"}


def test_closing_ends_a_poll_that_waits(account: Account) -> None:
    fill(account)
    connector = account.connector(page=3)
    batches = connector.poll(None)
    next(batches)
    connector.close()
    with pytest.raises(Unavailable):
        next(batches)


def test_waiting_is_not_offered(account: Account) -> None:
    with pytest.raises(Unavailable, match="cannot tell; polling must do"):
        account.connector().wait(60)


def test_immutable_ids_are_asked_for_in_every_request(account: Account) -> None:
    fill(account, 2)
    account.poll()
    assert all('IdType="ImmutableId"' in call.headers["prefer"] for call in account.graph.calls)
