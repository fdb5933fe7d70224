"""A browser that comes back from Google's page is told from all others that call."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from connectors.credentials.google_sign_in import sign_in
from connectors.errors import Unavailable
from connectors.google.settings import GoogleSettings
from tests.connectors.google.letters import SCOPE
from tests.connectors.google.sign_in.owner import SOON, Browser, Owner, kept_in, with_state
from tests.servers.google_accounts import CANARY, Accounts

QUICK = 0.05


@dataclass
class Absent(Browser):
    """An owner who opens the page, and does something else then."""

    def come_back(self) -> None:
        with suppress(HTTPError):
            self._visit(with_state(self.led_to, "of somebody else"))


def status_of(url: str, method: str = "GET") -> int:
    try:
        with build_opener(ProxyHandler({})).open(Request(url, method=method)) as answer:  # noqa: S310 -- of this machine
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_the_browser_is_told_to_close_and_nothing_of_what_it_brought(
    settings: GoogleSettings, owner: Owner
) -> None:
    browser = owner.here()
    sign_in(settings, (SCOPE,), browser)
    assert "You can close this tab." in browser.read
    assert CANARY not in browser.read


def test_stray_visits_are_sent_away_and_waited_through(
    settings: GoogleSettings, owner: Owner
) -> None:
    statuses: list[int] = []

    def stray(led_to: str) -> None:
        home = led_to.partition("?")[0]
        wrong = [home, f"{home}favicon.ico", f"{home}?state=&code=x", with_state(led_to, "other")]
        wrong.append(led_to.replace("/?", "/elsewhere?"))
        statuses.extend(status_of(url) for url in wrong)
        statuses.append(status_of(led_to, method="POST"))

    sign_in(settings, (SCOPE,), owner.here(stray))
    assert statuses == [404] * 5 + [501]
    assert kept_in(settings) is not None


def test_a_connection_that_says_nothing_holds_nobody_up(
    settings: GoogleSettings, owner: Owner
) -> None:
    silent: list[socket.socket] = []

    def open_silently(led_to: str) -> None:
        port = urlsplit(led_to).port
        silent.append(socket.create_connection(("127.0.0.1", port)))

    try:
        sign_in(settings, (SCOPE,), owner.here(open_silently))
    finally:
        for one in silent:
            one.close()
    assert kept_in(settings) is not None


def test_an_answer_with_another_state_is_no_answer(
    settings: GoogleSettings, accounts: Accounts, owner: Owner
) -> None:
    with pytest.raises(Unavailable, match="nobody came back"):
        sign_in(settings, (SCOPE,), Absent(owner.context), seconds=QUICK)
    assert kept_in(settings) is None
    assert [call.method for call in accounts.served.calls] == ["GET"]


def test_nobody_is_waited_for_without_end_and_the_door_is_shut(
    settings: GoogleSettings, owner: Owner
) -> None:
    browser, began_at = Absent(owner.context), monotonic()
    with pytest.raises(Unavailable, match=r"within 0\.00.* minutes; type: kithd sign-in$"):
        sign_in(settings, (SCOPE,), browser, seconds=QUICK)
    assert monotonic() - began_at < SOON
    with pytest.raises(URLError, match="refused"):
        Browser(owner.context)._visit(browser.led_to)
