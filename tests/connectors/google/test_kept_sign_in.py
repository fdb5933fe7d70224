"""A sign-in is used for what it was made for: exactly what is needed, by exactly this client."""

import json
from typing import Any

import pytest

from connectors.errors import AccessDenied, Misconfigured
from tests.connectors.google.letters import SCOPE, SEND, Bench, ask_for
from tests.servers.api import Reply
from tests.servers.google_accounts import LASTS


def change(bench: Bench, **fields: Any) -> None:
    kept = json.loads(bench.tokens.read_text())
    bench.tokens.write_text(json.dumps(kept | fields))


@pytest.mark.parametrize("is_fresh", [True, False], ids=["fresh", "expired"])
def test_a_sign_in_that_permits_too_much_is_refused(is_fresh: bool, bench: Bench) -> None:
    bench.sign_in(SCOPE, SEND, is_fresh=is_fresh)
    with pytest.raises(AccessDenied, match=r"also permits gmail\.send,.*; type: kithd sign-in$"):
        _ = bench.open().api
    assert bench.accounts.served.calls == bench.served.calls == []


def test_a_sign_in_that_permits_too_little_is_refused(bench: Bench) -> None:
    bench.permissions = (SCOPE, SEND)
    with pytest.raises(AccessDenied, match=r"does not permit gmail\.send,.*type: kithd sign-in$"):
        _ = bench.open().api


def test_a_permission_that_was_taken_back_is_noticed(bench: Bench) -> None:
    bench.permissions = (SCOPE, SEND)
    bench.sign_in(SCOPE, SEND, is_fresh=False)
    client = bench.open()
    answer = {"access_token": "x", "expires_in": LASTS, "scope": SCOPE}
    bench.accounts.served.faults.append(lambda _: Reply.of(answer))
    request = ask_for(client)
    for _ in range(2):
        with pytest.raises(AccessDenied, match=r"does not permit gmail\.send"):
            client.ask(request)
    assert bench.served.calls == []


def test_a_renewed_token_is_asked_for_with_no_more_than_is_needed(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    client = bench.open()
    client.ask(ask_for(client))
    form = bench.accounts.served.calls[0].form()
    assert form["scope"] == SCOPE
    assert form["grant_type"] == "refresh_token"


def test_a_sign_in_that_was_replaced_by_a_broader_one_is_refused(bench: Bench) -> None:
    client = bench.open()
    request = ask_for(client)
    bench.accounts.expire_all()
    bench.sign_in(SCOPE, SEND)
    with pytest.raises(AccessDenied, match=r"also permits gmail\.send"):
        client.ask(request)


def test_a_sign_in_by_another_oauth_client_is_refused(bench: Bench) -> None:
    change(bench, client_id="another.apps.googleusercontent.example")
    with pytest.raises(AccessDenied, match=r"another OAuth client.*type: kithd sign-in$"):
        _ = bench.open().api


@pytest.mark.parametrize(
    "fields",
    [
        {"service": "microsoft"},
        {"scopes": SCOPE},
        {"scopes": [SCOPE, 7]},
        {"refresh_token": None},
        {"client_id": ""},
    ],
    ids=["service", "text", "number", "none", "empty"],
)
def test_what_is_no_sign_in_at_google_is_not_taken_for_one(
    fields: dict[str, Any], bench: Bench
) -> None:
    change(bench, **fields)
    with pytest.raises(Misconfigured, match="is no sign-in at Google"):
        _ = bench.open().api


def test_a_torn_file_is_no_sign_in(bench: Bench) -> None:
    bench.tokens.write_text(bench.tokens.read_text()[:40])
    with pytest.raises(Misconfigured, match="no sign-in"):
        _ = bench.open().api


@pytest.mark.parametrize("expires_at", [None, "soon", 7, "2024-06-03T09:30:00"])
def test_an_expiry_that_cannot_be_read_does_no_harm(expires_at: Any, bench: Bench) -> None:
    change(bench, expires_at=expires_at)
    client = bench.open()
    bench.accounts.expire_all()
    assert client.ask(ask_for(client))["id"] == "a"
    assert bench.accounts.n_refreshes == 1
