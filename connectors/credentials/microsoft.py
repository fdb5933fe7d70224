"""A sign-in at Microsoft, kept and renewed by msal -> access tokens that hold just what is needed.

What is kept is msal's own cache. Whoever renews a token does so in turn with all other threads
and processes, after reading the cache again: refresh tokens change with each use.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msal
from msal.exceptions import MsalError

from connectors.credentials.microsoft_refusals import SIGN_IN, code_of, explain
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.formats.addresses import normalise
from connectors.graph.settings import RESERVED
from connectors.graph.web import ask_web, retry_after
from connectors.http import Answer, Web
from connectors.pace import Busy, Patience
from connectors.protocol import Desk
from connectors.web_address import WebAddress

STALE_SECONDS = 300
"""A token that ends within so many seconds is renewed. Source: msal does the same."""

_HARMLESS = frozenset({*RESERVED, "email", "user.read"})
"""What may be granted though nobody asked for it.

Source: the answer's ``scope`` names openid, profile and email where openid was asked for. Entra
puts User.Read into each new registration by itself; it shows the signed-in user's own profile.
"""
_IMPLIED = {"mail.read": {"mail.readbasic"}}
"""Permissions that are parts of others: they stay granted when the reading goes deeper."""

_PENDING = frozenset({"authorization_pending", "slow_down"})
_DECLINED = frozenset({"authorization_declined", "access_denied"})
_NOBODY_CAME = frozenset({"expired_token", "bad_verification_code"})

_TEXTS = ("access_token", "refresh_token", "id_token", "client_info", "scope", "error")
"""What msal would keep of an answer as it is, or trip over."""

_NOT_UNDERSTOOD = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, MsalError)
"""What msal raises over an answer that it did not expect."""


@dataclass(frozen=True, slots=True)
class App:
    """An app registration of the owner's, and what it is let do.

    Attributes:
        client_id: Its ID.
        authority: Where one signs in to it: ``https://login.microsoftonline.com/common``.
        needed: The permissions that are asked for.
        beside: Permissions that may be granted as well.
    """

    client_id: str
    authority: str
    needed: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def check(self, granted: str) -> None:
        """Return if the permissions ``granted``, parted by spaces, are those that are needed.

        Raises:
            AccessDenied: They are fewer, or more.
        """
        names = {name.casefold(): name for name in _names(granted)}
        if missing := [name for name in self.needed if name.casefold() not in names]:
            raise AccessDenied(
                f"Microsoft did not grant {', '.join(missing)}, which these settings need; "
                f"{SIGN_IN}"
            )
        if excess := sorted(names[key] for key in names.keys() - self._tolerated):
            raise AccessDenied(
                f"Microsoft granted {', '.join(excess)}, which these settings do not need: take "
                "it back at https://myapps.microsoft.com, or for outlook.com at "
                f"https://account.live.com/consent/Manage; then {SIGN_IN}"
            )

    @property
    def _tolerated(self) -> set[str]:
        wanted = {name.casefold() for name in (*self.needed, *self.beside)}
        return wanted.union(_HARMLESS, *(_IMPLIED.get(name, ()) for name in wanted))


@dataclass(frozen=True, slots=True)
class Account:
    """Who has signed in: a name of Microsoft's own that never changes, and one to show."""

    key: str
    name: str

    @property
    def address(self) -> str | None:
        """The name to show as an address, if it is one."""
        return normalise(self.name)


