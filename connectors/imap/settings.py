"""What the owner says about a mailbox, and the small checks that need no network."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from connectors.credentials.secrets import Secret
from connectors.errors import Misconfigured
from connectors.protocol import Reading

_PORTS = {"tls": 993, "starttls": 143, "none": 143}


@dataclass(frozen=True)
class ImapSettings:
    """Which mailbox to read, and how far to look into its messages.

    Attributes:
        host: The server's name; its certificate must be for this name.
        user: The name to sign in with.
        secret: Where the password, or the access token, is kept.
        port: None for 993 with ``security`` "tls", else 143.
        security: "tls", "starttls", or "none", which is for this machine itself only.
        sign_in: "password", or "xoauth2", where the secret is an access token.
        ca_file: Who vouches for the server's certificate, in PEM; None for the system's list.
        read: How far to look into messages.
        text_since: Text older than this (aware; None for no bound) is not fetched.
        newsletters: Whether the text of newsletters is fetched too.
        skip: Names of folders that are not read, nor what lies below them.
        batch_size: Most messages in one batch.
    """

    host: str
    user: str
    secret: Secret
    port: int | None = None
    security: str = "tls"
    sign_in: str = "password"
    ca_file: Path | None = None
    read: Reading = Reading.TEXT
    text_since: datetime | None = None
    newsletters: bool = False
    skip: tuple[str, ...] = ()
    batch_size: int = 500

    @property
    def service_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.security]

    def require_protection(self) -> None:
        """Refuse to talk in the clear to another machine.

        Raises:
            Misconfigured: ``security`` is unknown, or "none" and the host is not this machine.
        """
        if self.security not in _PORTS:
            raise Misconfigured(f'security = "{self.security}": write tls, starttls or none')
        if self.security == "none" and not _is_loopback(self.host):
            raise Misconfigured(
                f'security = "none" would send the password to {self.host} in the clear; '
                'write security = "tls"'
            )


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return what certificates are verified with: always, by name, TLS 1.2 or later.

    Raises:
        Misconfigured: ``ca_file`` cannot be read, or holds no certificate.
    """
    try:
        return _trust(ca_file, ca_file.stat().st_mtime_ns if ca_file else 0)
    except ssl.SSLError:
        raise Misconfigured(f"{ca_file} holds no certificate in PEM format") from None
    except OSError as problem:
        raise Misconfigured(f"{ca_file} cannot be read ({problem.strerror})") from None


@lru_cache(maxsize=8)
def _trust(ca_file: Path | None, _changed_ns: int) -> ssl.SSLContext:
    # Reading the system's list takes longer than a whole poll in which nothing is new.
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
