"""A token that ends is renewed once, however many notice, and a sign-in that ends is told."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from connectors.contract import RECENT
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.observations import Message
from tests.servers.api import Call, Reply
from tests.servers.graph_items import message
from tests.servers.microsoft import Account

POLL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from connectors.credentials.secrets import Secret
from connectors.graph.connector import GraphConnector
from connectors.graph.settings import GraphSettings
tokens, client_id, tenant, url, ca_file = sys.argv[1:]
settings = GraphSettings(
    Secret(tokens), client_id, tenant, url=url, ca_file=Path(ca_file), allow_private=True
)
connector = GraphConnector(settings, since=datetime(2000, 1, 1, tzinfo=UTC))
print(sum(len(batch.observations) for batch in connector.poll(None)))
connector.close()
"""


def n_token_requests(account: Account) -> int:
    grants = (call.form().get("grant_type") for call in account.signing.calls)
    return sum(grant == "refresh_token" for grant in grants)


def fill(account: Account, count: int) -> None:
    for n in range(count):
        account.mailbox["inbox"].put(message(RECENT, subject=str(n)))


def test_a_token_that_is_good_is_used_without_asking_the_authority(account: Account) -> None:
    n_before, kept = len(account.signing.calls), account.tokens()
    account.poll()
    assert len(account.signing.calls) == n_before
    assert account.tokens() == kept


def test_a_token_about_to_end_is_renewed_before_it_is_used(nobodys: Account) -> None:
    nobodys.login.expires_in = 200
    nobodys.sign_in()
    nobodys.login.expires_in = 3600
    nobodys.poll()
    nobodys.poll()
    assert n_token_requests(nobodys) == 1
    assert {call.token for call in nobodys.graph.calls} == {"canary-access-2"}


def test_a_token_that_ends_in_the_middle_of_a_page_is_renewed_once_and_the_page_asked_again(
    account: Account,
) -> None:
    fill(account, 7)
    seen: list[str] = []

    def end_it(call: Call) -> Reply | None:
        seen.append(call.path)
        if sum(path.endswith("/delta") for path in seen) == 4:
            seen.clear()
            account.login.expire()
        return None

    account.graph.faults.append(end_it)
    found = account.read(page=2)
    assert len({one.uid for one in found}) == len(found) == 7
    assert n_token_requests(account) == 1
    refused = [call for call in account.graph.calls if call.token == "canary-access-1"][-1]  # noqa: S105 -- nobody's token
    again = next(call for call in account.graph.calls if call.token != "canary-access-1")  # noqa: S105 -- nobody's token
    assert (refused.path, refused.query) == (again.path, again.query)


def test_two_threads_that_need_a_token_renew_it_once(account: Account) -> None:
    fill(account, 3)
    account.login.expire()
    start = Barrier(4)

    def poll(_: int) -> int:
        start.wait(10)
        return len(account.read())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(poll, range(4))) == [3] * 4
    assert n_token_requests(account) == 1


def test_two_processes_that_need_a_token_renew_it_once(account: Account) -> None:
    fill(account, 3)
    account.login.expire()
    settings = account.settings()
    words = (settings.secret.reference, settings.client_id, settings.tenant, settings.url)
    asked = [sys.executable, "-c", POLL, *words, str(account.ca_file)]
    running = [subprocess.Popen(asked, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=60)[0] for process in running] == [b"3\n"] * 2
    assert n_token_requests(account) == 1


def test_tokens_renewed_by_somebody_else_are_taken_over(account: Account) -> None:
    fill(account, 3)
    first = account.connector(page=1)
    batches = first.poll(None)
    next(batches)
    account.login.expire()
    account.poll()
    assert len([one for batch in batches for one in batch.observations]) == 2
    assert n_token_requests(account) == 1


def test_a_sign_in_that_ended_is_told_once_and_nobody_is_pressed(account: Account) -> None:
    account.login.withdrawn = True
    with pytest.raises(AccessDenied) as caught:
        account.poll()
    assert str(caught.value).endswith("; type: kithd sign-in")
    assert "no longer lets kithd in (AADSTS700082)" in str(caught.value)
    assert n_token_requests(account) == 1
    assert len(account.graph.calls) == 1
    assert account.clock.slept == [5]


def test_a_service_that_takes_no_token_at_all_is_not_asked_for_ever(account: Account) -> None:
    account.graph.faults.append(lambda _: Reply.of({"error": {"code": "x"}}, 401))
    with pytest.raises(AccessDenied, match="takes no token of this sign-in; type: kithd sign-in"):
        account.poll()
    assert n_token_requests(account) == 1
    assert len(account.graph.calls) == 2


def test_an_authority_that_is_busy_is_waited_for(account: Account) -> None:
    account.login.expire()
    busy = Reply(503, b"<html/>", {"Retry-After": "11"})
    account.signing.faults.append(
        lambda call: busy if call.method == "POST" and account.clock.now() < 30 else None
    )
    assert account.read() == []
    assert account.clock.slept.count(11) >= 2
    assert account.login.n_refreshed == 1


def test_tokens_that_cannot_be_written_are_told_of_and_the_old_ones_kept(account: Account) -> None:
    kept = account.tokens()
    account.login.expire()
    blocked = account.folder / ".tokens.new"
    blocked.mkdir()
    (blocked / "file").touch()
    with pytest.raises(Misconfigured, match="cannot be written"):
        account.poll()
    assert account.tokens() == kept


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("interaction_required", AccessDenied),
        ("consent_required", AccessDenied),
        ("invalid_client", Misconfigured),
        ("unheard_of", AccessDenied),
    ],
)
def test_errors_of_a_renewal_say_what_to_do(
    error: str, expected: type[ConnectorError], account: Account
) -> None:
    account.login.expire()
    wrong = Reply.of({"error": error, "error_description": "canary"}, 400)
    account.signing.faults.append(lambda call: wrong if call.method == "POST" else None)
    with pytest.raises(expected) as caught:
        account.poll()
    assert "canary" not in str(caught.value)


def test_what_was_read_before_the_end_of_a_sign_in_stays_read(account: Account) -> None:
    fill(account, 5)
    connector = account.connector(page=2)
    batches = connector.poll(None)
    first = next(batches)
    account.login.withdrawn = True
    with pytest.raises(AccessDenied):
        next(batches)
    account.login.withdrawn = False
    rest = account.read(first.cursor, page=2)
    told = [one.uid for one in (*first.observations, *rest) if isinstance(one, Message)]
    assert len(set(told)) == len(told) == 5


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"scope": "Mail.Read"},
        {"access_token": ["x"], "refresh_token": {"x": 1}},
        {"access_token": "x", "refresh_token": "y", "id_token": "not.a.token"},
        {"access_token": "x", "refresh_token": "y", "expires_in": "soon"},
    ],
    ids=["nothing", "no token", "other types", "no name", "no end"],
)
def test_a_token_that_is_none_is_asked_for_again(answer: object, account: Account) -> None:
    account.login.expire()
    kept = account.tokens()
    account.signing.faults.append(
        lambda call: Reply.of(answer) if call.method == "POST" and not is_over else None
    )
    is_over = False
    with pytest.raises(Unavailable):
        account.poll()
    assert account.tokens() == kept
    is_over = True
    assert account.read() == []
