"""Settings for the servers of the tests, and polls of them from beginning to end."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.credentials.secrets import Secret
from connectors.imap.connector import ImapConnector
from connectors.imap.settings import ImapSettings
from connectors.observations import Message
from connectors.protocol import Batch, Cursor
from tests.servers.dovecot import PASSWORD, USER, Dovecot

SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def settings_for(port: int, home: Path, **more: Any) -> ImapSettings:
    """Return settings for a server on a port of this machine, in the clear unless told."""
    secret = home / "secret"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    given = {"host": "localhost", "user": USER, "security": "none", **more}
    return ImapSettings(port=port, secret=Secret(f"file:{secret}"), **given)


def settings_at(server: Dovecot, user: str, home: Path, **more: Any) -> ImapSettings:
    """Return settings for a Dovecot over TLS."""
    given = {"user": user, "security": "tls", "ca_file": server.ca_file, **more}
    return settings_for(server.tls_port, home, **given)


def poll(settings: ImapSettings, cursor: Cursor | None = None) -> list[Batch]:
    """Return all that a new connector reports from ``cursor``."""
    with closing(ImapConnector(settings, since=SINCE)) as connector:
        return list(connector.poll(cursor))


def messages(batches: list[Batch]) -> list[Message]:
    """Return the messages in ``batches``, as they came."""
    found = (one for batch in batches for one in batch.observations)
    return [one for one in found if isinstance(one, Message)]


def letter(number: int, *more: str, text: str = "Shall we meet?") -> bytes:
    """Return a message from Ada to the owner, with more header lines and a text."""
    head = [
        "From: Ada <ada@example.com>",
        f"To: Robin <{USER}>",
        "Date: Mon, 03 Jun 2024 09:30:00 +0000",
        f"Subject: Note {number}",
        f"Message-ID: <note-{number}@example.com>",
        *more,
    ]
    return "\r\n".join([*head, "", text, ""]).encode()
