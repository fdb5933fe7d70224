"""A Google sign-in of our own: the page that asks the owner, and the endpoint that gives tokens.

Requests and answers are as Google's "OAuth 2.0 for iOS & Desktop Apps" documents them (sections
"Send a request to Google's OAuth 2.0 server", "Exchange authorization code", "Refreshing an
access token"), the errors as its "Using OAuth 2.0 to Access Google APIs" and RFC 6749 do. Every
secret it gives out holds the word CANARY, so that a test can look for leaks.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.credentials.secrets import Secret
from connectors.pace import Clock
from tests.servers.api import Call, Reply, Served, running

CANARY = "canary"
CLIENT_ID = "1234567890-kithd.apps.googleusercontent.example"
CLIENT_SECRET = f"GOCSPX-{CANARY}"
AUTH_PATH, TOKEN_PATH = "/o/oauth2/v2/auth", "/token"
LASTS = 3599
"""Seconds for which an access token is good. Source: the answers in Google's documents."""

Decision = Callable[[frozenset[str]], frozenset[str] | None]
"""What the owner ticks of all that is asked for; None if they press Cancel."""


@dataclass
class Grant:
    """One sign-in: what it permits, and the refresh token that is good for it now."""

    scopes: frozenset[str]
    refresh_token: str
    is_revoked: bool = False


@dataclass
class Code:
    """What the page sends the browser back with; good for one exchange."""

    scopes: frozenset[str]
    redirect_uri: str
    challenge: str


