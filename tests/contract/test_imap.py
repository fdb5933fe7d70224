"""The IMAP connector keeps the contract, at Dovecot over TLS and at pymap in the clear."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.credentials.secrets import Secret
from connectors.imap.connector import ImapConnector
from connectors.imap.naming import name_message
from connectors.imap.settings import ImapSettings
from connectors.observations import Folder
from connectors.protocol import Connector
from tests.contract.bench import mail
from tests.servers import dovecot, pymap
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.proxy import Proxy

MALFORMED = b"This: is\r\n\r\nno message: nobody wrote it.\r\n"


@dataclass
class ImapBench:
    """A mailbox that is empty at first, read through a proxy that counts.

    Another client delivers to it, by APPEND.
    """

    server: Dovecot | pymap.Pymap
    user: str
    proxy: Proxy
    folder: Path
    is_dated: bool = True
    is_incremental: bool = True
    n_delivered: int = 0

    def __post_init__(self) -> None:
        self._keep(PASSWORD)

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        is_plain = isinstance(self.server, pymap.Pymap)
        settings = ImapSettings(
            host="localhost",
            port=self.proxy.port,
            user=self.user,
            secret=Secret(f"file:{self._secret}"),
            security="none" if is_plain else "tls",
            ca_file=None if isinstance(self.server, pymap.Pymap) else self.server.ca_file,
            batch_size=contract.LARGEST_BATCH,
        )
        return ImapConnector(settings, since=since)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        raws = [on_the_wire(mail(number, at, n_padding=4096)) for number in numbers]
        self._append(raws)
        return {name_of(raw) for raw in raws}

    def deliver_malformed(self) -> None:
        self._append([MALFORMED])

    def expire_cursors(self) -> None:
        self.server.renumber(self.user)

    @contextmanager
    def denied(self) -> Iterator[None]:
        self._keep("not the password")
        yield
        self._keep(PASSWORD)

    def fingerprint(self) -> str:
        client = self.server.signed_in(self.user)
        client.select("INBOX", readonly=True)
        seen = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")
        client.logout()
        digest = hashlib.sha256(repr(seen).encode()).hexdigest()
        return f"{digest} {str(seen[1][:1])[:120]}"

    def n_read(self) -> int:
        return self.proxy.n_down

    @property
    def _secret(self) -> Path:
        return self.folder / "secret"

    def _keep(self, password: str) -> None:
        self._secret.touch(mode=0o600)
        self._secret.write_text(password)

    def _append(self, raws: list[bytes]) -> None:
        client = self.server.signed_in(self.user)
        for raw in raws:
            typ, told = client.append("INBOX", "", "", raw)
            assert typ == "OK", told
        client.logout()


def on_the_wire(raw: bytes) -> bytes:
    """Return a message with the line ends that it has there."""
    return raw.replace(b"\n", b"\r\n")


def name_of(raw: bytes, folder: Folder = Folder.OTHER) -> str:
    """Return the name by which a message is reported."""
    head, gap, _ = raw.partition(b"\r\n\r\n")
    return name_message(head + gap, len(raw), folder)


@pytest.fixture(scope="module")
def at_dovecot() -> Iterator[Dovecot]:
    with dovecot.running() as server:
        yield server


@pytest.fixture(scope="module")
def at_pymap() -> Iterator[pymap.Pymap]:
    with pymap.running() as server:
        yield server


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, at_dovecot: Dovecot, tmp_path: Path) -> None:
    with Proxy(("127.0.0.1", at_dovecot.tls_port)) as proxy:
        check(ImapBench(at_dovecot, at_dovecot.new_user(), proxy, tmp_path))


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract_without_extensions(
    check: contract.Check, at_pymap: pymap.Pymap, tmp_path: Path
) -> None:
    at_pymap.empty()
    with Proxy(("127.0.0.1", at_pymap.port)) as proxy:
        check(ImapBench(at_pymap, at_pymap.user, proxy, tmp_path))
