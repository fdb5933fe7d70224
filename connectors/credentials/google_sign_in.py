"""The owner's yes on Google's page -> tokens that are kept.

Source: Google's "OAuth 2.0 for iOS & Desktop Apps"; RFC 8252 section 7.3 for the loopback
address, RFC 7636 for the proof that whoever brings the code is who asked for it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from google_auth_oauthlib.flow import Flow

from connectors.credentials.google import (
    SIGN_IN,
    SignIn,
    check_granted,
    explain_refusal,
    read_token_answer,
)
from connectors.credentials.google_client_file import OAuthClient
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, Misconfigured, Unavailable
from connectors.google.settings import GoogleSettings
from connectors.google.transport import ask_web, open_web
from connectors.pace import Busy
from connectors.protocol import Desk
from connectors.web_address import WebAddress

SIGN_IN_SECONDS = 600.0
"""How long the owner may take on Google's page."""
N_PASTES = 3
"""How often something else than the address may be pasted."""
NOWHERE = "http://127.0.0.1:2/"
"""Where the browser of an owner who sits elsewhere is led to: nothing answers there.

Source: RFC 6335 section 6: port 2 is a system port, so no program of a user's listens on it; it
was given to a service of 1990 that nobody runs. Fetch standard, "Port blocking": browsers do not
open ports such as 1, but do open this one, and so show the address that is to be copied.
"""
IDLE_SECONDS = 10.0
"""For a connection that says nothing: browsers open some in advance."""

_code = re.compile(r"[\w./~%-]{8,1024}", re.ASCII)
_word = re.compile(r"[a-z_]{1,40}")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Google's page sent the browser back with. Printing it shows nothing."""

    code: str = field(default="", repr=False)
    error: str = ""
    state: str = field(default="", repr=False)

    @classmethod
    def read(cls, query: str) -> "_Answer":
        fields = parse_qs(query.partition("#")[0][:8192])
        code, error, state = (fields.get(name, [""])[0] for name in ("code", "error", "state"))
        return cls(code, error, state)

    @property
    def says_something(self) -> bool:
        return bool(self.code or self.error)


def sign_in(
    settings: GoogleSettings,
    permissions: tuple[str, ...],
    desk: Desk,
    *,
    seconds: float = SIGN_IN_SECONDS,
) -> str:
    """Let the owner sign in at Google, keep the tokens, and return what is known of who did.

    Nothing is asked for besides ``permissions``, not even the account's address: the page
    proposes ``settings.user``, and the owner may choose another account there.

    Args:
        settings: Whose account it is, and where the tokens are kept.
        permissions: What is asked for, and must be granted, no more and no less.
        desk: Where the owner is told which page to open.
        seconds: For which the answer of a browser on this machine is waited for, in real time.

    Raises:
        AccessDenied: The owner said no; or more, or less, was granted.
        Unavailable: Nobody came back from the page, or Google cannot be reached.
        Misconfigured: The client's file cannot be used, or the tokens cannot be kept.
    """
    client = OAuthClient.read(settings.client_file, allow_private=settings.allow_private)
    tokens = Tokens(settings.secret)
    if not tokens.can_be_written:
        raise Misconfigured("tokens are kept in a file: or a keyring:; write secret so")
    if not WebAddress.parse(client.auth_uri).is_secure:
        raise Misconfigured(f"the page that {settings.client_file} names is opened by https only")
    if desk.is_remote:
        page = _Page.of(client, permissions, NOWHERE, settings.user)
        answer = _ask_for_paste(page, desk)
    else:
        with _receiving() as receiver:
            page = _Page.of(client, permissions, receiver.url, settings.user)
            receiver.state = page.state
            desk.show(page.url)
            answer = receiver.wait(seconds)
    signed_in = _exchange(settings, client, page, answer, permissions)
    with tokens.turn():
        signed_in.write(tokens)
    chosen = "the account that was chosen on Google's page"
    return f"{chosen} (Google was asked for {settings.user})" if settings.user else chosen