@dataclass
class Accounts:
    """One account of one owner. ``clock`` decides when access tokens expire; without, never."""

    clock: Clock | None = None
    rotates: bool = False
    decision: Decision = lambda asked: asked
    url: str = ""
    n_refreshes: int = 0
    pages: list[dict[str, str]] = field(default_factory=list)
    _grants: list[Grant] = field(default_factory=list)
    _codes: dict[str, Code] = field(default_factory=dict)
    _access: dict[str, tuple[Grant, frozenset[str], float]] = field(default_factory=dict)
    _n_issued: int = 0
    _served: Served | None = None

    def is_valid(self, token: str) -> frozenset[str] | None:
        """Return what an access token permits, None if it is none, or no longer one."""
        grant, scopes, until = self._access.get(token, (None, frozenset[str](), 0.0))
        if grant is None or grant.is_revoked or self._now() >= until:
            return None
        return scopes

    def token(self, scopes: Iterable[str]) -> str:
        """Return an access token for a sign-in that happened unseen."""
        return str(self.sign_in(scopes)["access_token"])

    def sign_in(self, scopes: Iterable[str]) -> dict[str, Any]:
        """Return what the token endpoint would answer to a sign-in that happened unseen."""
        grant = Grant(frozenset(scopes), self._new("1//"))
        self._grants.append(grant)
        return self._issue(grant, grant.scopes) | {"refresh_token": grant.refresh_token}

    def expire_all(self) -> None:
        """End all access tokens, and no sign-in."""
        self._access.clear()

    def revoke_all(self) -> None:
        """End all sign-ins, as the owner can do on Google's page of third-party access."""
        for grant in self._grants:
            grant.is_revoked = True

    @property
    def served(self) -> Served:
        """Where it runs, to make it fail."""
        assert self._served is not None, "it runs nowhere"
        return self._served

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        match call.method, call.path:
            case "GET", path if path == AUTH_PATH:
                return self._ask_owner(call)
            case "POST", path if path == TOKEN_PATH:
                return self._give_tokens(call.form())
        return Reply(404, b"<html>Not found</html>", {"Content-Type": "text/html"})

    def _ask_owner(self, call: Call) -> Reply:
        """Let the owner decide, and lead the browser back to who asked."""
        asked = {name: call.one(name) for name in call.query}
        self.pages.append(asked)
        wrong = _mistakes(asked)
        if wrong:
            return Reply(400, f"Error 400: invalid_request: {wrong}".encode())
        granted = self.decision(frozenset(asked["scope"].split()))
        if granted is None:
            return _led_back(asked, error="access_denied")
        code = self._new("4/0")
        self._codes[code] = Code(granted, asked["redirect_uri"], asked["code_challenge"])
        return _led_back(asked, code=code, scope=" ".join(sorted(granted)))

    def _give_tokens(self, form: dict[str, str]) -> Reply:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _no("invalid_client", "The OAuth client was not found.", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchange(form)
            case "refresh_token":
                return self._refresh(form)
        return _no("unsupported_grant_type", "Invalid grant_type")

    def _exchange(self, form: dict[str, str]) -> Reply:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            return _no("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != code.redirect_uri:
            return _no("redirect_uri_mismatch", "Bad Request")
        if _challenge(form.get("code_verifier", "")) != code.challenge:
            return _no("invalid_grant", "Invalid code verifier.")
        return Reply.of(self.sign_in(code.scopes))

    def _refresh(self, form: dict[str, str]) -> Reply:
        self.n_refreshes += 1
        held = {grant.refresh_token: grant for grant in self._grants if not grant.is_revoked}
        grant = held.get(form.get("refresh_token", ""))
        if grant is None:
            return _no("invalid_grant", "Token has been expired or revoked.")
        wanted = frozenset(form.get("scope", "").split()) or grant.scopes
        if wanted - grant.scopes:
            return _no("invalid_scope", "Some requested scopes cannot be shown.")
        issued = self._issue(grant, wanted)
        if self.rotates:
            grant.refresh_token = issued["refresh_token"] = self._new("1//")
        return Reply.of(issued)

    def _issue(self, grant: Grant, scopes: frozenset[str]) -> dict[str, Any]:
        token = self._new("ya29.")
        self._access[token] = (grant, scopes, self._now() + LASTS)
        return {
            "access_token": token,
            "expires_in": LASTS,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }

    def _new(self, prefix: str) -> str:
        self._n_issued += 1
        return f"{prefix}{CANARY}-{self._n_issued}"

    def _now(self) -> float:
        return self.clock.now() if self.clock else 0.0


@contextmanager
def open_accounts(
    *, clock: Clock | None = None, rotates: bool = False, context: SSLContext | None = None
) -> Iterator[Accounts]:
    """Run a sign-in on loopback as long as the context lasts; ``context`` is for https."""
    accounts = Accounts(clock, rotates)
    with running(accounts, context=context) as served:
        accounts.url, accounts._served = served.url, served
        yield accounts


def client_file(folder: Path, accounts: Accounts, kind: str = "installed") -> Path:
    """Write the file of an OAuth client as Google's console gives it out; return where it is."""
    path = folder / "client_secret.json"
    client = {
        "client_id": CLIENT_ID,
        "project_id": "kithd-of-a-friend",
        "auth_uri": accounts.url + AUTH_PATH,
        "token_uri": accounts.url + TOKEN_PATH,
        "auth_provider_x509_cert_url": f"{accounts.url}/oauth2/v1/certs",
        "client_secret": CLIENT_SECRET,
        "redirect_uris": ["http://localhost"],
    }
    path.write_text(json.dumps({kind: client}))
    return path


def kept(
    folder: Path, accounts: Accounts, scopes: Iterable[str], *, is_fresh: bool = True
) -> tuple[Secret, Path]:
    """Sign in unseen, and return where the tokens are kept, and the OAuth client's file.

    Args:
        folder: Where both are put.
        accounts: Who gives the tokens out.
        scopes: What was granted.
        is_fresh: Whether there is an access token that is still good, as far as is written.
    """
    tokens = accounts.sign_in(scopes)
    path = folder / "google.tokens"
    now = datetime.now(UTC)
    written = {
        "service": "google",
        "client_id": CLIENT_ID,
        "scopes": sorted(set(scopes)),
        "refresh_token": tokens["refresh_token"],
        "access_token": tokens["access_token"],
        "expires_at": (now + timedelta(seconds=LASTS if is_fresh else -LASTS)).isoformat(),
    }
    path.write_text(json.dumps(written))
    path.chmod(0o600)
    return Secret(f"file:{path}"), client_file(folder, accounts)


def _mistakes(asked: dict[str, str]) -> str:
    """Return what Google would not take of a request to its page, or nothing."""
    wanted = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "access_type": "offline",
        "code_challenge_method": "S256",
    }
    wrong = [name for name, value in wanted.items() if asked.get(name) != value]
    back = urlsplit(asked.get("redirect_uri", ""))
    if back.scheme != "http" or back.hostname != "127.0.0.1":
        wrong.append("redirect_uri")
    missing = [name for name in ("scope", "code_challenge", "state") if not asked.get(name)]
    return ", ".join(wrong + missing)


def _led_back(asked: dict[str, str], **said: str) -> Reply:
    query = urlencode({"state": asked["state"], **said})
    return Reply(302, b"", {"Location": f"{asked['redirect_uri']}?{query}"})


def _no(word: str, description: str, status: int = 400) -> Reply:
    return Reply.of({"error": word, "error_description": description}, status)


def _challenge(verifier: str) -> str:
    """Return what a verifier was announced by. Source: RFC 7636 section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
