"""When a server gives its messages new UIDs, all is read again and nothing twice."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from connectors.errors import CursorExpired
from connectors.imap.connector import ImapConnector
from connectors.imap.reader import RENUMBERINGS
from connectors.protocol import Batch, Cursor
from tests.connectors.imap.mailbox import SINCE, letter, messages, poll, settings_at, settings_for
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import ScriptedImap


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


def test_one_renumbered_folder_is_read_again_under_the_same_names(
    server: Dovecot, tmp_path: Path
) -> None:
    user = server.new_user()
    client = server.signed_in(user)
    for number in range(3):
        client.append("INBOX", "", "", letter(number))
        client.append("Sent", "", "", letter(number + 10))
    client.logout()
    settings = settings_at(server, user, tmp_path)
    batches = poll(settings)
    server.renumber(user)
    again = messages(poll(settings, batches[-1].cursor))
    assert len(again) == 3
    assert {m.uid for m in again} <= {m.uid for m in messages(batches)}


def test_moving_mail_brings_no_other_names(server: Dovecot, tmp_path: Path) -> None:
    user = server.new_user()
    client = server.signed_in(user)
    for number in range(3):
        client.append("INBOX", "", "", letter(number))
    settings = settings_at(server, user, tmp_path)
    batches = poll(settings)
    client.create("kept")
    client.select("INBOX")
    client.copy("1:3", "kept")
    client.store("1:3", "+FLAGS", "\\Deleted")
    client.expunge()
    client.logout()
    again = poll(settings, batches[-1].cursor)
    assert {m.uid for m in messages(again)} == {m.uid for m in messages(batches)}


def test_another_server_brings_no_other_names(server: Dovecot, tmp_path: Path) -> None:
    raws = [letter(1), letter(2, "Status: RO"), b"From: a@example.org\r\nDate: 3 Jun 2024\r\n\r\nx"]
    user = server.new_user()
    client = server.signed_in(user)
    for raw in raws:
        client.append("INBOX", "", "", raw)
    client.logout()
    here = {m.uid for m in messages(poll(settings_at(server, user, tmp_path)))}
    with ScriptedImap({"INBOX": raws}) as other:
        there = {m.uid for m in messages(poll(settings_for(other.port, tmp_path)))}
    assert here == there
    assert len(here) == 3


def as_the_daemon_does(settings: object, cursor: Cursor | None) -> tuple[list[Batch], bool]:
    """Poll; from the beginning, with the same connector, if the cursor has expired."""
    with closing(ImapConnector(settings, since=SINCE)) as connector:  # type: ignore[arg-type]  # any
        try:
            return list(connector.poll(cursor)), False
        except CursorExpired:
            return list(connector.poll(None)), True


def test_a_server_that_always_renumbers_is_read_anew_five_times_and_then_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.imap.reader.RENUMBERED_MESSAGES", 4)
    numbers = count(1)
    raws = [letter(number) for number in range(10)]
    with ScriptedImap({"INBOX": raws}) as server:
        current = 0

        def renumber() -> int:
            return current

        server.validity = renumber
        settings = settings_for(server.port, tmp_path, batch_size=2)
        batches, _ = as_the_daemon_does(settings, None)
        n_read = []
        for _ in range(RENUMBERINGS + 2):
            current = next(numbers)
            batches, _ = as_the_daemon_does(settings, batches[-1].cursor)
            n_read.append(len(messages(batches)))
    assert n_read == [10] * RENUMBERINGS + [4, 4]


def test_a_server_that_settles_down_is_trusted_again(tmp_path: Path) -> None:
    current = 0
    with ScriptedImap({"INBOX": [letter(1)]}, validity=lambda: current) as server:
        settings = settings_for(server.port, tmp_path)
        batches, _ = as_the_daemon_does(settings, None)
        for current in range(1, RENUMBERINGS + 3):  # noqa: B007 -- read by the server
            batches, _ = as_the_daemon_does(settings, batches[-1].cursor)
        settled, _ = as_the_daemon_does(settings, batches[-1].cursor)
        current += 1
        _, is_expired = as_the_daemon_does(settings, settled[-1].cursor)
    assert messages(settled) == []
    assert is_expired
