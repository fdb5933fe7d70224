"""What must not be done twice is asked for once, and again only where nothing was done."""

import pytest

from connectors.errors import InDoubt, Unavailable
from tests.connectors.google.letters import Bench, ask_to_send
from tests.connectors.google.test_client import BROKEN, PORTAL, RATE, TOO_MANY
from tests.servers.api import Reply


def test_a_mail_is_handed_over_once(bench: Bench) -> None:
    client = bench.open()
    assert client.hand_over(ask_to_send(client))["id"] == "send"
    assert bench.service.n_sent == 1


@pytest.mark.parametrize("trouble", [RATE, TOO_MANY], ids=["403", "429"])
def test_a_mail_that_was_not_taken_is_handed_over_again(trouble: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, trouble)
    client.hand_over(ask_to_send(client))
    assert bench.service.n_sent == 1


@pytest.mark.parametrize(
    "trouble",
    [BROKEN, PORTAL, Reply(200, b'{"id": "1"}', is_cut=True), Reply(200, b"", is_cut=True)],
    ids=["503", "html", "cut", "empty"],
)
def test_a_mail_that_may_have_been_sent_is_in_doubt(trouble: Reply, bench: Bench) -> None:
    client = bench.open()
    bench.served.fail_at(1, trouble)
    with pytest.raises(InDoubt, match="nobody knows"):
        client.hand_over(ask_to_send(client))
    assert len(bench.served.calls) == 1


def test_a_mail_that_reached_nobody_is_not_in_doubt(bench: Bench) -> None:
    client = bench.open(url="http://127.0.0.1:9/")
    with pytest.raises(Unavailable, match="cannot be reached"):
        client.hand_over(ask_to_send(client))


def test_a_mail_is_not_in_doubt_because_of_the_sign_in(bench: Bench) -> None:
    bench.sign_in(*bench.permissions, is_fresh=False)
    client = bench.open()
    bench.accounts.served.faults.append(lambda _: Reply(200, b"{}", is_cut=True))
    with pytest.raises(Unavailable):
        client.hand_over(ask_to_send(client))
    assert bench.service.n_sent == 0
