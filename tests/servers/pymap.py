"""A real pymap on a free loopback port: IMAP without CONDSTORE, LIST-STATUS or special folders."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from imaplib import IMAP4

from tests.servers.dovecot import PASSWORD, USER, free_port

READY_SECONDS = 20


@dataclass(frozen=True)
class Pymap:
    """A running server with one mailbox, empty at first and gone at the end; it speaks no TLS."""

    port: int
    user: str = USER

    def signed_in(self, user: str = USER) -> IMAP4:
        """Return another client's connection, signed in; the caller logs out."""
        client = IMAP4("127.0.0.1", self.port, timeout=10)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(f'"{user}"', PASSWORD)
        return client

    def empty(self) -> None:
        """Leave an empty inbox and nothing else."""
        client = self.signed_in()
        for line in client.list()[1]:
            name = str(line).rpartition('"/" ')[2].rstrip("'")
            if name != "INBOX":
                client.delete(name)
        client.select("INBOX")
        if client.response("EXISTS")[1][-1] != b"0":
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
        client.logout()

    def renumber(self, user: str = USER) -> None:
        """Give all messages of the inbox new UIDs under a new UIDVALIDITY, in another folder."""
        client = self.signed_in(user)
        assert client.rename("INBOX", "before")[0] == "OK"
        client.logout()


@contextmanager
def running() -> Iterator[Pymap]:
    """Run a pymap until the context ends."""
    port = free_port()
    words = [sys.executable, "-c", "from pymap.main import main; main()"]
    words += ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin"]
    words += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait_until_it_answers(process, port)
        yield Pymap(port)
    finally:
        process.kill()
        process.communicate()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, IMAP4.error):
            IMAP4("127.0.0.1", port, timeout=2).logout()
            return
        time.sleep(0.02)
    process.kill()
    raise AssertionError(f"pymap does not answer\n{process.communicate()[1].decode()}")
