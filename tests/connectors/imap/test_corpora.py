"""Every nasty message of the corpora, served by a real Dovecot, is read or set aside."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.formats.dates import EARLIEST
from connectors.imap.connector import ImapConnector
from connectors.imap.naming import name_message
from connectors.observations import Folder
from connectors.protocol import Batch
from tests.connectors.imap.mailbox import letter, messages, settings_at
from tests.servers import dovecot
from tests.servers.dovecot import Dovecot


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


@pytest.fixture
def corpus() -> list[Path]:
    data = os.environ.get("KITHD_DATA")
    if not data:
        pytest.skip("not run: no data")
    folders = [Path(data) / "corpora" / name for name in ("mail", "bounces", "replies")]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def test_all_is_read_or_set_aside_and_the_next_message_too(
    server: Dovecot, corpus: list[Path], tmp_path: Path
) -> None:
    user = server.new_user()
    maildir = server.maildir(user)
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True)
    raws = [path.read_bytes() for path in corpus]
    for number, raw in enumerate([*raws, letter(1)]):
        (maildir / "cur" / f"{1717400000 + number}.M{number}P1.host:2,S").write_bytes(raw)
    server.adopt(user)
    settings = settings_at(server, user, tmp_path)
    with closing(ImapConnector(settings, since=EARLIEST)) as connector:
        batches = list(connector.poll(None))
    rejected = [item for batch in batches for item in batch.rejected]
    accounted = {m.uid for m in messages(batches)} | {item.uid for item in rejected}
    assert accounted == names_at(server, user)
    assert letter_is_in(batches)
    print(f"{len(corpus)} files: {len(messages(batches))} read, {len(rejected)} set aside")


def letter_is_in(batches: list[Batch]) -> bool:
    return "note-1@example.com" in {m.message_id for m in messages(batches)}


def names_at(server: Dovecot, user: str) -> set[str]:
    """Return the names of all messages that are not empty, as another client sees them."""
    client = server.signed_in(user)
    client.select("INBOX", readonly=True)
    _, lines = client.uid("FETCH", "1:*", "(RFC822.SIZE BODY.PEEK[HEADER]<0.262144>)")
    client.logout()
    heads = [line for line in lines if isinstance(line, tuple)]
    sizes = [int(told.partition(b"RFC822.SIZE ")[2].split()[0]) for told, _ in heads]
    return {
        name_message(head, size, Folder.OTHER)
        for (_, head), size in zip(heads, sizes, strict=True)
        if size
    }
