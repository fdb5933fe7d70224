"""Google's services are asked within their quota, and again where that helps."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from time import monotonic
from traceback import format_exception

import pytest

from connectors.errors import AccessDenied, ConnectorError, InDoubt, Misconfigured, Unavailable
from connectors.google import transport
from connectors.google.client import Forbidden, Refused, budget_of
from connectors.pace import N_TRIES, Budget, Waiting
from tests.connectors.google.letters import Bench, Hands, always, ask_for, ask_to_send
from tests.servers.api import Call, Reply
from tests.servers.google_accounts import CANARY
from tests.servers.google_api import error, fault
from tests.servers.web import wait_for

RATE = error(403, "rateLimitExceeded", "PERMISSION_DENIED", "Rate Limit Exceeded")
TOO_MANY = Reply.of({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429, Retry_After="7")
BROKEN = Reply(503, b"<html>The server encountered a temporary error</html>")
TOO_LATE = error(408, "requestTimeout", "DEADLINE_EXCEEDED", "Request timeout")
PORTAL = Reply(200, b"<html>Welcome to our network</html>", {"Content-Type": "text/html"})
NOT_FOUND = error(404, "notFound", "NOT_FOUND", "Requested entity was not found.")


def with_message(message: str) -> Reply:
    return error(429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", message)


def test_an_answer_comes_back_as_the_library_reads_it(bench: Bench) -> None:
    client = bench.open()
    assert client.ask(ask_for(client, "a1")) == {"id": "a1", "snippet": "Dear Ada"}
    assert bench.served.calls[0].headers["accept-encoding"] == "gzip"


def test_nothing_is_read_or_asked_before_the_first_request(bench: Bench) -> None:
    bench.tokens.unlink()
    client = bench.open()
    assert bench.served.calls == []
    with pytest.raises(AccessDenied, match="nobody has signed in yet"):
        _ = client.api


def test_settings_are_read_without_the_libraries() -> None:
    script = (
        "import sys, connectors.google.settings, connectors.google.errors\n"
        "print(*({name.partition('.')[0] for name in sys.modules} "
        "& {'google', 'googleapiclient', 'google_auth_httplib2', 'httplib2', 'requests'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_the_environment_has_no_say(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "elsewhere.example.org")
    monkeypatch.setenv("GOOGLE_API_USE_MTLS_ENDPOINT", "always")
    client = bench.open()
    assert client.ask(ask_for(client))["id"] == "a"


@pytest.mark.parametrize(
    "trouble",
    [
        RATE,
        TOO_MANY,
        BROKEN,
        TOO_LATE,
        PORTAL,
        Reply(200, b'{"id": "a"', {}),
        Reply.of(["a"]),
        Reply(200, b"\xff\xfe"),
        Reply(200, b"[" * 100_000),
    ],
    ids=["403 rate", "429", "503", "408", "html", "truncated", "list", "bytes", "deep"],
)
def test_what_passes_is_asked_again(trouble: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, trouble)
    bench.served.fail_at(2, trouble)
    assert client.ask(ask_for(client))["id"] == "a"
    assert len(bench.served.calls) == 3
    assert len(bench.clock.slept) == 2


def test_an_answer_that_is_cut_off_is_asked_for_again(bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, Reply(200, b'{"id": "a", "snippet": "Dear Ada"}', is_cut=True))
    assert client.ask(ask_for(client))["id"] == "a"


def test_what_does_not_pass_is_unavailable_in_the_end(bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(BROKEN)
    with pytest.raises(Unavailable, match=r"the Gmail API fails \(503\)"):
        client.ask(ask_for(client))
    assert len(bench.served.calls) == N_TRIES


def test_a_retry_after_is_kept(bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, TOO_MANY)
    client.ask(ask_for(client))
    assert bench.clock.slept == [7.0]


def test_a_long_retry_after_is_left_to_a_later_poll(bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(Reply(429, b"{}", {"Retry-After": "3600"}))
    with pytest.raises(Unavailable) as caught:
        client.ask(ask_for(client))
    assert caught.value.retry_after == timedelta(hours=1)
    assert len(bench.served.calls) == 1


def test_an_instant_in_the_message_is_kept_too(bench: Bench) -> None:
    client = bench.open()
    again = datetime.now(UTC) + timedelta(minutes=15)
    text = f"User-rate limit exceeded.  Retry after {again:%Y-%m-%dT%H:%M:%S.123Z}"
    bench.service.trouble = always(with_message(text))
    with pytest.raises(Unavailable) as caught:
        client.ask(ask_for(client))
    assert caught.value.retry_after is not None
    assert timedelta(minutes=14) < caught.value.retry_after < timedelta(minutes=16)


@pytest.mark.parametrize("text", ["Retry after 2024-13-45T00:00:00Z", "Retry after tea", ""])
def test_an_instant_that_is_none_is_passed_over(text: str, bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, with_message(text))
    assert client.ask(ask_for(client))["id"] == "a"


def of_a_day() -> Reply:
    cause = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "metadata": {"quota_limit": "defaultPerDayPerProject"},
    }
    return Reply.of({"error": {"code": 429, "details": [cause]}}, 429)


@pytest.mark.parametrize(
    "trouble",
    [error(403, "dailyLimitExceeded", "PERMISSION_DENIED", "Daily Limit Exceeded"), of_a_day()],
    ids=["403", "429"],
)
def test_a_day_that_is_used_up_is_not_waited_for(trouble: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(trouble)
    with pytest.raises(Unavailable, match="quota of the Gmail API is used up") as caught:
        client.ask(ask_for(client))
    assert caught.value.retry_after == timedelta(hours=1)
    assert bench.clock.slept == []


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (error(403, "accessNotConfigured", "PERMISSION_DENIED", "x"), "choose Gmail API and press"),
        (fault(403, "SERVICE_DISABLED", "PERMISSION_DENIED", "x"), "is not switched on"),
        (error(403, "insufficientPermissions", "PERMISSION_DENIED", "x"), "permission that this"),
        (fault(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "PERMISSION_DENIED", "x"), "lacks; type:"),
        (error(403, "domainPolicy", "PERMISSION_DENIED", "x"), "administrators"),
        (error(403, "newlyInvented", "PERMISSION_DENIED", "x"), r"\(newlyInvented\); type:"),
        (error(403, "forbidden", "PERMISSION_DENIED", "x"), "does not let this account"),
    ],
    ids=["off", "off, new", "scope", "scope, new", "domain", "unknown", "forbidden"],
)
def test_a_denial_is_final_and_says_what_to_do(reply: Reply, says: str, bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(reply)
    with pytest.raises(AccessDenied, match=says) as caught:
        client.ask(ask_for(client))
    assert isinstance(caught.value, Forbidden) == ("does not let" in says)
    assert len(bench.served.calls) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (NOT_FOUND, "notFound"),
        (
            error(410, "fullSyncRequired", "GONE", "Sync token is no longer valid"),
            "fullSyncRequired",
        ),
        (fault(400, "EXPIRED_SYNC_TOKEN", "INVALID_ARGUMENT", "x"), "EXPIRED_SYNC_TOKEN"),
        (Reply.of([{"error": {"code": 400, "status": "FAILED_PRECONDITION"}}], 400), "FAILED_PRE"),
    ],
    ids=["404", "410", "400", "in a list"],
)
def test_a_refusal_says_why(reply: Reply, reason: str, bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(reply)
    with pytest.raises(Refused) as caught:
        client.ask(ask_for(client))
    assert caught.value.status == reply.status
    assert caught.value.reason.startswith(reason)
    assert not caught.value.is_permission


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Not here</html>",
        b"",
        b'{"error": "not_found"}',
        b'{"error": {"errors": [{"reason": 7}], "details": {}}}',
        b"[]",
        b'["a"]',
        b"[" * 100_000,
    ],
    ids=["html", "empty", "text", "number", "nothing", "list", "deep"],
)
@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_in_no_words_of_googles_is_not_believed(
    body: bytes, status: int, bench: Bench
) -> None:
    client = bench.open()
    bench.service.trouble = always(Reply(status, body))
    with pytest.raises(Unavailable, match=f"answers {status}, and not in Google's words"):
        client.ask(ask_for(client))


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    client = bench.open()
    elsewhere = {"Location": f"{bench.served.url}/elsewhere"}
    bench.service.trouble = always(Reply(302, b"", elsewhere))
    with pytest.raises(Unavailable, match="redirects"):
        client.ask(ask_for(client))
    assert all("elsewhere" not in call.path for call in bench.served.calls)


def test_who_cannot_be_reached_is_not_asked_again(bench: Bench) -> None:
    client = bench.open(url="http://127.0.0.1:9/")
    with pytest.raises(Unavailable, match="cannot be reached"):
        client.ask(ask_for(client))
    assert bench.clock.slept == []


@pytest.mark.parametrize("is_mail", [False, True], ids=["a question", "a mail"])
def test_a_service_that_says_nothing_is_left_alone_for_a_while(
    is_mail: bool, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.2)
    client, is_over = bench.open(), Event()
    bench.served.faults.append(lambda _: Reply() if is_over.wait() else None)
    request = ask_to_send(client) if is_mail else ask_for(client)
    try:
        if is_mail:
            with pytest.raises(InDoubt):
                client.hand_over(request)
        else:
            with pytest.raises(Unavailable, match="does not answer in time") as caught:
                client.ask(request)
            assert caught.value.retry_after == transport.SILENCE
    finally:
        is_over.set()
    assert len(bench.served.calls) == 1


def test_plain_http_is_for_the_owners_own_network(bench: Bench) -> None:
    bench.settings.allow_private = False
    with pytest.raises(Misconfigured, match="not secure"):
        _ = bench.open().api


def test_no_minute_has_more_than_its_units_however_much_fails(bench: Bench) -> None:
    client = bench.open(budget=Budget(100))
    draw = Random(1)  # noqa: S311 -- which call fails is no secret
    bench.service.trouble = lambda _: draw.choices((None, RATE, BROKEN), (6, 3, 1))[0]
    for number in range(60):
        client.ask(ask_for(client, f"m{number}"), units=20)
    client.ask_all({f"b{n}": ask_for(client, f"b{n}") for n in range(20)}, units=20)
    times = [at for at, _ in bench.service.asked_at]
    assert all(sum(at <= other < at + 60 for other in times) <= 5 for at in times)
    assert len(times) > 80


def test_two_clients_of_one_account_share_a_budget(bench: Bench) -> None:
    budget = budget_of(bench.settings.secret.reference, 40)
    assert budget_of(bench.settings.secret.reference, 40) is budget
    assert budget_of(f"{bench.settings.secret.reference} another", 40) is not budget
    for name in "abc":
        client = bench.open(budget=budget)
        client.ask(ask_for(client, name), units=20)
        client.close()
    times = [at for at, _ in bench.service.asked_at]
    assert times[1] < 1
    assert times[2] >= 60


def test_the_fewest_units_that_anybody_named_count_for_all(bench: Bench) -> None:
    budget = budget_of(str(bench.folder), 100)
    client = bench.open(budget=budget)
    assert budget_of(str(bench.folder), 40) is budget
    assert budget_of(str(bench.folder), 100).units == 40
    client.ask_all({name: ask_for(client, name) for name in "abcdef"}, units=20)
    times = [at for at, _ in bench.service.asked_at]
    assert all(sum(at <= other < at + 60 for other in times) <= 2 for at in times)


def test_what_waits_for_more_units_than_are_left_waits_for_all_of_them(bench: Bench) -> None:
    budget = budget_of(str(bench.folder), 100)
    budget.spend(60, bench.clock)
    sleep, slept = bench.clock.sleep, bench.clock.slept

    @dataclass
    class Meanwhile(Hands):
        def sleep(self, seconds: float) -> None:
            assert len(slept) < 5, "it waits for ever"
            budget_of(str(bench.folder), 40)
            sleep(seconds)
            self.at = bench.clock.at

    budget.spend(80, Meanwhile())
    assert len(slept) == 1
    budget.spend(20, bench.clock)
    assert bench.clock.now() > 120


def test_a_closed_client_asks_nobody_until_it_begins_again(bench: Bench) -> None:
    client = bench.open()
    request = ask_for(client)
    client.ask(request)
    client.close()
    client.close()
    with pytest.raises(Unavailable, match="closed"):
        client.ask(request)
    assert bench.clock.slept == []
    client.begin()
    assert client.ask(ask_for(client))["id"] == "a"


def test_closing_ends_a_wait_in_another_thread(bench: Bench) -> None:
    bench.settings.clock = Waiting()
    client = bench.open(budget=Budget(10, seconds=20))
    request = ask_for(client)
    client.ask(request, units=10)
    with ThreadPoolExecutor() as pool:
        waiting, began_at = pool.submit(client.ask, request, units=10), monotonic()
        client.close()
        with pytest.raises(Unavailable, match="the connection was closed"):
            waiting.result()
        assert monotonic() - began_at < 10


def test_closing_ends_a_request_that_hangs(bench: Bench) -> None:
    client, is_over = bench.open(), Event()

    def hang(_: Call) -> Reply | None:
        is_over.wait()
        return None

    bench.service.trouble = hang
    request = ask_for(client)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.ask, request)
        wait_for(lambda: bool(bench.service.asked_at))
        client.close()
        with pytest.raises(Unavailable, match="closed"):
            waiting.result()
        is_over.set()


def test_no_error_shows_a_secret_or_what_was_asked(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    client, name = bench.open(), "-".join(("private", "name"))
    replies = [RATE, BROKEN, PORTAL, NOT_FOUND, Reply(403, b"{}"), Reply(401, b"{}")]
    for reply in replies:
        bench.service.trouble = always(reply)
        with pytest.raises((ConnectorError, Refused)) as caught:
            client.ask(ask_for(client, name))
        shown = "".join(format_exception(caught.value)) + repr(caught.value)
        assert CANARY not in shown
        assert name not in shown
    assert CANARY not in repr(vars(client))
    assert caplog.text == "", "the library talks to whoever runs kithd"
