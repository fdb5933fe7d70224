"""Nothing is sent in the clear, and nothing to whom the certificate does not vouch for."""

import ssl
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from tests.connectors.imap.mailbox import letter, messages, poll, settings_for
from tests.servers import dovecot
from tests.servers.dovecot import PASSWORD, USER, Dovecot
from tests.servers.proxy import Fault, Proxy
from tests.servers.scripted_imap import ScriptedImap

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


def speaking_tls(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def test_a_good_certificate_is_trusted(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    context = speaking_tls(authority.issue_cert("localhost"))
    with ScriptedImap({"INBOX": [letter(1)]}, context=context) as server:
        settings = settings_for(server.port, tmp_path, security="tls", ca_file=ca_file)
        assert [m.subject for m in messages(poll(settings))] == ["Note 1"]


@pytest.mark.parametrize("flaw", ["another host", "expired", "unknown authority"])
def test_a_bad_certificate_is_refused_before_anything_is_said(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, flaw: str
) -> None:
    leaf = {
        "another host": lambda: authority.issue_cert("mail.example.org"),
        "expired": lambda: authority.issue_cert(
            "localhost", not_before=LONG_AGO, not_after=LONG_AGO + timedelta(days=1)
        ),
        "unknown authority": lambda: trustme.CA().issue_cert("localhost"),
    }[flaw]()
    with ScriptedImap({}, context=speaking_tls(leaf)) as server:
        settings = settings_for(server.port, tmp_path, security="tls", ca_file=ca_file)
        with pytest.raises(Misconfigured, match="certificate of localhost"):
            poll(settings)
        assert server.heard == []


def test_an_old_tls_is_refused(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    context = speaking_tls(authority.issue_cert("localhost"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with ScriptedImap({}, context=context) as server:
        settings = settings_for(server.port, tmp_path, security="tls", ca_file=ca_file)
        with pytest.raises((Misconfigured, Unavailable)):
            poll(settings)
        assert server.heard == []


def test_tls_to_a_port_that_speaks_none_is_a_wrong_setting(ca_file: Path, tmp_path: Path) -> None:
    with ScriptedImap({}) as server:
        settings = settings_for(server.port, tmp_path, security="tls", ca_file=ca_file)
        with pytest.raises(Misconfigured, match="check port and security"):
            poll(settings)


def test_starttls_protects_the_connection(server: Dovecot, tmp_path: Path) -> None:
    user = server.new_user()
    client = server.signed_in(user)
    client.append("INBOX", "", "", letter(1))
    client.logout()
    with Proxy(("127.0.0.1", server.port)) as proxy:
        settings = settings_for(
            proxy.port, tmp_path, user=user, security="starttls", ca_file=server.ca_file
        )
        assert [m.subject for m in messages(poll(settings))] == ["Note 1"]


def test_a_stripped_starttls_is_refused(server: Dovecot, tmp_path: Path) -> None:
    fault = Fault(change=lambda chunk: chunk.replace(b"STARTTLS", b"XTARTTLS"))
    with Proxy(("127.0.0.1", server.port), fault) as proxy:
        settings = settings_for(proxy.port, tmp_path, security="starttls", ca_file=server.ca_file)
        with pytest.raises(Misconfigured, match="does not offer STARTTLS"):
            poll(settings)
        assert proxy.n_up < len("xxxx1 CAPABILITY\r\n") + 12


@pytest.mark.parametrize("answer", [b" NO not today\r\n", b" BAD what?\r\n"])
def test_a_refused_starttls_is_no_reason_to_go_on(answer: bytes, tmp_path: Path) -> None:
    script = {"STARTTLS": lambda tag, _: tag + answer}
    with ScriptedImap({}, script, "IMAP4rev1 STARTTLS") as server:
        with pytest.raises(Misconfigured, match="STARTTLS"):
            poll(settings_for(server.port, tmp_path, security="starttls"))
        assert not any(PASSWORD.encode() in line for line in server.heard)


def test_a_server_that_signs_us_in_unasked_is_refused_with_starttls(tmp_path: Path) -> None:
    script = {"GREETING": b"* PREAUTH welcome\r\n"}
    with (
        ScriptedImap({}, script, "IMAP4rev1 STARTTLS") as server,
        pytest.raises(Misconfigured, match="STARTTLS"),
    ):
        poll(settings_for(server.port, tmp_path, security="starttls"))


@pytest.mark.parametrize("host", ["imap.example.org", "192.0.2.1", "localhost.example.org"])
def test_without_protection_only_this_machine_is_talked_to(host: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="in the clear"):
        poll(settings_for(1, tmp_path, host=host))


def test_where_passwords_are_not_taken_none_is_sent(tmp_path: Path) -> None:
    with ScriptedImap({}, capabilities="IMAP4rev1 LOGINDISABLED") as server:
        with pytest.raises(Misconfigured, match="takes no password"):
            poll(settings_for(server.port, tmp_path))
        assert not any(line.startswith(b"LOGIN") for line in server.heard)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] s3cret-canary-imap", AccessDenied),
        (b"NO Application-specific password required", AccessDenied),
        (b"NO [UNAVAILABLE] s3cret-canary-imap", Unavailable),
        (b"BAD what?", AccessDenied),
    ],
)
def test_a_refusal_says_what_to_do_and_repeats_nothing(
    told: bytes, error: type[Exception], tmp_path: Path
) -> None:
    script = {"LOGIN": lambda tag, _: tag + b" " + told + b"\r\n"}
    with ScriptedImap({}, script) as server, pytest.raises(error) as raised:
        poll(settings_for(server.port, tmp_path))
    assert PASSWORD not in str(raised.value)
    assert USER not in str(raised.value)
    assert error is not AccessDenied or "app password" in str(raised.value)


@pytest.mark.parametrize("user", ['robin"@example.org', "robin\\@example.org", "ro bin"])
def test_a_name_cannot_smuggle_in_words(user: str, tmp_path: Path) -> None:
    with ScriptedImap({}) as server:
        poll(settings_for(server.port, tmp_path, user=user))
        logins = [line for line in server.heard if line.startswith(b"LOGIN")]
    escaped = user.replace("\\", "\\\\").replace('"', '\\"')
    assert logins == [f'LOGIN "{escaped}" "{PASSWORD}"'.encode()]


def test_a_line_break_in_the_secret_is_refused(tmp_path: Path) -> None:
    settings = settings_for(1, tmp_path)
    (tmp_path / "secret").write_text("abc\r\nA1 DELETE INBOX")
    with pytest.raises(Misconfigured, match="line"):
        poll(settings)


def test_an_access_token_is_sent_once_and_its_refusal_understood(tmp_path: Path) -> None:
    tags: list[bytes] = []
    answers: list[bytes] = []

    def ask(tag: bytes, line: bytes) -> bytes:
        assert line == b"AUTHENTICATE XOAUTH2"
        tags.append(tag)
        return b"+ \r\n"

    def refuse(answer: bytes, _: bytes) -> bytes:
        answers.append(b64decode(answer))
        challenge = b"+ " + b64encode(b'{"status":"401"}') + b"\r\n"
        return challenge if answer else tags[0] + b" NO bad token\r\n"

    with (
        ScriptedImap({}, {"AUTHENTICATE": ask, "": refuse}) as server,
        pytest.raises(AccessDenied, match="sign in again"),
    ):
        poll(settings_for(server.port, tmp_path, sign_in="xoauth2"))
    # Source: Gmail's and Exchange's documents of XOAUTH2.
    assert answers == [f"user={USER}\1auth=Bearer {PASSWORD}\1\1".encode(), b""]


def test_a_password_beyond_ascii_goes_as_utf8(tmp_path: Path) -> None:
    tags: list[bytes] = []
    answers: list[bytes] = []

    def ask(tag: bytes, _: bytes) -> bytes:
        tags.append(tag)
        return b"+ \r\n"

    def admit(answer: bytes, _: bytes) -> bytes:
        answers.append(b64decode(answer))
        return tags[0] + b" OK welcome\r\n"

    with ScriptedImap({}, {"AUTHENTICATE": ask, "": admit}) as server:
        settings = settings_for(server.port, tmp_path)
        (tmp_path / "secret").write_text("pässwörd")
        poll(settings)
    assert answers == [f"\0{USER}\0pässwörd".encode()]


def test_a_ca_file_that_is_none_is_a_wrong_setting(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate\n")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(Misconfigured, match=path.name):
            poll(settings_for(1, tmp_path, security="tls", ca_file=path))