@dataclass(slots=True)
class SignIn:
    """The sign-in of one section of the settings."""

    tokens: Tokens
    app: App
    web: Web
    patience: Patience
    _authority: WebAddress = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read nothing and ask nobody yet."""
        self._authority = WebAddress.parse(self.app.authority)

    def account(self) -> Account:
        """Return who signed in last.

        Raises:
            AccessDenied: Nobody yet.
            Misconfigured: What is kept is something else.
        """
        return self._kept()[1]

    def token(self, *, but: str = "") -> str:
        """Return an access token, one that the service did not just refuse.

        Args:
            but: The token that it refused.

        Raises:
            AccessDenied: The sign-in has ended, or holds other permissions than are needed.
            Misconfigured: The tokens cannot be kept, or the app is not what it must be.
            Unavailable: Microsoft cannot be reached.
        """
        self._require_writable()
        if found := self._fitting(self._kept()[0], but):
            return found
        with self.tokens.turn():
            cache, _ = self._kept()
            return self._fitting(cache, but) or self._renewed(cache)

    def begin(self, desk: Desk) -> str:
        """Let the owner sign in with a code, keep the tokens, and return who it was.

        Source: RFC 8628; Microsoft identity platform, "device authorization grant".

        Raises:
            AccessDenied: The owner said no; or more, or less, was granted than is needed.
            Unavailable: Microsoft cannot be reached, or nobody came.
            Misconfigured: The tokens cannot be kept, or the app is not what it must be.
        """
        self._require_writable()
        cache = msal.SerializableTokenCache()
        app = self._opened(cache)
        flow = self._ask(partial(app.initiate_device_flow, scopes=[*self.app.needed]))
        if "user_code" not in flow:
            raise explain(flow, is_first=True)
        desk.show(str(flow.get("verification_uri", "")), str(flow["user_code"]))
        granted = self._wait_for_owner(app, flow)
        self.app.check(str(granted.get("scope") or " ".join(self.app.needed)))
        account = _find_account(cache)
        if account is None:
            raise Unavailable("Microsoft did not say who signed in")
        with self.tokens.turn():
            self._keep(cache)
        return account.name

    def _wait_for_owner(self, app: Any, flow: dict[str, Any]) -> Mapping[str, Any]:
        """Ask every few seconds, as often as the service wants it, what the owner has done."""
        clock = self.patience.clock
        ends_at = clock.now() + flow["expires_in"]
        while True:
            clock.sleep(flow["interval"])
            found: Mapping[str, Any] = self._ask(partial(_ask_once, app, flow))
            error = found.get("error")
            if not error:
                return found
            if error in _DECLINED:
                code = code_of(found)
                raise AccessDenied(f"the sign-in at Microsoft was declined{code}; {SIGN_IN}")
            if error in _NOBODY_CAME or (error in _PENDING and clock.now() >= ends_at):
                minutes = round(flow["expires_in"] / 60)
                raise Unavailable(f"nobody signed in within {minutes} minutes")
            if error not in _PENDING:
                raise explain(found, is_first=True)

    def _require_writable(self) -> None:
        if not self.tokens.can_be_written:
            raise Misconfigured(
                "Microsoft's tokens change with each use, so they must be kept where kithd can "
                "write: in a file (file:) or a keyring (keyring:)"
            )

    def _kept(self) -> tuple[Any, Account]:
        cache = msal.SerializableTokenCache()
        cache.deserialize(json.dumps(self.tokens.read()))
        account = _find_account(cache)
        if account is None:
            raise Misconfigured(
                "what is kept there is no sign-in at Microsoft; give this section a secret of "
                f"its own, and {SIGN_IN}"
            )
        return cache, account

    def _fitting(self, cache: Any, but: str) -> str:
        """Return a token that is kept and still good for a while; nothing where there is none.

        msal finds tokens too, but only after asking the service where to ask.
        """
        mine = {"client_id": self.app.client_id}
        for one in cache.search(cache.CredentialType.ACCESS_TOKEN, query=mine):
            is_good = int(one["expires_on"]) - time.time() >= STALE_SECONDS
            if is_good and one["secret"] != but and self._has_needed(one["target"]):
                self.app.check(one["target"])
                return str(one["secret"])
        return ""

    def _has_needed(self, granted: str) -> bool:
        names = {name.casefold() for name in _names(granted)}
        return all(name.casefold() in names for name in self.app.needed)

    def _renewed(self, cache: Any) -> str:
        granted = self._ask(partial(self._refresh, self._opened(cache)))
        if not granted:
            raise AccessDenied(f"there is no sign-in for this client_id and tenant; {SIGN_IN}")
        if granted.get("error"):
            raise explain(granted)
        if cache.has_state_changed:
            self._keep(cache)
        self.app.check(str(granted.get("scope") or " ".join(self.app.needed)))
        return str(granted["access_token"])

    def _refresh(self, app: Any) -> Any:
        account = next(iter(app.get_accounts()), None)
        found = app.acquire_token_silent_with_error(
            [*self.app.needed], account=account, force_refresh=True
        )
        return _checked_token(found)

    def _keep(self, cache: Any) -> None:
        self.tokens.write(json.loads(cache.serialize()))

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Put a question to msal, again while Microsoft is busy."""

        def ask() -> Any:
            try:
                return question()
            except _NOT_UNDERSTOOD:
                raise Busy(f"{self._authority.place} answers in words of its own") from None

        return self.patience.ask(ask)

    def _opened(self, cache: Any) -> Any:
        """Return msal's view of the app, after it has asked the authority for its addresses."""
        return self.patience.ask(partial(self._open, cache))

    def _open(self, cache: Any) -> Any:
        try:
            return msal.PublicClientApplication(
                self.app.client_id,
                authority=self.app.authority,
                token_cache=cache,
                http_client=_Http(self.web, self._authority),
                # The authority is the owner's to name; nobody else is asked about it.
                instance_discovery=False,
            )
        except _NOT_UNDERSTOOD:
            raise Misconfigured(
                f"{self._authority.place} knows no such tenant; check tenant"
            ) from None


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer as msal wants to see it."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def raise_for_status(self) -> None:
        """Nothing is left to raise: msal sees neither failures nor redirects."""


