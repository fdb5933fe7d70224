"""A mail of which nobody knows is looked for in every mailbox that can be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.credentials.secrets import Secret
from connectors.errors import Unavailable
from daemon.jobs.look_for import look_in
from daemon.store.sources import Source
from tests.jobs.world import BASIS
from tests.servers import pymap
from tests.servers.dovecot import PASSWORD, USER, free_port
from tests.servers.pymap import Pymap

ID = "<kithd.2026-03-02.0123456789abcdef@example.org>"
MAIL = f"Message-ID: {ID}\r\nSubject: x\r\n\r\nx\r\n".encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Pymap]:
    with pymap.running() as running:
        yield running


def mailbox(folder: Path, port: int) -> Source:
    (folder / "secret").write_text(PASSWORD)
    (folder / "secret").chmod(0o600)
    secret = Secret(f"file:{folder / 'secret'}")
    given = {"host": "127.0.0.1", "port": port, "security": "none", "user": USER, "secret": secret}
    return Source("mail", "imap", "127.0.0.1", "headers", given=given)


def test_it_is_there_from_when_it_arrives(server: Pymap, tmp_path: Path) -> None:
    find = look_in([mailbox(tmp_path, server.port)], BASIS)
    assert find is not None
    assert not find(ID)
    client = server.signed_in()
    client.append("INBOX", "", "", MAIL)
    client.logout()
    assert find(ID)
    assert not find(ID.replace("03-02", "03-03"))


def test_one_that_does_not_answer_matters_only_if_no_other_holds_it(
    server: Pymap, tmp_path: Path
) -> None:
    away, here = mailbox(tmp_path, free_port()), mailbox(tmp_path, server.port)
    server.empty()
    find = look_in([away, here], BASIS)
    assert find is not None
    with pytest.raises(Unavailable):
        find(ID)
    client = server.signed_in()
    client.append("INBOX", "", "", MAIL)
    client.logout()
    assert find(ID)


def test_files_cannot_be_asked(tmp_path: Path) -> None:
    assert look_in([], BASIS) is None
    assert look_in([Source("mail", "mbox", str(tmp_path), "text")], BASIS) is None
