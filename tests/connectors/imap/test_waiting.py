"""Being prompt, and settling a doubt: the mailbox is asked, and nothing in it changes."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.errors import Unavailable
from connectors.imap import session
from connectors.imap.connector import ImapConnector
from connectors.protocol import Mailbox
from tests.connectors.imap.mailbox import SINCE, letter, settings_at, settings_for
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import ScriptedImap, ok


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


@pytest.fixture
def connector(server: Dovecot, tmp_path: Path) -> Iterator[ImapConnector]:
    user = server.new_user()
    with closing(ImapConnector(settings_at(server, user, tmp_path), since=SINCE)) as connector:
        yield connector


def deliver(server: Dovecot, connector: ImapConnector, folder: str = "INBOX") -> None:
    client = server.signed_in(connector._settings.user)
    client.append(folder, "", "", letter(1))
    client.logout()


def test_a_connector_to_imap_is_a_mailbox(connector: ImapConnector) -> None:
    assert isinstance(connector, Mailbox)


def test_mail_ends_the_wait(server: Dovecot, connector: ImapConnector) -> None:
    threading.Timer(0.4, deliver, (server, connector)).start()
    began = time.monotonic()
    assert connector.wait(20)
    assert time.monotonic() - began < 10


def test_without_mail_the_wait_ends_in_time(connector: ImapConnector) -> None:
    began = time.monotonic()
    assert not connector.wait(0.3)
    assert 0.3 <= time.monotonic() - began < 5


def test_idle_is_begun_anew_before_anybody_forgets_it(
    connector: ImapConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "IDLE_SECONDS", 0.1)
    assert not connector.wait(0.5)


def test_mail_between_two_waits_is_not_missed(server: Dovecot, connector: ImapConnector) -> None:
    assert not connector.wait(0.1)
    deliver(server, connector)
    assert connector.wait(20)


def test_what_a_server_tells_only_when_asked_is_not_missed(tmp_path: Path) -> None:
    tags: list[bytes] = []

    def idle(tag: bytes, _: bytes) -> bytes:
        tags.append(tag)
        return b"+ idling\r\n"

    def done(_tag: bytes, _: bytes) -> bytes:
        return tags[-1] + b" OK done\r\n"

    script = {"IDLE": idle, "": done, "NOOP": ok(b"* 5 EXISTS")}
    with ScriptedImap({"INBOX": []}, script, "IMAP4rev1 IDLE") as other:
        settings = settings_for(other.port, tmp_path)
        with closing(ImapConnector(settings, since=SINCE)) as connector:
            assert not connector.wait(0.1)
            assert connector.wait(0.1)


def test_closing_from_another_thread_ends_the_wait(connector: ImapConnector) -> None:
    threading.Timer(0.4, connector.close).start()
    began = time.monotonic()
    assert not connector.wait(30)
    assert time.monotonic() - began < 10


def test_a_server_without_idle_says_so(tmp_path: Path) -> None:
    with ScriptedImap({"INBOX": []}) as other:
        settings = settings_for(other.port, tmp_path)
        with (
            closing(ImapConnector(settings, since=SINCE)) as connector,
            pytest.raises(Unavailable, match="IDLE"),
        ):
            connector.wait(1)


def test_a_server_that_hangs_up_on_a_wait_is_unavailable(server: Dovecot, tmp_path: Path) -> None:
    with Proxy(("127.0.0.1", server.port)) as proxy:
        settings = settings_for(proxy.port, tmp_path, user=server.new_user())
        with closing(ImapConnector(settings, since=SINCE)) as connector:
            threading.Timer(0.5, proxy.end).start()
            with pytest.raises(Unavailable):
                connector.wait(20)


@pytest.mark.parametrize("folder", ["INBOX", "Sent", "Trash", "Junk"])
def test_a_message_is_found_wherever_it_lies(
    folder: str, server: Dovecot, connector: ImapConnector
) -> None:
    assert not connector.holds("<note-1@example.com>")
    deliver(server, connector, folder)
    assert connector.holds("<note-1@example.com>")
    assert not connector.holds("<note-10@example.com>")


def test_a_message_is_found_that_gmail_has_given_another_identifier(
    server: Dovecot, connector: ImapConnector
) -> None:
    client = server.signed_in(connector._settings.user)
    named = "References: <root@example.com> <parent@example.com>\r\n <note-1@example.com>"
    client.append("Sent", "", "", letter(2, named))
    client.logout()
    assert connector.holds("<note-1@example.com>")
    assert not connector.holds("<note-3@example.com>")


@pytest.mark.parametrize("hostile", ['<a" OR ALL>', "<a\\>", "<a\r\nX1 DELETE INBOX>", "<ä@b>"])
def test_an_identifier_cannot_smuggle_in_words(
    hostile: str, server: Dovecot, connector: ImapConnector
) -> None:
    deliver(server, connector)
    assert not connector.holds(hostile)
