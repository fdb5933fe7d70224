"""What is known of the servers behind an address: where they are and how one signs in."""

import re
from dataclasses import dataclass
from typing import Literal

Security = Literal["tls", "starttls"]
SignIn = Literal["password", "xoauth2"]
Service = Literal["", "google", "microsoft"]
"""Whose own sign-in opens an account: nobody's, Google's or Microsoft's."""

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server; plain connections are never found, only those that TLS protects."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""


@dataclass(frozen=True, slots=True)
class Servers:
    """All that was found behind one address.

    ``found_by`` says how, for people; it is empty where nothing was found. ``caldav`` and
    ``carddav`` are web addresses. ``password_page`` is where an app password is made, ``note``
    what else the owner should know, ``document`` the provider's page that this follows.
    ``service`` says whose own sign-in opens mail, calendar and contacts too, if there is one;
    ``is_personal`` whether the address is in one of the provider's own domains, and not in one
    of an organization's.
    """

    found_by: str = ""
    provider: str = ""
    imap: Server | None = None
    smtp: Server | None = None
    caldav: str = ""
    carddav: str = ""
    sign_in: SignIn = "password"
    password_page: str = ""
    note: str = ""
    document: str = ""
    service: Service = ""
    is_personal: bool = False


def is_host(text: str) -> bool:
    """Return whether ``text`` is the name of a host, or an IPv4 address, and nothing else.

    Source: RFC 1123, section 2.1; names come from strangers' DNS and web servers.
    """
    return _HOST.fullmatch(text) is not None
