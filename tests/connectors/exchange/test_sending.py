"""A digest is sent by Exchange: taken, refused, or in doubt; and is found again."""

import traceback
from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.errors import AccessDenied, ConnectorError, InDoubt, Misconfigured, Unavailable
from connectors.exchange.connector import ExchangeConnector
from connectors.protocol import Account, Mailbox, Outbox
from tests.connectors.exchange.mailbox import SINCE, Clock, Home, add_letter, keep
from tests.servers import ews_soap as soap
from tests.servers.api import Reply
from tests.servers.ews import PASSWORD, USER, XML, busy

MAIL = b"From: a@example.org\r\nTo: a@example.org\r\nSubject: kithd\r\n\r\nGood morning.\r\n"
N_BEFORE = 2  # Calls, to see how to sign in and whether the mailbox is there.


@pytest.fixture
def connector(home: Home) -> Iterator[ExchangeConnector]:
    with closing(ExchangeConnector(home.settings(), since=SINCE)) as opened:
        yield opened


def send(connector: ExchangeConnector) -> None:
    connector.send(MAIL, sender=USER, to=USER)


def test_it_can_do_what_an_account_can(connector: ExchangeConnector) -> None:
    assert isinstance(connector, Outbox)
    assert isinstance(connector, Mailbox)
    assert isinstance(connector, Account)


def test_a_mail_is_taken_as_it_is_and_no_copy_is_kept(
    home: Home, connector: ExchangeConnector
) -> None:
    send(connector)
    assert home.exchange.sent == [MAIL]
    [question] = home.asked("CreateItem")
    assert question.get("MessageDisposition") == "SendOnly"


def test_a_busy_server_is_offered_it_again(home: Home, connector: ExchangeConnector) -> None:
    for n, reply in enumerate((busy(1_000), Reply(503), Reply(429))):
        home.served.fail_at(N_BEFORE + 1 + n, reply)
    send(connector)
    assert home.exchange.sent == [MAIL]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ErrorSendAsDenied", Misconfigured),
        ("ErrorMessageSizeExceeded", Misconfigured),
        ("ErrorAccessDenied", AccessDenied),
        ("ErrorQuotaExceeded", Unavailable),
    ],
)
def test_what_is_refused_was_not_sent(
    home: Home, connector: ExchangeConnector, code: str, kind: type[ConnectorError]
) -> None:
    home.exchange.refusals["CreateItem"] = code
    with pytest.raises(kind):
        send(connector)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, soap.envelope(""), XML, is_cut=True),
        Reply(200, b"<html>Oh</html>", XML),
        Reply(200, soap.envelope("<m:Odd/>"), XML),
        Reply(502),
        Reply(504),
        Reply(500, soap.fault("ErrorInternalServerError"), XML),
        Reply(500, soap.fault("ErrorTimeoutExpired"), XML),
    ],
    ids=["cut off", "page", "odd", "502", "504", "internal", "time"],
)
def test_what_nobody_answers_for_is_in_doubt_and_not_offered_again(
    home: Home, connector: ExchangeConnector, reply: Reply
) -> None:
    home.served.fail_at(N_BEFORE + 1, reply)
    with pytest.raises(InDoubt):
        send(connector)
    assert len(home.served.calls) == N_BEFORE + 1


def test_a_server_that_is_not_there_leaves_no_doubt(home: Home) -> None:
    settings = home.settings(url="https://localhost:1/EWS/Exchange.asmx")
    with (
        closing(ExchangeConnector(settings, since=SINCE)) as opened,
        pytest.raises(Unavailable, match="cannot be reached"),
    ):
        send(opened)


def test_everything_but_the_sending_is_tried(home: Home, connector: ExchangeConnector) -> None:
    connector.check_sending()
    assert home.exchange.sent == []
    other = ExchangeConnector(home.settings(secret=keep(home.folder, "wrong")), since=SINCE)
    with closing(other), pytest.raises(AccessDenied):
        other.check_sending()


def test_a_user_without_that_mailbox_is_told(home: Home, connector: ExchangeConnector) -> None:
    del home.exchange.folders["outbox"]
    with pytest.raises(Misconfigured, match="no outbox"):
        connector.check_sending()


@pytest.mark.parametrize("where", ["inbox", "sentitems", "deleteditems", "Archive"])
def test_what_is_in_any_folder_is_found(
    home: Home, connector: ExchangeConnector, where: str
) -> None:
    folder = where if where in home.exchange.folders else home.exchange.add_folder(where).id
    add_letter(home.exchange, 7, folder)
    assert connector.holds("<note-7@example.org>")
    assert not connector.holds("<note-8@example.org>")


def test_an_identifier_that_is_none_is_not_looked_for(
    home: Home, connector: ExchangeConnector
) -> None:
    assert not connector.holds("<a\r\nb>")
    assert home.served.calls == []


def test_nobody_waits_for_mail(connector: ExchangeConnector) -> None:
    with pytest.raises(Unavailable, match="polling must do"):
        connector.wait(60)


def test_addresses_are_those_of_the_directory(home: Home, connector: ExchangeConnector) -> None:
    home.exchange.aliases = ["SMTP:Mara@Example.org", "smtp:m.stein@example.org", "X500:/o=First"]
    assert connector.list_addresses() == ("m.stein@example.org", USER)


def test_addresses_of_others_and_of_other_kinds_are_not_taken(
    home: Home, connector: ExchangeConnector
) -> None:
    home.exchange.aliases = ["sip:m@example.org", "plain@example.org", "X400:c=x"]
    assert connector.list_addresses() == (USER, "plain@example.org")


def test_a_directory_that_knows_nothing_leaves_the_own_address(
    home: Home, connector: ExchangeConnector
) -> None:
    home.exchange.refusals["ResolveNames"] = "ErrorNameResolutionNoResults"
    assert connector.list_addresses() == (USER,)


def test_no_error_tells_what_was_sent(home: Home) -> None:
    clock = Clock()
    home.served.fail_at(N_BEFORE + 1, Reply(200, b"<html>Oh</html>", XML))
    with closing(ExchangeConnector(home.settings(clock=clock), since=SINCE)) as opened:
        try:
            send(opened)
            pytest.fail("it went unseen")
        except InDoubt as trouble:
            told = "".join(traceback.format_exception(trouble))
    for private in (PASSWORD, "Good morning", USER):
        assert private not in told
