"""The settings of the delivery -> the way a mail goes: a mail server, a Maildir, or none."""

from importlib import import_module
from typing import Protocol, runtime_checkable

from connectors.credentials.secrets import Secret
from daemon.config.model import Delivery
from daemon.delivery.errors import InDoubt as InDoubt  # told on to the jobs, as are these two
from daemon.delivery.errors import NotNow as NotNow
from daemon.delivery.errors import Refused as Refused
from daemon.errors import ExitCode, UserError

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
"""Source: RFC 8314, section 3.3 (submission over TLS); RFC 6409, section 3.1; RFC 5321."""


class Transport(Protocol):
    """One way for a mail to reach its reader."""

    def send(self, message: bytes, message_id: str, *, sender: str, to: str) -> bool:
        """Hand ``message`` over; return False if it was there already.

        Args:
            message: The mail, with CR LF line ends, in ASCII.
            message_id: Its ``Message-ID``, by which a way that can tell knows it again.
            sender: The bare address it comes from, to which it returns if it cannot arrive.
            to: The bare address it goes to.

        Raises:
            NotNow: It was not taken; offer it again later.
            Refused: It was not taken, and will not be until the owner acts.
            InDoubt: The connection ended when it had been handed over: nobody knows.
        """
        ...

    def check(self) -> None:
        """Try everything but the sending.

        Raises:
            NotNow, Refused: As ``send`` would.
        """
        ...


@runtime_checkable
class Memory(Protocol):
    """A way that can tell what it has delivered, as a mail server cannot."""

    def holds(self, message_id: str) -> bool:
        """Return whether a mail with this ``Message-ID`` lies where it was put."""
        ...


def open_transport(delivery: Delivery) -> Transport | None:
    """Return the way that ``delivery`` names, None if mail is not sent; nothing is touched yet.

    Raises:
        UserError: A setting is missing without which there is no way.
    """
    if delivery.kind is None:
        return None
    return _open_smtp(delivery) if delivery.kind == "smtp" else _open_maildir(delivery)


def _open_smtp(delivery: Delivery) -> Transport:
    security = delivery.security or ("tls" if delivery.port in (None, 465) else "starttls")
    # Loaded late, as each way is: most commands send nothing.
    way: Transport = import_module("daemon.delivery.smtp").SmtpTransport(
        host=delivery.host or _miss("host", "smtp.example.org"),
        port=delivery.port or _PORTS[security],
        security=security,
        user=delivery.user or "",
        secret=Secret(delivery.secret) if delivery.secret else None,
        ca_file=delivery.ca_file,
    )
    return way


def _open_maildir(delivery: Delivery) -> Transport:
    path = delivery.path or _miss("path", "~/Maildir")
    way: Transport = import_module("daemon.delivery.maildir").MaildirTransport(path)
    return way


def _miss(setting: str, example: str) -> str:
    raise UserError(
        f"The delivery has no {setting}.",
        "the section [delivery] of the settings",
        f'{setting} = "{example}"',
        exit_code=ExitCode.CONFIG,
    )
