"""A mail server takes a mail, refuses it, asks to wait, or leaves everybody in doubt."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.credentials.secrets import Secret
from daemon.delivery.errors import DeliveryError, InDoubt, NotNow, Refused
from daemon.delivery.smtp import SmtpTransport, is_this_machine
from tests.servers.smtp import NAME, PASSWORD, Fault, Server, serve, speak

ME = "robin@example.org"
MAIL = b"Subject: Canary subject\r\n\r\n.a dot\r\n..\r\n.\r\nend\r\n"
ID = "<1@example.org>"


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    return keep(tmp_path, PASSWORD)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path) as running:
        yield running


def keep(folder: Path, password: str) -> Secret:
    (folder / "mail.secret").write_text(f"{password}\n")
    (folder / "mail.secret").chmod(0o600)
    return Secret(f"file:{folder / 'mail.secret'}")


def way(server: Server, **changed: Any) -> SmtpTransport:
    given: dict[str, Any] = {"host": "localhost", "port": server.port, "security": "none"}
    return SmtpTransport(**(given | changed))


def send(transport: SmtpTransport, *, sender: str = ME, to: str = ME) -> bool:
    return transport.send(MAIL, ID, sender=sender, to=to)


def test_a_mail_arrives_as_it_was_dots_and_all(server: Server) -> None:
    assert send(way(server), to="you@example.org")
    assert server.taken == [MAIL]
    assert server.envelopes == [(ME, ["you@example.org"])]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("without", [(), ("PLAIN",)])
def test_it_goes_protected_and_signed_in(
    tmp_path: Path, secret: Secret, security: Any, without: tuple[str, ...]
) -> None:
    with serve(tmp_path, security=security, needs_sign_in=True, without=without) as server:
        protected = way(server, security=security, user=NAME, secret=secret, ca_file=server.ca_file)
        protected.check()
        assert server.taken == []
        assert send(protected)
        assert server.users == [NAME]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_nobody_known_is_not_trusted(tmp_path: Path, security: Any) -> None:
    with serve(tmp_path, security=security) as server:
        with pytest.raises(NotNow, match="signed by nobody known") as raised:
            send(way(server, security=security))
        assert "ca_file" in str(raised.value)
        assert server.taken == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_made_out_to_another_is_not_trusted(tmp_path: Path, security: Any) -> None:
    with serve(tmp_path, security=security, name="mail.example.net") as server:
        with pytest.raises(NotNow, match="another name"):
            send(way(server, security=security, ca_file=server.ca_file))
        assert server.taken == []


def test_a_server_without_any_protection_does_not_pass_for_one_that_has_it(
    server: Server,
) -> None:
    with pytest.raises(NotNow, match="could not be protected"):
        send(way(server, security="tls"))
    assert server.taken == []


def test_starttls_that_was_stripped_off_is_noticed(server: Server, secret: Secret) -> None:
    with pytest.raises(NotNow, match="offers no STARTTLS"):
        send(way(server, security="starttls", user=NAME, secret=secret))
    assert server.taken == []


def test_what_was_slipped_in_before_the_protection_counts_for_nothing() -> None:
    lines = (
        b"220 x\r\n",
        b"250-x\r\n250 STARTTLS\r\n",
        b"220 go on\r\n250-x\r\n250 AUTH PLAIN\r\n235 in\r\n" + b"250 ok\r\n" * 2 + b"354 go\r\n",
    )
    with speak(*lines, pause=0.05) as port, pytest.raises(NotNow):
        send(SmtpTransport("localhost", port, "starttls", read_seconds=1))


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.2", False),
        ("10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:192.0.2.2", False),
        ("0.0.0.0", False),  # noqa: S104 -- an address to judge, not one to bind to
    ],
)
def test_without_protection_it_goes_to_this_machine_only(address: str, is_local: bool) -> None:
    assert is_this_machine(address) is is_local


NO: tuple[tuple[Fault, type[DeliveryError], str], ...] = (
    (Fault.GREYLIST, NotNow, "put off the recipient (450 4.2.0)"),
    (Fault.NO_SUCH_USER, Refused, "refused the recipient (550 5.1.1)"),
    (Fault.SENDER_REFUSED, Refused, "refused the sender (553 5.7.1)"),
    (Fault.FULL, Refused, "refused the mail (552 5.2.2)"),
    (Fault.FULL_FOR_NOW, NotNow, "put off the mail (452 4.3.1)"),
)


@pytest.mark.parametrize(("fault", "kind", "says"), NO, ids=lambda f: getattr(f, "name", ""))
def test_a_no_is_for_now_or_for_good_and_names_nobody(
    server: Server, fault: Fault, kind: type[DeliveryError], says: str
) -> None:
    server.fault = fault
    with pytest.raises(DeliveryError) as raised:
        send(way(server))
    assert type(raised.value) is kind
    assert str(raised.value) == f"the mail server {says}"
    assert server.taken == []


@pytest.mark.parametrize(
    ("fault", "n_taken"),
    [
        (Fault.CUT_WHEN_TAKEN, 1),
        (Fault.CUT_BEFORE_TAKEN, 0),
        (Fault.HANG_WHEN_TAKEN, 1),
        (Fault.NONSENSE_WHEN_TAKEN, 1),
    ],
)
def test_an_answer_that_is_lost_leaves_it_in_doubt(
    server: Server, fault: Fault, n_taken: int
) -> None:
    server.fault = fault
    with pytest.raises(InDoubt):
        send(way(server, read_seconds=0.3))
    assert len(server.taken) == n_taken


def test_cut_off_before_its_end_it_was_surely_not_taken() -> None:
    lines = (b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n")
    with speak(*lines, pause=0.02) as port, pytest.raises(NotNow, match=r"in time|lost"):
        send(SmtpTransport("localhost", port, "none", read_seconds=0.3))


def test_a_password_that_is_wrong_is_refused_for_good_and_says_what_to_type(
    tmp_path: Path,
) -> None:
    with serve(tmp_path, needs_sign_in=True) as server:
        wrong = keep(tmp_path, "wrong-canary")
        for transport in (way(server, user=NAME, secret=wrong), way(server)):
            with pytest.raises(Refused) as raised:
                send(transport)
        with pytest.raises(Refused) as raised:
            way(server, user=NAME, secret=wrong).check()
        assert "type: kithd check --connect" in str(raised.value)
        assert "canary" not in repr(raised.value)
        assert "canary" not in repr(way(server, user=NAME, secret=wrong))
        assert server.taken == []


def test_a_sign_in_that_is_put_off_is_tried_later(tmp_path: Path, secret: Secret) -> None:
    with serve(tmp_path, needs_sign_in=True) as server:
        server.fault = Fault.SIGN_IN_LATER
        with pytest.raises(NotNow, match=r"your sign-in \(454 4\.7\.0\)"):
            send(way(server, user=NAME, secret=secret))


def test_a_password_that_cannot_be_had_is_told_without_its_name(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="is not there; type: kithd check --connect"):
        send(way(server, user=NAME, secret=Secret(f"file:{tmp_path / 'none'}")))
    with pytest.raises(NotNow, match="cannot be had just now") as raised:
        send(way(server, user=NAME, secret=Secret("command:false robin@example.org")))
    assert "robin" not in str(raised.value)
    assert server.taken == []


def test_where_no_known_way_to_sign_in_is_offered_it_says_so(
    tmp_path: Path, secret: Secret
) -> None:
    with (
        serve(tmp_path, without=("PLAIN", "LOGIN")) as server,
        pytest.raises(Refused, match="no way to sign in"),
    ):
        send(way(server, user=NAME, secret=secret))


def test_nobody_there_is_for_now(server: Server) -> None:
    with pytest.raises(NotNow, match="takes no connections"):
        send(way(server, port=free_port()))
    with pytest.raises(NotNow, match="could not be looked up"):
        send(way(server, host="nobody.invalid"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_server_that_closes_its_door_at_once_is_heard() -> None:
    with speak(b"554 no mail here\r\n") as port, pytest.raises(Refused, match=r"\(554\)"):
        send(SmtpTransport("localhost", port, "none"))
    with speak(b"421 busy\r\n") as port, pytest.raises(NotNow, match=r"\(421\)"):
        send(SmtpTransport("localhost", port, "none"))
    with speak(b"SSH-2.0-other\r\n") as port, pytest.raises(NotNow, match="does not speak"):
        send(SmtpTransport("localhost", port, "none"))


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_server_that_says_nothing_is_not_waited_for(security: Any) -> None:
    begun = time.monotonic()
    with speak() as port, pytest.raises(NotNow, match=r"in time|lost"):
        send(SmtpTransport("localhost", port, security, read_seconds=0.3))
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("security", ["tls", "none"])
def test_one_that_always_says_a_little_is_not_waited_for_either(security: Any) -> None:
    drops = [b"2", *[b"2"] * 200]
    begun = time.monotonic()
    with speak(*drops, pause=0.05) as port, pytest.raises(NotNow):
        send(SmtpTransport("localhost", port, security, read_seconds=1, total_seconds=0.5))
    assert time.monotonic() - begun < 3


HOSTILE = (
    "robin@example.org\r\nRCPT TO:<mallory@example.net>",
    "robin@example.org\nDATA",
    "robin@example.org>\rRSET",
    "robin@example.org> SIZE=1",
    "<robin@example.org>",
    "robin@example.org\0",
    "robin@example.org ",
    "robin@example.org,mallory@example.net",
    "robin\u2028@example.org",
    "röbin@example.org",
    "robin@example..org",
    "robin",
    "",
)


@pytest.mark.parametrize("address", HOSTILE)
def test_what_is_more_than_an_address_never_reaches_the_server(
    server: Server, address: str
) -> None:
    for told in ({"to": address}, {"sender": address}):
        with pytest.raises(Refused) as raised:
            send(way(server), **told)
        assert "example" not in str(raised.value)
    assert server.called_itself == []


def test_a_domain_beyond_ascii_travels_as_it_must(server: Server) -> None:
    assert send(way(server), to="you@bücher.example")
    assert server.envelopes[0][1] == ["you@xn--bcher-kva.example"]


def test_the_machines_name_is_not_told(server: Server) -> None:
    assert send(way(server))
    assert server.called_itself == ["[127.0.0.1]"]
