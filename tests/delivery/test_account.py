"""A digest goes out through an account, once, and what goes wrong there is told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors import errors
from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, Misconfigured, Unavailable
from daemon.config.model import Delivery
from daemon.config.model import Source as SourceSetting
from daemon.delivery.account import AccountTransport
from daemon.delivery.transport import InDoubt, Memory, NotNow, Refused, open_transport
from daemon.errors import ExitCode, UserError
from daemon.jobs.deliver import GRACE, LOST, Find
from daemon.jobs.look_for import look_in
from daemon.jobs.refresh import connect
from daemon.store.database import Database
from daemon.store.sources import Source
from tests.jobs.office import Office, open_office
from tests.jobs.posting import ASKED, HOUR, PowerCut, go, prepare, today
from tests.jobs.world import AT, BASIS, ME, know

CLIENT = "11111111-2222-3333-4444-555555555555"
MAIL = b"Subject: x\r\nMessage-ID: <1@example.org>\r\n\r\nx\r\n"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office(monkeypatch, Office())


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    """An account that somebody has signed in to, to send."""
    secret = f"file:{tmp_path / 'sending.tokens'}"
    Tokens(Secret(secret)).write({"token": "fresh"})
    return Delivery.model_validate({"kind": "graph", "client_id": CLIENT, "secret": secret})


@pytest.fixture
def mailbox(tmp_path: Path) -> SourceSetting:
    """The same account, signed in to read."""
    secret = f"file:{tmp_path / 'mail.tokens'}"
    Tokens(Secret(secret)).write({"token": "fresh"})
    return SourceSetting(kind="graph", client_id=CLIENT, secret=secret)


@pytest.fixture
def find(mailbox: SourceSetting) -> Find:
    """Look for a mail in the mailbox of the account that sends."""
    given = {"client_id": CLIENT, "secret": Secret(mailbox.secret or "")}
    looker = look_in([Source("mail", "graph", "", "text", given=given)], BASIS)
    assert looker is not None
    return looker


def way(delivery: Delivery) -> AccountTransport:
    found = open_transport(delivery)
    assert isinstance(found, AccountTransport)
    return found


def send(found: AccountTransport) -> bool:
    return found.send(MAIL, "<1@example.org>", sender="robin@example.org", to="robin@example.org")


def test_the_mail_is_handed_over_with_whom_it_is_from_and_to(
    office: Office, delivery: Delivery
) -> None:
    found = way(delivery)
    found.check()
    assert send(found)
    assert office.sent == [(MAIL, "robin@example.org", "robin@example.org")]
    assert not isinstance(found, Memory)


def test_an_address_that_could_end_a_command_is_not_handed_over(
    office: Office, delivery: Delivery
) -> None:
    with pytest.raises(Refused, match="an address in the settings"):
        way(delivery).send(MAIL, "<1@example.org>", sender="a@example.org\r\nx", to="b@example.org")
    assert office.sent == []


@pytest.mark.parametrize(
    ("problem", "raised", "says"),
    [
        (Unavailable("it is busy"), NotNow, "it is busy"),
        (AccessDenied("taken back; type: kithd sign-in"), Refused, "type: kithd sign-in delivery"),
        (AccessDenied("the administrators forbid it"), Refused, "the administrators forbid it"),
        (Misconfigured("no such tenant"), Refused, "no such tenant"),
    ],
    ids=["busy", "denied", "forbidden", "misconfigured"],
)
def test_what_goes_wrong_is_told_with_what_to_type(
    office: Office, delivery: Delivery, problem: Exception, raised: type[Exception], says: str
) -> None:
    office.denies = problem
    for attempt in (lambda: send(way(delivery)), way(delivery).check):
        with pytest.raises(raised) as told:
            attempt()
        assert str(told.value).endswith(says)
    assert office.sent == []


def test_before_anybody_signed_in_it_says_what_to_type(
    office: Office, delivery: Delivery, tmp_path: Path
) -> None:
    (tmp_path / "sending.tokens").unlink()
    with pytest.raises(Refused, match="nobody has signed in yet; type: kithd sign-in delivery"):
        send(way(delivery))
    assert office.sent == []


def test_a_lost_answer_is_a_doubt(office: Office, delivery: Delivery) -> None:
    office.loses = errors.InDoubt("the connection ended")
    with pytest.raises(InDoubt, match="the connection ended"):
        send(way(delivery))


def test_a_service_that_lets_one_wait_is_left_in_time(office: Office, delivery: Delivery) -> None:
    office.is_slow = True
    with pytest.raises(NotNow, match="was closed"):
        send(replace(way(delivery), seconds=0.05))
    assert office.sent == []


@pytest.mark.parametrize("name", ["client_id", "secret"])
def test_what_an_account_needs_is_named(name: str) -> None:
    given = {"kind": "graph", "client_id": CLIENT, "secret": "file:/x"}
    del given[name]
    with pytest.raises(UserError) as raised:
        open_transport(Delivery.model_validate(given))
    assert raised.value.remedy.startswith(f"{name} = ")
    assert raised.value.exit_code is ExitCode.CONFIG


def test_a_kind_that_cannot_send_is_refused(delivery: Delivery) -> None:
    with pytest.raises(Refused, match="cannot send"):
        AccountTransport(delivery.model_copy(update={"kind": "memory"})).check()


# The same app at the service, for several sections.


def test_sections_with_the_same_app_are_let_do_what_the_others_are(
    office: Office, delivery: Delivery, mailbox: SourceSetting, tmp_path: Path
) -> None:
    other = SourceSetting(kind="graph", client_id="another", secret=mailbox.secret)
    feed = SourceSetting(kind="feed", path=tmp_path / "feed.xml")
    found = open_transport(delivery, [mailbox, other, feed])
    assert found is not None
    found.check()
    given = {"client_id": CLIENT, "secret": Secret(mailbox.secret or "")}
    source = Source("mail", "graph", "", "text", given=given, beside=(delivery,))
    assert list(connect(source, BASIS).poll(None)) == []
    assert office.beside == [("Mail.Read",), ("Mail.Send",)]


# A machine that stops beside the sending.


@pytest.fixture
def engine() -> Database:
    return know(*ASKED)


class Stopping(AccountTransport):
    """An account beside which the machine stops, once the mail was handed over."""

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:
        super().send(message, message_id, sender=sender, to=to)
        raise PowerCut


def test_a_mail_that_was_taken_when_the_machine_stopped_is_found_and_not_sent_again(
    office: Office, delivery: Delivery, engine: Database, find: Find
) -> None:
    prepare(engine)
    with pytest.raises(PowerCut):
        go(engine, Stopping(delivery), find=find)
    assert today(engine).state == "claimed"
    go(engine, way(delivery), at=AT + GRACE, find=find)
    assert (len(office.sent), today(engine).state) == (1, "sent")


def test_a_mail_in_doubt_that_never_arrived_is_sent_after_a_while(
    office: Office, delivery: Delivery, engine: Database, find: Find
) -> None:
    prepare(engine)
    office.loses = errors.InDoubt("the connection ended")
    [told] = go(engine, way(delivery), find=find).problems
    assert told.endswith("may have been sent: the connection ended.")
    office.loses = None
    office.sent.clear()
    go(engine, way(delivery), at=AT + HOUR / 10, find=find)
    assert office.sent == []
    go(engine, way(delivery), at=AT + GRACE, find=find)
    assert (len(office.sent), today(engine).state) == (1, "sent")


def test_where_the_mailbox_does_not_let_kithd_in_nothing_is_sent_twice(
    office: Office, delivery: Delivery, engine: Database, find: Find, tmp_path: Path
) -> None:
    prepare(engine)
    office.loses = errors.InDoubt("the connection ended")
    go(engine, way(delivery), find=find)
    (tmp_path / "mail.tokens").unlink()
    for n in range(20):
        go(engine, way(delivery), at=AT + n * HOUR, find=find)
    assert len(office.sent) == 1
    assert today(engine).problem != LOST


def test_a_mail_that_is_refused_is_told_with_what_to_type_and_not_offered_again(
    office: Office, delivery: Delivery, engine: Database
) -> None:
    prepare(engine)
    office.denies = AccessDenied("it was taken back; type: kithd sign-in")
    [problem] = go(engine, way(delivery)).problems
    assert problem.endswith("was not sent: it was taken back; type: kithd sign-in delivery.")
    assert go(engine, way(delivery), at=AT + timedelta(minutes=5)).problems == ()
    assert today(engine).state == "failed"
    assert ME.email not in today(engine).problem
