"""A token that expires is renewed once, by one, and kept; one that was revoked ends the polls."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from traceback import format_exception
from typing import Any

import pytest

from connectors.credentials.google import KeptCredentials, SignIn
from connectors.credentials.google_client_file import OAuthClient
from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.google.transport import open_web
from connectors.pace import N_TRIES
from tests.connectors.google.letters import SCOPE, Bench, ask_for
from tests.servers.api import Call, Reply
from tests.servers.google_accounts import CANARY, CLIENT_ID, LASTS

N_AT_ONCE = 6
ASK = f"""
import sys
from pathlib import Path
from connectors.credentials.secrets import Secret
from connectors.google.client import Client
from connectors.google.settings import GoogleSettings
secret, client_file, url = sys.argv[1:]
settings = GoogleSettings(secret=Secret(secret), client_file=Path(client_file), allow_private=True)
client = Client(settings, permissions=("{SCOPE}",), api="gmail", version="v1", url=url)
request = client.api.users().messages().get(userId="me", id="a")
print("ready", flush=True)
sys.stdin.readline()
print(client.ask(request)["id"], flush=True)
client.close()
"""


def kept_by(bench: Bench) -> dict[str, Any]:
    found = json.loads(bench.tokens.read_text())
    assert isinstance(found, dict)
    return found


def slowly(seconds: float = 0.3) -> Callable[[Call], Reply | None]:
    """Return a fault that keeps whoever renews busy, so that others come in between."""

    def wait(_: Call) -> Reply | None:
        Event().wait(seconds)
        return None

    return wait


def test_a_token_that_is_known_to_have_expired_is_renewed_first(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    before = kept_by(bench)
    client = bench.open()
    client.ask(ask_for(client))
    after = kept_by(bench)
    assert bench.accounts.n_refreshes == 1
    assert len(bench.served.calls) == 1
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] == before["refresh_token"]
    assert bench.tokens.stat().st_mode & 0o777 == 0o600


def test_the_instant_of_expiry_is_kept_in_utc(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    client = bench.open()
    client.ask(ask_for(client))
    expires_at = datetime.fromisoformat(kept_by(bench)["expires_at"])
    assert expires_at.utcoffset() == timedelta()
    left = expires_at - datetime.now(expires_at.tzinfo)
    assert timedelta(seconds=LASTS - 60) < left <= timedelta(seconds=LASTS)


def test_a_token_that_expires_between_two_requests_is_renewed_once(bench: Bench) -> None:
    client = bench.open()
    client.ask(ask_for(client, "a"))
    bench.accounts.expire_all()
    assert client.ask(ask_for(client, "b"))["id"] == "b"
    assert bench.accounts.n_refreshes == 1
    assert [call.path.rpartition("/")[2] for call in bench.served.calls] == ["a", "b", "b"]


def test_a_token_expires_by_the_services_clock(bench: Bench) -> None:
    bench.accounts.clock = bench.clock
    bench.sign_in(SCOPE)
    client = bench.open()
    for _ in range(3):
        client.ask(ask_for(client))
        bench.clock.at += LASTS - 1
        client.ask(ask_for(client))
        bench.clock.at += 1
    assert bench.accounts.n_refreshes == 2


def test_a_token_that_is_never_taken_is_renewed_once_and_no_more(bench: Bench) -> None:
    client = bench.open()
    bench.served.faults.append(lambda _: Reply(401, b"{}"))
    with pytest.raises(AccessDenied, match=r"type: kithd sign-in$"):
        client.ask(ask_for(client))
    assert bench.accounts.n_refreshes == 1
    assert len(bench.served.calls) == 2


def test_what_another_client_has_renewed_is_taken_over(bench: Bench) -> None:
    first, second = bench.open(), bench.open()
    requests = ask_for(first), ask_for(second)
    bench.accounts.expire_all()
    assert first.ask(requests[0])["id"] == "a"
    assert second.ask(requests[1])["id"] == "a"
    assert bench.accounts.n_refreshes == 1


def test_however_many_threads_find_it_expired_one_renews_it(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    bench.accounts.served.faults.append(slowly())
    clients = [bench.open() for _ in range(N_AT_ONCE)]
    requests = [ask_for(client) for client in clients]
    together = Barrier(N_AT_ONCE)

    def ask(number: int) -> Any:
        together.wait()
        return clients[number].ask(requests[number])["id"]

    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        assert list(pool.map(ask, range(N_AT_ONCE))) == ["a"] * N_AT_ONCE
    assert bench.accounts.n_refreshes == 1


def test_of_two_processes_that_find_it_expired_one_renews_it(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    bench.accounts.served.faults.append(slowly())
    words = [bench.settings.secret.reference, str(bench.settings.client_file), bench.served.url]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=30)[0] for process in processes] == ["a\n", "a\n"]
    assert bench.accounts.n_refreshes == 1


def test_a_revoked_sign_in_says_what_to_type_and_asks_once(bench: Bench) -> None:
    client = bench.open()
    request = ask_for(client)
    bench.accounts.revoke_all()
    for _ in range(3):
        with pytest.raises(AccessDenied, match=r"testing ends .* 7 days .*; type: kithd sign-in$"):
            client.ask(request)
    assert bench.accounts.n_refreshes == 1
    assert bench.clock.slept == []


def test_a_revoked_sign_in_says_so_in_a_batch_too(bench: Bench) -> None:
    client = bench.open()
    waiting = {name: ask_for(client, name) for name in "abc"}
    bench.accounts.revoke_all()
    with pytest.raises(AccessDenied, match="has ended this sign-in"):
        client.ask_all(waiting, units=20)
    assert bench.accounts.n_refreshes == 1


@pytest.mark.parametrize("is_fresh", [True, False], ids=["at once", "later"])
def test_who_signs_in_again_need_not_open_again(is_fresh: bool, bench: Bench) -> None:
    client = bench.open()
    request = ask_for(client)
    bench.accounts.revoke_all()
    with pytest.raises(AccessDenied):
        client.ask(request)
    bench.sign_in(SCOPE, is_fresh=is_fresh)
    assert client.ask(request)["id"] == "a"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"<html>Error 500</html>"),
        Reply(503, b'{"error": "invalid_grant"}'),
        Reply(429, b'{"error": "rate_limit_exceeded"}'),
        Reply(200, b"<html>Welcome to our network</html>"),
        Reply(400, b"<html>Bad request</html>"),
        Reply(200, b'{"access_token": "ya'),
        Reply(200, b'{"access_token": ""}'),
        Reply.of({"access_token": "x", "expires_in": "soon"}),
        Reply.of({"access_token": "x", "expires_in": -1}),
        Reply.of({"access_token": "x", "expires_in": 10**12}),
        Reply.of({"access_token": "x", "refresh_token": 7}),
        Reply.of({"access_token": "x", "scope": ["a"]}),
        Reply.of([1]),
        Reply(400, b'{"error": 7}'),
        Reply(200, b'{"access_token": "x"}', is_cut=True),
        Reply(302, b"", {"Location": "https://example.org/"}),
        Reply(400, b'{"error": "internal_failure"}'),
        Reply(400, b'{"error": "server_error", "error_description": ["canary"]}'),
        Reply(401, b'{"error": "invalid_request", "error_description": "internal_failure"}'),
        Reply(400, b'{"error": "temporarily_unavailable"}'),
    ],
    ids=(
        "500 503 429 html html400 torn empty soon negative endless number list array error cut "
        "redirect internal server described temporary"
    ).split(),
)
def test_a_sign_in_that_fails_is_no_denial(reply: Reply, bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    before = kept_by(bench)
    client = bench.open()
    bench.accounts.served.faults.append(lambda _: reply)
    with pytest.raises(Unavailable):
        client.ask(ask_for(client))
    assert kept_by(bench) == before
    assert len(bench.accounts.served.calls) <= N_TRIES
    bench.accounts.served.faults.clear()
    assert client.ask(ask_for(client))["id"] == "a"


def test_a_sign_in_that_fails_for_a_moment_is_waited_for(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    client = bench.open()
    bench.accounts.served.fail_at(1, Reply(503, b"", {"Retry-After": "11"}))
    assert client.ask(ask_for(client))["id"] == "a"
    assert bench.clock.slept == [11.0]


@pytest.mark.parametrize(
    ("word", "kind", "says"),
    [
        ("invalid_client", Misconfigured, "download client_file anew"),
        ("deleted_client", Misconfigured, "does not know this OAuth client"),
        ("admin_policy_enforced", AccessDenied, "administrators"),
        ("invalid_scope", AccessDenied, "no longer permits .*; type: kithd sign-in$"),
        ("newly_invented", AccessDenied, "type: kithd sign-in$"),
    ],
)
def test_a_refusal_names_what_to_do(
    word: str, kind: type[ConnectorError], says: str, bench: Bench
) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    client = bench.open()
    said = {"error": word, "error_description": "about alice@example.org"}
    bench.accounts.served.faults.append(lambda _: Reply.of(said, 400))
    with pytest.raises(kind, match=says) as caught:
        client.ask(ask_for(client))
    assert "alice" not in "".join(format_exception(caught.value))
    assert len(bench.accounts.served.calls) == 1


def test_an_administrator_who_wants_a_sign_in_again_gets_one(bench: Bench) -> None:
    bench.sign_in(SCOPE, is_fresh=False)
    client = bench.open()
    said = {"error": "invalid_grant", "error_subtype": "invalid_rapt"}
    bench.accounts.served.faults.append(lambda _: Reply.of(said, 400))
    with pytest.raises(AccessDenied, match=r"type: kithd sign-in$"):
        client.ask(ask_for(client))


def test_a_refresh_token_that_is_replaced_is_kept(bench: Bench) -> None:
    bench.accounts.rotates = True
    bench.sign_in(SCOPE, is_fresh=False)
    before = kept_by(bench)["refresh_token"]
    for _ in range(3):
        client = bench.open()
        client.ask(ask_for(client))
        bench.accounts.expire_all()
    assert kept_by(bench)["refresh_token"] != before
    assert bench.accounts.n_refreshes == 3


def test_a_keeper_that_cannot_be_written_serves_from_memory(bench: Bench) -> None:
    bench.settings.secret = Secret(f"command:cat {bench.tokens}")
    before = bench.tokens.read_text()
    client = bench.open()
    for name in "abc":
        assert client.ask(ask_for(client, name))["id"] == name
        bench.accounts.expire_all()
    assert client.ask(ask_for(client))["id"] == "a"
    assert bench.accounts.n_refreshes == 3
    assert bench.tokens.read_text() == before


def test_a_file_that_cannot_be_written_stays_and_serves(bench: Bench) -> None:
    (bench.folder / ".google.tokens.new").mkdir()  # where a new one would be written first
    before = bench.tokens.read_text()
    client = bench.open()
    for name in "ab":
        bench.accounts.expire_all()
        assert client.ask(ask_for(client, name))["id"] == name
    assert bench.tokens.read_text() == before
    again = bench.open()
    assert again.ask(ask_for(again))["id"] == "a"


def test_nothing_that_is_printed_or_logged_shows_a_secret(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = bench.open()
    request = ask_for(client)
    bench.accounts.expire_all()
    client.ask(request)
    settings = bench.settings
    tokens, oauth = (
        Tokens(settings.secret),
        OAuthClient.read(settings.client_file, allow_private=True),
    )
    web = open_web(settings)
    shown = [SignIn.read(tokens), oauth, KeptCredentials(tokens, oauth, [SCOPE], web), settings]
    bench.accounts.revoke_all()
    with pytest.raises(AccessDenied) as caught:
        client.ask(request)
    text = caplog.text + repr(shown) + "".join(format_exception(caught.value))
    assert CLIENT_ID in text
    assert CANARY not in text
