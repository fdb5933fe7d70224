"""A domain -> what its DNS says of its mail, calendars and address books, in bounded time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from dns.exception import DNSException
from dns.rdatatype import MX, SRV, TXT, RdataType
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from connectors.discovery.model import Server, is_host

SECONDS = 4.0
"""For all questions about one address together: somebody is waiting before the screen."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a service is offered."""

    host: str
    port: int


class Records(Protocol):
    """What is asked of DNS. What cannot be found out is told as nothing there."""

    def exchangers(self, domain: str) -> tuple[str, ...]:
        """Return the hosts that take the domain's mail, the preferred one first."""
        ...

    def service(self, name: str) -> Target | None:
        """Return where the service ``_name._protocol.domain`` is offered."""
        ...

    def path(self, name: str) -> str:
        """Return the path that a service's TXT record names, or nothing."""
        ...


@dataclass(slots=True)
class Dns:
    """The machine's resolver; after one question without an answer it is asked nothing more."""

    resolver: Resolver | None = None
    seconds: float = SECONDS
    _ends_at: float = field(default=0.0, init=False)

    def exchangers(self, domain: str) -> tuple[str, ...]:
        """Return the hosts that take the domain's mail, the preferred one first."""
        found = sorted((it.preference, _host(it.exchange)) for it in self._ask(domain, MX))
        return tuple(host for _, host in found if is_host(host))

    def service(self, name: str) -> Target | None:
        """Return where a service is offered, or None.

        Source: RFC 2782: the lowest priority first, then the greatest weight; a target of "."
        says that the service is decidedly not there.
        """
        found = sorted(self._ask(name, SRV), key=lambda it: (it.priority, -it.weight))
        targets = [Target(_host(it.target), it.port) for it in found]
        return next((it for it in targets if is_host(it.host) and it.port), None)

    def path(self, name: str) -> str:
        """Return the path that a service's TXT record names, or nothing.

        Source: RFC 6764, section 4.
        """
        texts = [b"".join(it.strings).decode("ascii", "replace") for it in self._ask(name, TXT)]
        paths = [text.removeprefix("path=") for text in texts if text.startswith("path=/")]
        return next((path for path in paths if path.isprintable() and " " not in path), "")

    def _ask(self, name: str, kind: RdataType) -> Iterable[Any]:
        self._ends_at = self._ends_at or monotonic() + self.seconds
        left = self._ends_at - monotonic()
        if left <= 0:
            return ()
        try:
            self.resolver = self.resolver or Resolver()
            return self.resolver.resolve(name, kind, lifetime=left, search=False)
        except (NXDOMAIN, NoAnswer):
            return ()
        except (DNSException, OSError, UnicodeError):
            self._ends_at = monotonic()
            return ()


def find_mail(domain: str, records: Records) -> tuple[Server | None, Server | None]:
    """Return the domain's servers to read and to send mail, as far as its DNS names them.

    Only services under TLS are asked for.

    Source: RFC 6186, section 3; RFC 8314, section 5.1.
    """
    imap = _named(records, f"_imaps._tcp.{domain}")
    smtp = _named(records, f"_submissions._tcp.{domain}")
    if smtp is None and (found := records.service(f"_submission._tcp.{domain}")):
        smtp = Server(found.host, found.port, "starttls")
    return imap, smtp


def find_dav(service: str, domain: str, records: Records) -> str:
    """Return the address of the domain's ``caldav`` or ``carddav`` service, or nothing.

    Source: RFC 6764, section 6: where no path is given, the well-known one leads on.
    """
    name = f"_{service}s._tcp.{domain}"
    target = records.service(name)
    if target is None:
        return ""
    place = target.host if target.port == 443 else f"{target.host}:{target.port}"
    return f"https://{place}{records.path(name) or f'/.well-known/{service}'}"


def _named(records: Records, name: str) -> Server | None:
    found = records.service(name)
    return Server(found.host, found.port) if found else None


def _host(name: Any) -> str:
    return str(name).rstrip(".").lower()