@dataclass(frozen=True, slots=True)
class _Page:
    """Google's page, as it is asked for once: its address, and what proves who asked."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str

    @classmethod
    def of(
        cls, client: OAuthClient, permissions: tuple[str, ...], redirect_uri: str, user: str
    ) -> "_Page":
        installed = {
            "client_id": client.client_id,
            "auth_uri": client.auth_uri,
            "token_uri": client.token_uri,
        }
        flow = Flow.from_client_config(
            {"installed": installed}, scopes=list(permissions), redirect_uri=redirect_uri
        )
        hint = {"login_hint": user} if user else {}
        # Without "consent" Google gives no refresh token to whom it gave one before.
        url, state = flow.authorization_url(access_type="offline", prompt="consent", **hint)
        flow.oauth2session.close()
        return cls(url, state, flow.code_verifier, redirect_uri)

    def is_answered_by(self, answer: _Answer) -> bool:
        """Return whether it was this page that the browser came back from."""
        return answer.says_something and compare_digest(answer.state.encode(), self.state.encode())


def _ask_for_paste(page: _Page, desk: Desk) -> _Answer:
    for _ in range(N_PASTES):
        desk.show(page.url)
        pasted = desk.read_line().strip()
        answer = _Answer.read(pasted.partition("?")[2])
        if page.is_answered_by(answer):
            return answer
        if _code.fullmatch(pasted) and "://" not in pasted:
            return _Answer(code=unquote(pasted))
    raise AccessDenied(
        "what was pasted is not the address that the browser was led to from this page: copy "
        f"the whole of it, it begins with {NOWHERE}; {SIGN_IN}"
    )


def _exchange(
    settings: GoogleSettings,
    client: OAuthClient,
    page: _Page,
    answer: _Answer,
    permissions: tuple[str, ...],
) -> SignIn:
    """Return what the code that the page gave is good for.

    Not by the library: it takes proxies and passwords from the environment, trusts other
    certificates than ``ca_file`` says, and puts the tokens into a warning where the owner has
    not ticked every box.
    """
    if not answer.code:
        raise _refuse(answer.error)
    found = _ask(settings, client, page, answer.code)
    if found.get("error") == "invalid_grant":
        raise AccessDenied(f"Google does not take this code: it was used, or is too old; {SIGN_IN}")
    if "error" in found:
        raise explain_refusal(found["error"])
    check_granted(str(found.get("scope") or " ".join(permissions)).split(), permissions)
    if "refresh_token" not in found:
        raise AccessDenied(f"Google gave a sign-in for one hour only; {SIGN_IN}")
    return SignIn(
        client_id=client.client_id,
        scopes=frozenset(permissions),
        refresh_token=found["refresh_token"],
        access_token=found["access_token"],
        expires_at=datetime.now(UTC) + timedelta(seconds=int(found.get("expires_in", 0))),
    )


def _ask(
    settings: GoogleSettings, client: OAuthClient, page: _Page, code: str
) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code": code,
        "code_verifier": page.verifier,
        "redirect_uri": page.redirect_uri,
    }
    web = open_web(settings)
    try:
        sent = urlencode(form).encode()
        return read_token_answer(
            ask_web(web, "POST", client.token_uri, {"content-type": _FORM}, sent)
        )
    except Busy as busy:
        reason = str(busy)
    finally:
        web.close()
    raise Unavailable(f"{reason}; {SIGN_IN}")


def _refuse(word: str) -> AccessDenied:
    if word == "access_denied":
        return AccessDenied(f"you did not let kithd in on Google's page; {SIGN_IN}")
    shown = word if _word.fullmatch(word) else "no"
    return AccessDenied(f"Google's page says {shown} instead of letting kithd in; {SIGN_IN}")


@dataclass
class _Receiver:
    """Waits on this machine for the browser that comes back from Google's page."""

    url: str
    state: str = field(default="", repr=False)
    _answers: Queue[_Answer] = field(default_factory=Queue, repr=False)

    def take(self, query: str) -> bool:
        """Take what a browser brings; return whether it is what is waited for."""
        answer = _Answer.read(query)
        if not (self.state and answer.says_something):
            return False
        if not compare_digest(answer.state.encode(), self.state.encode()):
            return False
        self._answers.put(answer)
        return True

    def wait(self, seconds: float) -> _Answer:
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            reason = f"nobody came back from Google's page within {seconds / 60:g} minutes"
        raise Unavailable(f"{reason}; {SIGN_IN}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    receiver: _Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: browsers hang up as they like."""


class _Visit(BaseHTTPRequestHandler):
    timeout = IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Answer a browser, which asks for pictures and more besides."""
        parts = urlsplit(self.path)
        if parts.path != "/" or not self.server.receiver.take(parts.query):
            return self._say(404, "There is nothing here.\n")
        return self._say(200, "kithd has your answer. You can close this tab.\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the address holds the code."""

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def _receiving() -> Iterator[_Receiver]:
    """Listen on a free port of this machine alone, as long as the context lasts."""
    try:
        server = _Server(("127.0.0.1", 0), _Visit)
    except OSError as problem:
        raise Unavailable(f"no port can be opened here ({problem.strerror})") from None
    server.receiver = _Receiver(f"http://127.0.0.1:{server.server_port}/")
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
