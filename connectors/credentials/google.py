"""A sign-in at Google, as it is kept -> credentials that renew themselves."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport import Response
from google.oauth2.credentials import Credentials

from connectors.credentials.google_client_file import OAuthClient
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, ConnectorError, Misconfigured
from connectors.google.errors import Failed, retry_after
from connectors.google.transport import ask_web
from connectors.http import Answer, Web
from connectors.pace import Busy

SIGN_IN = "type: kithd sign-in"
"""What the owner is told to do; the daemon adds the name of the source."""

_LATER = frozenset({408, 425, 429})
_FAILURES = frozenset(("internal_failure", "server_error", "temporarily_unavailable"))
"""What a sign-in that fails says of itself with the status of a refusal.

Source: RFC 6749 section 4.1.2.1; google-auth, which takes these words, in either field, for
reasons to ask again.
"""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is kept of a sign-in. Printing it shows neither token."""

    client_id: str
    scopes: frozenset[str]
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    expires_at: datetime | None = None

    @classmethod
    def read(cls, tokens: Tokens) -> "SignIn":
        """Return what is kept.

        Raises:
            AccessDenied: Nobody has signed in yet.
            Misconfigured: What is kept is no sign-in at Google.
        """
        kept = tokens.read()
        scopes = kept.get("scopes")
        texts = [kept.get(name) for name in ("client_id", "refresh_token")]
        if kept.get("service") != "google" or not (
            isinstance(scopes, list) and all(map(_is_text, [*texts, *scopes]))
        ):
            raise Misconfigured(
                f"what is kept at {tokens.secret.reference.partition(':')[0]}: is no sign-in at "
                f"Google; give this source a secret of its own, and {SIGN_IN}"
            )
        return cls(
            client_id=kept["client_id"],
            scopes=frozenset(scopes),
            refresh_token=kept["refresh_token"],
            access_token=str(kept.get("access_token") or ""),
            expires_at=_read_instant(kept.get("expires_at")),
        )

    def write(self, tokens: Tokens) -> None:
        """Keep this in place of what is there.

        Raises:
            AccessDenied, Misconfigured: Its keeper does not take it.
        """
        tokens.write(
            {
                "service": "google",
                "client_id": self.client_id,
                "scopes": sorted(self.scopes),
                "refresh_token": self.refresh_token,
                "access_token": self.access_token,
                "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            }
        )


def check_granted(granted: Iterable[str], needed: Iterable[str]) -> None:
    """Return if exactly what is needed was granted.

    Source: reliability notes, threat T8: whoever steals a token must not get more than kithd
    reads with it.

    Raises:
        AccessDenied: More was granted, or less.
    """
    granted, needed = set(granted), set(needed)
    if too_much := granted - needed:
        raise AccessDenied(
            f"this sign-in at Google also permits {_listed(too_much)}, which the settings do not "
            f"need: kithd keeps no key to more than it reads; {SIGN_IN}"
        )
    if missing := needed - granted:
        raise AccessDenied(
            f"this sign-in at Google does not permit {_listed(missing)}, which the settings need: "
            f"tick every box on Google's page, or ask for less in the settings; {SIGN_IN}"
        )


class KeptCredentials(Credentials):
    """Credentials that are read from where they are kept, and kept again when they are renewed.

    However many threads and processes find the access token expired, one renews it: the others
    wait, and take over what it kept.
    """

    def __init__(
        self, tokens: Tokens, client: OAuthClient, permissions: Iterable[str], web: Web
    ) -> None:
        """Read the tokens, and ask nobody yet.

        Args:
            tokens: Where they are kept.
            client: To whom they were given.
            permissions: What must have been granted, no more and no less.
            web: How Google is reached to renew them.

        Raises:
            AccessDenied: Nobody has signed in, or not to this client and these permissions.
            Misconfigured: What is kept is no sign-in at Google.
        """
        self._tokens, self._client, self._needed = tokens, client, frozenset(permissions)
        self._web = web
        self._refused_with: str | None = None
        self._kept = self._read()
        super().__init__(  # type: ignore[no-untyped-call]  # the library names no types
            token=self._kept.access_token or None,
            expiry=_naive(self._kept.expires_at),
            refresh_token=self._kept.refresh_token,
            token_uri=client.token_uri,
            client_id=client.client_id,
            client_secret=client.client_secret,
            scopes=sorted(self._needed),
        )

    def __repr__(self) -> str:
        return f"KeptCredentials({self._tokens.secret.reference.partition(':')[0]}:)"

    def refresh(self, request: Any) -> None:  # noqa: ARG002 -- it knows no bounds, nor ca_file
        """Take over an access token that somebody else has renewed, or renew it.

        Raises:
            AccessDenied: Google has ended this sign-in, or it is another one by now.
            Misconfigured: Google does not know the OAuth client.
            Busy, Unavailable: Google cannot be reached, or fails.
        """
        expired = self.token
        with self._tokens.turn():
            kept = self._read()
            if kept != self._kept:
                self._take_over(kept)
            if self.token == expired or not self.valid:
                self._renew()

    def _read(self) -> SignIn:
        kept = SignIn.read(self._tokens)
        if kept.client_id != self._client.client_id:
            raise AccessDenied(
                f"this sign-in was made with another OAuth client than client_file has; {SIGN_IN}"
            )
        check_granted(kept.scopes, self._needed)
        return kept

    def _take_over(self, kept: SignIn) -> None:
        if kept.refresh_token != self._kept.refresh_token:
            self._refused_with = None
        self._kept, self._refresh_token = kept, kept.refresh_token
        self.token, self.expiry = kept.access_token or None, _naive(kept.expires_at)

    def _renew(self) -> None:
        if self._refused_with is None:
            self._ask_google()
        if self._refused_with is not None:
            # Whoever asks again gets the same answer from here: Google need not be asked again.
            raise explain_refusal(self._refused_with)
        try:
            check_granted(self.granted_scopes or self._needed, self._needed)
        except AccessDenied:
            self.token = None
            raise
        self._keep()

    def _ask_google(self) -> None:
        try:
            super().refresh(self._ask)  # type: ignore[no-untyped-call]  # as above
        except RefreshError as error:
            self._refused_with = _word_of(error)
        except GoogleAuthError as error:
            raise Busy(f"Google's sign-in fails ({type(error).__name__})") from None

    def _keep(self) -> None:
        renewed = replace(
            self._kept,
            refresh_token=self.refresh_token,
            access_token=self.token or "",
            expires_at=self.expiry.replace(tzinfo=UTC) if self.expiry else None,
        )
        # Where it cannot be kept it serves in memory: the refresh token is still good.
        with suppress(AccessDenied, Misconfigured):
            renewed.write(self._tokens)
            self._kept = renewed

    def _ask(
        self,
        url: str,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> Response:
        """Carry the library's one request to the token endpoint.

        The library waits in real time where a status says "later": it is not shown that one.
        """
        try:
            answer = ask_web(self._web, method, url, headers or {}, body)
        except Failed as failed:
            # Of what was to be asked with the new token, nothing has been.
            raise Busy(str(failed), retry_after=failed.retry_after) from None
        read_token_answer(answer)
        return _Answered(answer)


class _Answered(Response):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body


def read_token_answer(answer: Answer) -> Mapping[str, Any]:
    """Return what a token endpoint says: tokens, or with a status from 400 why there are none.

    Source: RFC 6749 sections 5.1 and 5.2.

    Raises:
        Busy: It fails, or what answers is no token endpoint.
    """
    if answer.status >= 500 or answer.status in _LATER:
        raise Busy(f"Google's sign-in fails ({answer.status})", retry_after=retry_after(answer))
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and _is_failure(found):
        raise Busy("Google's sign-in fails", retry_after=retry_after(answer))
    if isinstance(found, dict) and (_is_grant(found) if answer.status == 200 else _is_no(found)):
        return found
    raise Busy(f"{answer.place} does not answer as Google's sign-in does")


def _is_grant(found: Mapping[str, Any]) -> bool:
    lasts = found.get("expires_in", 0)
    refresh_token, scope = (found.get(name, "-") for name in ("refresh_token", "scope"))
    return (
        _is_text(found.get("access_token"))
        and str(lasts).isascii()
        and str(lasts).isdecimal()
        and int(lasts) < 10**9
        and _is_text(refresh_token)
        and isinstance(scope, str)
    )


def _is_no(found: Mapping[str, Any]) -> bool:
    return _is_text(found.get("error"))


def _is_failure(found: Mapping[str, Any]) -> bool:
    said = (found.get(name) for name in ("error", "error_description"))
    return any(isinstance(word, str) and word in _FAILURES for word in said)


def explain_refusal(word: str) -> ConnectorError:
    """Return what it means for the owner that Google gives no token.

    Args:
        word: The ``error`` of RFC 6749 section 5.2, or one of Google's own.

    Source: Google's "Using OAuth 2.0 to Access Google APIs", "Refresh token expiration", and
    "OAuth 2.0 for iOS & Desktop Apps", "Errors".
    """
    if word in ("invalid_client", "deleted_client", "unauthorized_client", "disabled_client"):
        return Misconfigured(
            "Google does not know this OAuth client any more: download client_file anew from "
            f"Google's console, and {SIGN_IN}"
        )
    if word in ("admin_policy_enforced", "org_internal", "access_denied"):
        return AccessDenied(
            "the administrators of this Google account do not let this OAuth client read it"
        )
    if word == "invalid_scope":
        return AccessDenied(f"Google no longer permits what the settings need; {SIGN_IN}")
    return AccessDenied(
        "Google has ended this sign-in: it was revoked, the password was changed, or nothing was "
        "read for six months; a consent screen left in testing ends every sign-in after 7 days "
        f"(publish it in Google's console); {SIGN_IN}"
    )


def _word_of(error: RefreshError) -> str:
    said = error.args[1] if len(error.args) > 1 else None
    # Without a word it is the library that says what Google said: to sign in again.
    return str(said.get("error")) if isinstance(said, dict) else "invalid_grant"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _read_instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _naive(at: datetime | None) -> datetime | None:
    """Return an instant as google-auth keeps it: in UTC, without saying so."""
    return at.replace(tzinfo=None) if at else None


def _listed(scopes: Iterable[str]) -> str:
    return ", ".join(sorted(scope.rpartition("/")[2] or scope for scope in scopes))
