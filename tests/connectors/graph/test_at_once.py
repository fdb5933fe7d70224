"""However many connectors there are to one app, four requests are under way and no more."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.contract import RECENT
from connectors.errors import AccessDenied
from connectors.graph import client
from connectors.graph.client import AT_ONCE, Share, share_of
from connectors.pace import Budget, Busy
from tests.servers.graph_items import message
from tests.servers.graph_telling import wrong
from tests.servers.microsoft import Account


@pytest.fixture
def account(nobodys: Account) -> Account:
    nobodys.sign_in(parts=("mail",))
    return nobodys


def test_many_connectors_ask_four_at_a_time(account: Account) -> None:
    account.mailbox["inbox"].put(message(RECENT))
    account.mailbox.gate.pause = 0.05
    with ThreadPoolExecutor(9) as pool:
        found = list(pool.map(lambda _: len(account.read(parts=("mail",))), range(9)))
    assert found == [1] * 9
    assert account.mailbox.gate.n_most == AT_ONCE
    assert account.mailbox.gate.n_breaches == 0
    assert account.clock.slept == [5]


def test_a_request_that_finds_no_place_in_time_is_put_off(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.0)
    share = Share()
    for _ in range(AT_ONCE):
        share.places.acquire()
    with pytest.raises(Busy, match="do not end"), share.place(account.clock):
        pass


def test_a_place_is_free_again_though_the_request_failed(account: Account) -> None:
    share = share_of(account.settings())
    for _ in range(2 * AT_ONCE):
        account.graph.fail_at(1, wrong(403, "ErrorAccessDenied"))
        with pytest.raises(AccessDenied, match="refuses access"):
            account.poll(parts=("mail",))
    assert all(share.places.acquire(blocking=False) for _ in range(AT_ONCE))


def test_the_budget_is_that_of_the_app_at_the_service(account: Account) -> None:
    settings = account.settings()
    assert share_of(settings) is share_of(account.settings(name="other", user="x"))
    assert share_of(settings) is not share_of(account.settings(client_id="another"))
    assert share_of(settings) is not share_of(account.settings(url="https://graph.microsoft.us"))


def test_a_budget_that_is_spent_is_waited_for(account: Account) -> None:
    for n in range(8):
        account.mailbox["inbox"].put(message(RECENT, subject=str(n)))
    share_of(account.settings()).budget = Budget(10, seconds=600)
    found = account.read(parts=("mail",), page=1)
    assert len(found) == 8
    # Seven for the names of folders, one for their list, eight pages and eight texts.
    assert account.clock.now() >= 2 * 600
