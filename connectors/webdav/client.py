"""Questions to WebDAV servers -> their answers; refusals become errors that say what to do."""

from collections.abc import Iterable
from pathlib import Path

from connectors.credentials.secrets import Secret
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.http import Answer, Login, Web, raise_for_trouble
from connectors.web_address import WebAddress
from connectors.webdav.multistatus import (
    Garbled,
    Multistatus,
    read_multistatus,
    write_propfind,
)

_MULTISTATUS = 207
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_INTERNAL_ERROR = 500
_NOT_IMPLEMENTED = 501
_LATER = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """The server answered a question otherwise than with a multistatus."""

    def __init__(self, status: int, host: str) -> None:
        super().__init__(f"{host} answers with status {status}")
        self.status, self.host = status, host

    @property
    def is_failure(self) -> bool:
        """Return whether the server failed, rather than did not want to, or does not know how."""
        return self.status >= _INTERNAL_ERROR and self.status != _NOT_IMPLEMENTED

    def to_error(self) -> ConnectorError:
        """Return what the refusal means where there is nothing else left to try."""
        if self.status == _FORBIDDEN:
            return AccessDenied(
                f"{self.host} does not let this user read it; check the url and the user"
            )
        if self.is_failure:
            return Unavailable(str(self))
        return Misconfigured(f"{self}, so there is no calendar or address book; check the url")


class Client:
    """Asks WebDAV servers, and changes nothing on them: it knows only PROPFIND and REPORT.

    A server may lay its users' calendars on another host of its own. The login is used there
    too if that host is asked by https and belongs to the same domain as the first one.
    """

    def __init__(self, url: str, web: Web) -> None:
        """Remember the address that the settings name, and ask nothing yet."""
        self._url, self._web = url, web

    def propfind(self, url: str, names: Iterable[str], *, depth: int = 0) -> Multistatus:
        """Return properties of a resource, and with depth 1 of its members.

        Raises:
            Refused: The server says otherwise.
            AccessDenied, Misconfigured, Unavailable: As for any question.
        """
        return self._ask("PROPFIND", url, write_propfind(names), depth)

    def report(self, url: str, body: bytes, *, depth: int = 0) -> Multistatus:
        """Return the answer to a report on a collection.

        Raises:
            Refused: The server says otherwise.
            AccessDenied, Misconfigured, Unavailable: As for any question.
        """
        return self._ask("REPORT", url, body, depth)

    def close(self) -> None:
        """End all connections. Idempotent."""
        self._web.close()

    def _ask(self, method: str, url: str, body: bytes, depth: int) -> Multistatus:
        answer = self._request(method, url, body, depth)
        if answer.status == _UNAUTHORIZED and not _is_same_place(answer.url, url):
            # The login stayed behind at a redirect. It may follow within the domain.
            answer = self._request(method, answer.url, body, depth)
        if answer.status == _MULTISTATUS:
            return _read(answer)
        if answer.status == _UNAUTHORIZED or answer.status in _LATER:
            raise_for_trouble(answer)
        raise Refused(answer.status, WebAddress.parse(answer.url).host)

    def _request(self, method: str, url: str, body: bytes, depth: int) -> Answer:
        place = WebAddress.parse(url)
        if not _is_trusted(place, WebAddress.parse(self._url)):
            raise Misconfigured(
                f"the calendars or address books lie at {place.place}, which is another service: "
                "write its address as the url, if you know it"
            )
        headers = {"Depth": str(depth), "Content-Type": "application/xml; charset=utf-8"}
        return self._web.request(method, url, headers=headers, body=body)


def sign_in(
    url: str, user: str, secret: Secret | None, *, ca_file: Path | None, allow_private: bool
) -> Client:
    """Return a client for the account that settings describe, which has asked nothing yet."""
    login = Login(user, secret) if secret else None
    return Client(url, Web(allow_private=allow_private, login=login, ca_file=ca_file))


def _is_same_place(url: str, other: str) -> bool:
    return WebAddress.parse(url).origin == WebAddress.parse(other).origin


def _read(answer: Answer) -> Multistatus:
    try:
        return read_multistatus(answer.body, answer.url)
    except Garbled as garbled:
        host = WebAddress.parse(answer.url).host
        raise Unavailable(f"{host} answers with {garbled}") from garbled


def _is_trusted(place: WebAddress, home: WebAddress) -> bool:
    """Say whether the login for ``home`` may be used at ``place``.

    Source: reliability notes, threat T9 ("drop credentials across hosts"); large services
    answer for caldav.example.com at p42-caldav.example.com (seen at iCloud).
    """
    if place.origin == home.origin:
        return True
    labels = home.host.split(".")
    domain = ".".join(labels[1:] if len(labels) > 2 else labels)
    is_of_domain = f".{place.host}".endswith(f".{domain}") and not _is_number(labels)
    return place.is_secure and home.is_secure and is_of_domain and "." in domain


def _is_number(labels: list[str]) -> bool:
    """Say whether a host is given by its address, which has no domain."""
    return labels[-1].isdigit() or ":" in labels[-1]
