"""A sign-in at Microsoft, as msal asks for it.

Built from the shapes in these documents of Microsoft's:

- ``GET /{tenant}/v2.0/.well-known/openid-configuration``: "OpenID Connect on the Microsoft
  identity platform", "Fetch the OpenID configuration document".
- ``POST /{tenant}/oauth2/v2.0/devicecode``: "OAuth 2.0 device authorization grant", "Device
  authorization request" and "Device authorization response".
- ``POST /{tenant}/oauth2/v2.0/token`` with a device code: the same, "Authenticating the user",
  with its table of expected errors, and "Successful authentication response".
- ``POST /{tenant}/oauth2/v2.0/token`` with a refresh token: "OAuth 2.0 authorization code flow",
  "Refresh the access token" and "Error codes for token endpoint errors".
- ``client_info`` and the claims of the ID token: what msal-python's token cache reads of them.

It is stricter than Microsoft in one point: a refresh token works once. So whoever renews a
token twice is found out.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Any

from tests.servers.api import Call, Reply

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
OWNER = "owner@example.org"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_IDENTITY = frozenset({"openid", "profile", "email", "offline_access"})


class Owner(Enum):
    """What the owner does in front of the page."""

    GRANTS = "grants"
    DECLINES = "declines"
    STAYS_AWAY = "stays away"


@dataclass
class Grant:
    """What an access token permits."""

    scopes: frozenset[str]
    is_good: bool = True


@dataclass
class MicrosoftLogin:
    """The tokens given out so far, and what the owner is going to do.

    Attributes:
        tenant: The only one there is.
        owner: What the owner does once asked, after ``n_pending`` looks at it.
        consented: What was granted to the client before, and is in every token for ever.
        prefix: Written before each permission of an answer.
        expires_in: Seconds that access tokens are good for, as far as their holder is told.
        withdrawn: Whether the owner, or an administrator, has ended all sign-ins.
        url: Where it runs.
    """

    tenant: str = "common"
    owner: Owner = Owner.GRANTS
    username: str = OWNER
    consented: set[str] = field(default_factory=set)
    prefix: str = ""
    expires_in: int = 3600
    withdrawn: bool = False
    n_pending: int = 0
    url: str = ""
    access: dict[str, Grant] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    n_refreshed: int = 0
    before_refresh: Callable[[], None] = lambda: None
    _codes: dict[str, frozenset[str]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def expire(self) -> None:
        """End all access tokens, whatever their holders were told."""
        for grant in self.access.values():
            grant.is_good = False

    def grant_of(self, token: str) -> Grant | None:
        """Return what a token permits; None where it is not good."""
        grant = self.access.get(token)
        return grant if grant and grant.is_good and not self.withdrawn else None

    def answer(self, call: Call) -> Reply:
        """Answer one request."""
        tenant, _, rest = call.path.lstrip("/").partition("/")
        if tenant != self.tenant:
            return _error("invalid_tenant", "AADSTS90002: Tenant not found.")
        match call.method, rest:
            case "GET", "v2.0/.well-known/openid-configuration":
                return Reply.of(self._configuration())
            case "POST", "oauth2/v2.0/devicecode":
                return self._begin(call.form())
            case "POST", "oauth2/v2.0/token":
                return self._give(call.form())
        return Reply(404, b"<html>Nothing here</html>", {"Content-Type": "text/html"})

    def _configuration(self) -> dict[str, Any]:
        base = f"{self.url}/{self.tenant}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "issuer": f"{base}/v2.0",
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        }

    def _begin(self, form: dict[str, str]) -> Reply:
        if form["client_id"] != CLIENT_ID:
            return _error("unauthorized_client", "AADSTS700016: Application was not found.")
        code = f"device-code-{next(self._numbers)}"
        self._codes[code] = frozenset(form["scope"].split())
        return Reply.of(
            {
                "device_code": code,
                "user_code": "ABCD-EFGH",
                "verification_uri": f"{self.url}/device",
                "expires_in": 900,
                "interval": 5,
                "message": "To sign in, open the page and enter the code.",
            }
        )

    def _give(self, form: dict[str, str]) -> Reply:
        assert form["client_id"] == CLIENT_ID, form
        if form["grant_type"] == DEVICE_GRANT:
            return self._give_for_code(form["device_code"])
        assert form["grant_type"] == "refresh_token", form
        return self._renew(form)

    def _give_for_code(self, code: str) -> Reply:
        if self.owner is Owner.STAYS_AWAY or self.n_pending > 0:
            self.n_pending -= 1
            return _error("authorization_pending", "AADSTS70016: Authorization is pending.")
        if self.owner is Owner.DECLINES:
            return _error("authorization_declined", "The end user denied the request.")
        wanted = self._codes.pop(code, None)
        if wanted is None:
            return _error("bad_verification_code", "The code is not recognized.")
        return self._tokens(wanted)

    def _renew(self, form: dict[str, str]) -> Reply:
        self.before_refresh()
        if self.withdrawn or form["refresh_token"] not in self.refresh:
            return _error("invalid_grant", "AADSTS700082: The refresh token has expired.")
        self.refresh.remove(form["refresh_token"])
        self.n_refreshed += 1
        return self._tokens(frozenset(form["scope"].split()))

    def _tokens(self, wanted: frozenset[str]) -> Reply:
        """Give out tokens that hold all that was ever granted, as Microsoft's do."""
        self.consented |= wanted - _IDENTITY
        number = next(self._numbers)
        access, refresh = f"canary-access-{number}", f"canary-refresh-{number}"
        self.access[access] = Grant(frozenset(self.consented))
        self.refresh.add(refresh)
        shown = [*(f"{self.prefix}{one}" for one in sorted(self.consented)), "openid", "profile"]
        return Reply.of(
            {
                "token_type": "Bearer",
                "scope": " ".join([*shown, "email"]),
                "expires_in": self.expires_in,
                "ext_expires_in": self.expires_in,
                "access_token": access,
                "refresh_token": refresh,
                "id_token": self._id_token(),
                "client_info": _packed({"uid": "owner-id", "utid": "tenant-id"}),
            }
        )

    def _id_token(self) -> str:
        claims = {
            "iss": f"{self.url}/{self.tenant}/v2.0",
            "aud": CLIENT_ID,
            "sub": "owner-subject",
            "oid": "owner-id",
            "tid": "tenant-id",
            "preferred_username": self.username,
        }
        return f"{_packed({'alg': 'none'})}.{_packed(claims)}.canary-signature"


def _packed(value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _error(error: str, description: str) -> Reply:
    """Return an error, with the trace that Microsoft puts beside it."""
    return Reply.of(
        {
            "error": error,
            "error_description": f"{description} Trace ID: canary-trace",
            "error_codes": [int(one) for one in re.findall(r"AADSTS(\d+)", description)],
            "trace_id": "canary-trace",
            "correlation_id": "canary-correlation",
        },
        400,
    )
