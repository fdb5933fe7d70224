"""Requests are sent together, and what fails of them is asked again without the rest."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import AccessDenied, Unavailable
from connectors.google import transport
from connectors.google.client import LARGEST_BATCH, Client, Refused
from connectors.pace import Budget
from tests.connectors.google.letters import Bench, always, ask_for
from tests.servers.api import Call, Reply
from tests.servers.google_api import error

RATE = error(403, "rateLimitExceeded", "PERMISSION_DENIED", "Rate Limit Exceeded")
TOO_MANY = Reply.of({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429, Retry_After="9")
NOT_FOUND = error(404, "notFound", "NOT_FOUND", "Requested entity was not found.")
FORBIDDEN = error(403, "forbidden", "PERMISSION_DENIED", "Forbidden")
SWITCHED_OFF = error(403, "accessNotConfigured", "PERMISSION_DENIED", "x")


def requests(client: Client, n: int) -> dict[str, Any]:
    return {f"m{number}": ask_for(client, f"m{number}") for number in range(n)}


def fail_once(bench: Bench, *names: str, reply: Reply) -> None:
    """Refuse each of these letters the first time."""
    left = set(names)

    def trouble(call: Call) -> Reply | None:
        name = call.path.rpartition("/")[2]
        if name not in left:
            return None
        left.discard(name)
        return reply

    bench.service.trouble = trouble


def only(name: str, reply: Reply) -> Any:
    return lambda call: reply if call.path.endswith(f"/{name}") else None


def test_all_answers_come_by_the_names_of_their_requests(bench: Bench) -> None:
    client = bench.open()
    answers = client.ask_all(requests(client, 5), units=20)
    assert {name: one["id"] for name, one in answers.items() if isinstance(one, dict)} == {
        f"m{number}": f"m{number}" for number in range(5)
    }
    assert bench.service.batches == [["m0", "m1", "m2", "m3", "m4"]]


def test_nothing_to_ask_is_not_asked(bench: Bench) -> None:
    assert bench.open().ask_all({}, units=20) == {}
    assert bench.served.calls == []


def test_no_batch_has_more_than_google_takes(bench: Bench) -> None:
    client = bench.open()
    answers = client.ask_all(requests(client, LARGEST_BATCH + 5), units=0)
    assert len(answers) == LARGEST_BATCH + 5
    assert [len(batch) for batch in bench.service.batches] == [LARGEST_BATCH, 5]


@pytest.mark.parametrize("trouble", [RATE, TOO_MANY, Reply(500, b"")], ids=["403", "429", "500"])
def test_only_what_failed_is_asked_again(trouble: Reply, bench: Bench) -> None:
    client = bench.open()
    fail_once(bench, "m1", "m3", "m4", reply=trouble)
    answers = client.ask_all(requests(client, 6), units=20)
    assert len(answers) == 6
    assert bench.service.batches == [["m0", "m1", "m2", "m3", "m4", "m5"], ["m1", "m3", "m4"]]
    assert len(bench.clock.slept) == 1


def test_a_part_says_how_long_to_wait(bench: Bench) -> None:
    client = bench.open()
    fail_once(bench, "m1", "m2", reply=TOO_MANY)
    client.ask_all(requests(client, 3), units=20)
    assert bench.clock.slept == [9.0]


def test_what_is_asked_again_costs_its_units_again(bench: Bench) -> None:
    client = bench.open(budget=Budget(100))
    fail_once(bench, "m1", "m3", reply=RATE)
    client.ask_all(requests(client, 4), units=20)
    times = [at for at, _ in bench.service.asked_at]
    assert all(sum(at <= other < at + 60 for other in times) <= 5 for at in times)
    assert len(times) == 6


def test_a_small_budget_makes_small_batches(bench: Bench) -> None:
    client = bench.open(budget=Budget(50))
    assert len(client.ask_all(requests(client, 5), units=20)) == 5
    assert [len(batch) for batch in bench.service.batches] == [2, 2]


def test_a_refusal_of_one_leaves_the_others(bench: Bench) -> None:
    client = bench.open()
    for reply, is_permission in ((NOT_FOUND, False), (FORBIDDEN, True)):
        bench.service.trouble = only("m1", reply)
        answers = client.ask_all(requests(client, 3), units=20)
        refused = answers["m1"]
        assert isinstance(refused, Refused)
        assert (refused.status, refused.is_permission) == (reply.status, is_permission)
        assert sum(isinstance(one, dict) for one in answers.values()) == 2
    assert len(bench.service.batches) == 2


@pytest.mark.parametrize("reply", [NOT_FOUND, FORBIDDEN], ids=["404", "403"])
def test_one_alone_is_refused_in_the_same_way(reply: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(reply)
    (refused,) = client.ask_all(requests(client, 1), units=20).values()
    assert isinstance(refused, Refused)
    assert refused.status == reply.status
    assert bench.service.batches == []


def test_a_denial_of_one_part_goes_for_all(bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = only("m1", SWITCHED_OFF)
    with pytest.raises(AccessDenied, match="is not switched on"):
        client.ask_all(requests(client, 3), units=20)


def test_most_parts_may_fail_as_long_as_some_are_answered(bench: Bench) -> None:
    client = bench.open()
    count = 0

    def trouble(_: Call) -> Reply | None:
        nonlocal count
        count += 1
        return TOO_MANY if count % 3 else None

    bench.service.trouble = trouble
    assert len(client.ask_all(requests(client, 100), units=20)) == 100


def test_who_answers_nothing_any_more_is_given_up(bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = lambda call: None if call.path.endswith("m0") else RATE
    with pytest.raises(Unavailable, match="asked too often"):
        client.ask_all(requests(client, 3), units=20)


def test_a_long_wait_is_left_to_a_later_poll_though_some_have_answered(bench: Bench) -> None:
    client = bench.open()
    hour = Reply(429, b"{}", {"Retry-After": "3600"})
    bench.service.trouble = only("m1", hour)
    with pytest.raises(Unavailable) as caught:
        client.ask_all(requests(client, 3), units=20)
    assert caught.value.retry_after == timedelta(hours=1)
    assert [name for _, name in bench.service.asked_at] == ["m0", "m1", "m2"]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
        Reply(200, b'{"a": 1}', {"Content-Type": "application/json"}),
        Reply(200, b"--here--\r\n", {"Content-Type": "multipart/mixed; boundary=here"}),
        Reply(200, b"\xff\xfe", {"Content-Type": "multipart/mixed; boundary=here"}),
        Reply(200, b"", {}),
        Reply(
            200,
            b"--here\r\nContent-ID: nothing\r\n\r\nHTTP/1.1\r\n--here--",
            {"Content-Type": "multipart/mixed; boundary=here"},
        ),
        Reply(
            200,
            b"--here\r\nContent-ID: <x + 0>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--here--",
            {"Content-Type": "multipart/mixed; boundary=here"},
        ),
        Reply(
            200,
            b"--here\r\n\r\nHTTP/1.1 x OK\r\n\r\n{}\r\n--here--",
            {"Content-Type": "multipart/mixed; boundary=here"},
        ),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(200, b"--here\r\n", {"Content-Type": "multipart/mixed; boundary=here"}, is_cut=True),
    ],
    ids="html json nothing bytes untyped nonsense missing nameless gateway cut".split(),
)
def test_an_answer_that_is_no_batch_is_asked_for_again(answer: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, answer)
    assert len(client.ask_all(requests(client, 4), units=20)) == 4


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b"<html>"), Reply.of([1]), Reply(200, b"[" * 100_000)],
    ids=["html", "list", "deep"],
)
def test_a_part_that_is_no_object_is_asked_for_again(reply: Reply, bench: Bench) -> None:
    client = bench.open()
    fail_once(bench, "m1", reply=reply)
    assert len(client.ask_all(requests(client, 4), units=20)) == 4


def test_answers_that_are_too_much_together_are_asked_for_in_smaller_batches(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "BATCH_BYTES", 5000)
    client = bench.open()
    bench.service.text = "x" * 2000
    assert len(client.ask_all(requests(client, 8), units=20)) == 8
    assert [len(batch) for batch in bench.service.batches] == [8, 4, 2, 2, 2, 2]


def test_what_is_too_much_for_any_batch_is_asked_for_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "BATCH_BYTES", 5000)
    client = bench.open()
    bench.service.text = "x" * 6000
    assert len(client.ask_all(requests(client, 3), units=20)) == 3


def test_a_token_that_expires_is_renewed_once_for_all_parts(bench: Bench) -> None:
    client = bench.open()
    waiting = requests(client, 4)
    bench.accounts.expire_all()
    assert len(client.ask_all(waiting, units=20)) == 4
    assert bench.accounts.n_refreshes == 1


def test_a_token_that_expires_among_the_parts_is_renewed_once(bench: Bench) -> None:
    client = bench.open()
    waiting = requests(client, 4)

    def expire(call: Call) -> Reply | None:
        if call.path.endswith("/m1"):
            bench.service.trouble = lambda _: None
            bench.accounts.expire_all()
        return None

    bench.service.trouble = expire
    assert len(client.ask_all(waiting, units=20)) == 4
    assert bench.accounts.n_refreshes == 1
    assert bench.service.batches == [["m0", "m1", "m2", "m3"], ["m2", "m3"]]


def test_a_token_that_no_part_takes_is_a_denial(bench: Bench) -> None:
    client = bench.open()
    bench.service.trouble = always(error(401, "authError", "UNAUTHENTICATED", "x"))
    with pytest.raises(AccessDenied, match="type: kithd sign-in"):
        client.ask_all(requests(client, 3), units=20)
    assert bench.accounts.n_refreshes == 1


def test_a_token_that_no_batch_is_taken_with_is_a_denial(bench: Bench) -> None:
    client = bench.open()
    bench.served.faults.append(always(error(401, "authError", "UNAUTHENTICATED", "x")))
    with pytest.raises(AccessDenied, match="type: kithd sign-in"):
        client.ask_all(requests(client, 3), units=20)
    assert bench.accounts.n_refreshes == 1
    assert len(bench.served.calls) == 2
