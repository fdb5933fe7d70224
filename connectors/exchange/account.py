"""Settings -> an account as exchangelib knows one, that shares nothing with any other.

exchangelib keeps one ``Protocol`` for all accounts of a process that name the same server and
password, for as long as the process lives, and finds a server's version out by trying; an
account of ours has its own, closes it, and speaks one version.
"""

import logging
from threading import Lock
from typing import Any

import requests
from exchangelib import Account, Configuration, Credentials, FailFast, Version
from exchangelib.account import Identity
from exchangelib.credentials import DELEGATE
from exchangelib.errors import UnauthorizedError
from exchangelib.ewsdatetime import UTC
from exchangelib.protocol import CachingProtocol, Protocol
from exchangelib.transport import (
    BASIC,
    DEFAULT_HEADERS,
    NOAUTH,
    NTLM,
    get_auth_method_from_response,
)
from exchangelib.version import EXCHANGE_2013

from connectors.errors import Misconfigured
from connectors.exchange.settings import ExchangeSettings
from connectors.exchange.wire import Adapter, Wire
from connectors.pace import Busy
from connectors.web_address import WebAddress

VERSION = Version(build=EXCHANGE_2013, api_version="Exchange2013")
"""The oldest that can give out a text body; servers since then speak it too.

Source: Microsoft, "RequestServerVersion" and "TextBody" in the EWS reference.
"""
_TELLING = frozenset({200, 401})  # anybody is let in, or is asked who it is
_AUTH_TYPES = {"password": None, "basic": BASIC, "ntlm": NTLM, "xoauth2": NOAUTH}

# When a request fails, the library logs all of it, names and words included.
logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)


class _Uncached(CachingProtocol):  # type: ignore[misc]  # untyped library
    """Makes a protocol whenever one is asked for."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return type.__call__(cls, *args, **kwargs)


class _Protocol(Protocol, metaclass=_Uncached):  # type: ignore[misc]  # untyped library
    """Asks over a wire of its own; an access token signs every request."""

    RETRY_WAIT = 0  # so that only what the server says is taken for its wish

    def __init__(self, config: Configuration, adapter: Adapter, token: str) -> None:
        super().__init__(config=config)
        self._adapter, self._token = adapter, token
        self.api_version_hint = VERSION.api_version

    def raw_session(self, *_: Any, **__: Any) -> requests.Session:
        """Return a session that takes nothing from the environment."""
        session = requests.Session()
        session.trust_env = False
        session.headers.update(DEFAULT_HEADERS)
        for scheme in ("https://", "http://"):
            session.mount(scheme, self._adapter)
        if self._token:
            session.headers["Authorization"] = f"Bearer {self._token}"
        return session

    def create_session(self) -> requests.Session:
        """Return a session that signs its requests."""
        session: requests.Session = super().create_session()
        if self.auth_type == NTLM:
            # Tokens that bind to the TLS channel need its certificate, which is out of sight.
            session.auth.send_cbt = False  # type: ignore[union-attr]  # HttpNtlmAuth has it
        return session

    def get_auth_type(self) -> str:
        """Ask the server, without telling it who we are, how a password is to be sent."""
        return _find_auth_type(self.raw_session(), self.service_endpoint, self.dummy_xml())


class _Account(Account):  # type: ignore[misc]  # untyped library
    """An account with a protocol that is given, and a version that stays."""

    def __init__(self, address: str, protocol: _Protocol) -> None:
        """Set what services look at. The library's own way would make a protocol and keep it."""
        self.protocol = protocol
        self.identity = Identity(primary_smtp_address=address)
        self.access_type = DELEGATE
        self.default_timezone = UTC
        self.affinity_cookie = None
        self._version, self._version_lock = VERSION, Lock()

    @property
    def version(self) -> Version:
        """The version spoken, whatever a server says of itself."""
        return VERSION

    @version.setter
    def version(self, _: Version) -> None:
        """Stay with it."""


def open_account(settings: ExchangeSettings, url: str, wire: Wire) -> Any:
    """Return an account at ``url``; nothing was asked yet.

    Raises:
        AccessDenied, Misconfigured: The secret is not to be had.
    """
    return _Account(settings.mailbox, _protocol(settings, url, Adapter(wire)))


def open_session(settings: ExchangeSettings, url: str, adapter: Adapter) -> requests.Session:
    """Return a session that signs requests to ``url``, having asked there how.

    Raises:
        AccessDenied, Misconfigured, Unavailable: As for any request.
    """
    session: requests.Session = _protocol(settings, url, adapter).create_session()
    return session


def _protocol(settings: ExchangeSettings, url: str, adapter: Adapter) -> _Protocol:
    secret = settings.secret.reveal()
    is_token = settings.sign_in == "xoauth2"
    config = Configuration(
        service_endpoint=url,
        credentials=None if is_token else Credentials(settings.user, secret),
        auth_type=_AUTH_TYPES[settings.sign_in],
        version=VERSION,
        retry_policy=FailFast(),
        max_connections=1,
    )
    return _Protocol(config, adapter, secret if is_token else "")


def _find_auth_type(session: requests.Session, url: str, question: bytes) -> str:
    """Return how the server at ``url`` wants a password, asking without one.

    Raises:
        Misconfigured: In no way that is known here.
        Busy: It does not say now.
        ConnectorError: As for any request.
    """
    place = WebAddress.parse(url).place
    with session:
        response = session.post(url, data=question, allow_redirects=False)
    if response.status_code not in _TELLING:
        raise Busy(f"{place} does not say how to sign in")
    try:
        found: str = get_auth_method_from_response(response)
    except UnauthorizedError:
        raise Misconfigured(f"{place} takes no password by NTLM or basic authentication") from None
    return found