@dataclass(frozen=True, slots=True)
class _Http:
    """What msal sends its requests through: it asks the authority's host, and no other."""

    web: Web
    authority: WebAddress

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Said:
        form = urlencode(data) if isinstance(data, dict) else str(data or "")
        fields = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._ask("POST", url, params, fields, form.encode())

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Said:
        return self._ask("GET", url, params, headers or {}, b"")

    def close(self) -> None:
        """The connection is its owner's."""

    def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        body: bytes,
    ) -> _Said:
        if WebAddress.parse(url).origin != self.authority.origin:
            raise Misconfigured(f"{self.authority.place} sends elsewhere to sign in; check tenant")
        asked = f"{url}?{urlencode(params)}" if params else url
        answer = ask_web(self.web, method, asked, headers, body)
        return _checked(answer)


def _checked(answer: Answer) -> _Said:
    """Return an answer in Microsoft's own words; msal would write others to the log, whole."""
    if answer.status == 429 or answer.status >= 500:
        raise Busy(f"{answer.place} answers {answer.status}", retry_after=retry_after(answer))
    text = answer.body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    is_fit = isinstance(found, dict) and all(isinstance(found.get(one, ""), str) for one in _TEXTS)
    if not (found and is_fit) or 300 <= answer.status < 400:
        raise Busy(f"{answer.place} answers {answer.status}, and not in Microsoft's words")
    return _Said(answer.status, text, answer.headers)


def _ask_once(app: Any, flow: dict[str, Any]) -> Any:
    # msal would wait by itself, by the machine's own clock and not to be woken.
    flow["latest_attempt_at"] = 0
    return _checked_token(app.acquire_token_by_device_flow(flow, exit_condition=lambda _: True))


def _checked_token(found: Any) -> Any:
    """Return what msal found: a token, an error, or nothing."""
    if found and not found.get("error") and not isinstance(found.get("access_token"), str):
        raise ValueError("neither a token nor an error")
    return found


def _names(granted: str) -> list[str]:
    """Return permissions without the resource that they may be written behind."""
    return [name.rpartition("/")[2] for name in granted.split()]


def _find_account(cache: Any) -> Account | None:
    try:
        one = next(cache.search(cache.CredentialType.ACCOUNT))
        return Account(str(one["home_account_id"]), str(one["username"]))
    except (StopIteration, LookupError, TypeError, AttributeError):
        return None
