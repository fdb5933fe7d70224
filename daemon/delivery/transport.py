"""The settings of the delivery -> the way a mail goes: a mail server, an account, a Maildir."""

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, runtime_checkable

from connectors.credentials.secrets import Secret
from daemon.config.kinds import DELIVERIES
from daemon.config.model import Delivery
from daemon.config.open import Account, list_beside
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


def open_transport(delivery: Delivery, others: Iterable[Account] = ()) -> Transport | None:
    """Return the way that ``delivery`` names, None if mail is not sent; nothing is touched yet.

    ``others`` are the sections of the sources: they may use the same app at a service.

    Raises:
        UserError: A setting is missing without which there is no way.
    """
    if delivery.kind is None:
        return None
    for name in DELIVERIES[delivery.kind].needs:
        if getattr(delivery, name) is None:
            _miss(name)
    match delivery.kind:
        case "smtp":
            return _open_smtp(delivery)
        case "maildir":
            return _open_maildir(delivery)
    return _open_account(delivery, list_beside(delivery, others))


def _open_smtp(delivery: Delivery) -> Transport:
    security = delivery.security or ("tls" if delivery.port in (None, 465) else "starttls")
    # Loaded late, as each way is: most commands send nothing.
    way: Transport = import_module("daemon.delivery.smtp").SmtpTransport(
        host=delivery.host,
        port=delivery.port or _PORTS[security],
        security=security,
        user=delivery.user or "",
        secret=Secret(delivery.secret) if delivery.secret else None,
        ca_file=delivery.ca_file,
    )
    return way


def _open_maildir(delivery: Delivery) -> Transport:
    way: Transport = import_module("daemon.delivery.maildir").MaildirTransport(delivery.path)
    return way


def _open_account(delivery: Delivery, beside: tuple[Account, ...]) -> Transport:
    way: Transport = import_module("daemon.delivery.account").AccountTransport(delivery, beside)
    return way


def _miss(setting: str) -> None:
    example = (Delivery.model_fields[setting].examples or [""])[0]
    raise UserError(
        f"The delivery has no {setting}.",
        "the section [delivery] of the settings",
        f'{setting} = "{example}"',
        exit_code=ExitCode.CONFIG,
    )
