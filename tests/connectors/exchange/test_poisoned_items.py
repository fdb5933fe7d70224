"""What the server does not give out is passed over, but never because the server has a problem."""

import pytest

from connectors.errors import AccessDenied, ConnectorError, Unavailable
from connectors.exchange.server import FEW
from connectors.observations import Message
from tests.connectors.exchange.mailbox import Home, add_letter, poll, poll_to_trouble, seen
from tests.servers.api import Call, Reply

POISONED = pytest.mark.parametrize(
    ("code", "kind"),
    [("ErrorInternalServerError", Unavailable), ("ErrorAccessDenied", AccessDenied)],
)


@POISONED
def test_a_folder_whose_items_are_all_refused_is_not_thrown_away(
    code: str, kind: type[ConnectorError], home: Home
) -> None:
    for number in range(3):
        add_letter(home.exchange, number).problem = code

    def fail_after(_: Call) -> Reply | None:
        if home.asked("GetItem"):
            home.exchange.refusals["GetFolder"] = code
        return None

    home.served.faults.append(fail_after)
    batches, trouble = poll_to_trouble(home.settings())
    assert type(trouble) is kind
    assert batches == []


@POISONED
def test_many_items_that_are_all_refused_are_not_thrown_away(
    code: str, kind: type[ConnectorError], home: Home
) -> None:
    for number in range(FEW + 1):
        add_letter(home.exchange, number).problem = code
    batches, trouble = poll_to_trouble(home.settings())
    assert type(trouble) is kind
    assert batches == []


@pytest.mark.parametrize("code", ["ErrorInternalServerError", "ErrorAccessDenied"])
def test_one_item_that_is_refused_does_not_stop_the_source(code: str, home: Home) -> None:
    add_letter(home.exchange, 1)
    cursor = poll(home.settings())[-1].cursor
    add_letter(home.exchange, 2).problem = code
    batches = poll(home.settings(), cursor)
    assert [one.reason for batch in batches for one in batch.rejected] == [
        "the server does not give it out"
    ]
    add_letter(home.exchange, 3)
    found = seen(poll(home.settings(), batches[-1].cursor))
    assert [one.subject for one in found if isinstance(one, Message)] == ["Note 3"]
