"""Google as another project imagines it: npm's ``emulate``, run on loopback, and a relay to it.

It has neither getProfile nor batches: the relay answers these by calls that it does have, and
passes on all others as they are.
"""

import json
import select
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.api import Call, Reply
from tests.servers.gmail_batch import read_batch, write_batch

PACKAGE = "emulate@0.11.2"
INSTALL_SECONDS, START_SECONDS = 30, 20

# It would listen to the whole network, and outlive a test that is killed.
_SCRIPT = """
import net from "node:net";
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port) {
  return listen.call(this, port, "127.0.0.1", () => console.log("ready"));
};
process.stdin.on("end", () => process.exit(0)).resume();
const { createEmulator } = await import("emulate");
const [port, seed] = process.argv.slice(2);
await createEmulator({ service: "google", port: Number(port), seed: JSON.parse(seed) });
"""


class NotHere(Exception):
    """There is no Node here, or no registry to get the package from."""


@dataclass
class Emulate:
    """The emulator; ``answer`` is the relay's."""

    port: int
    client_id: str = "kithd.apps.googleusercontent.example"
    client_secret: str = "canary"  # noqa: S105 -- of nobody
    address: str = "owner@example.org"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sign_in(self, scope: str) -> dict[str, Any]:
        """Sign in on its page, exchange the code, and return the tokens."""
        client = {"client_id": self.client_id, "redirect_uri": "http://127.0.0.1:1/"}
        chosen = {"email": self.address, "scope": scope, "state": "s", **client}
        page = self.ask("POST", "/o/oauth2/v2/auth/callback", form=chosen)
        code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
        grant = {"grant_type": "authorization_code", "code": code, **client}
        secret = {"client_secret": self.client_secret}
        tokens: dict[str, Any] = self.ask("POST", "/oauth2/token", form=grant | secret).json()
        return tokens

    def put(self, token: str, raw: str, *labels: str) -> str:
        """Insert a message, in base64; return its id."""
        body = json.dumps({"raw": raw, "labelIds": [*labels]}).encode()
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        reply = self.ask("POST", "/gmail/v1/users/me/messages", headers, body)
        return str(reply.json()["id"])

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        if call.path == "/batch/gmail/v1":
            return write_batch([(name, self.answer(part)) for name, part in read_batch(call)])
        if call.path.endswith("/profile"):
            return self._profile(call)
        target = f"{call.path}?{urlencode(call.query, doseq=True)}"
        return self.ask(call.method, target, call.headers, call.body)

    def _profile(self, call: Call) -> Reply:
        root = call.path.removesuffix("/profile")
        history = self.ask("GET", f"{root}/history?startHistoryId=1", call.headers).json()
        found = self.ask("GET", f"{root}/messages?maxResults=500", call.headers).json()
        return Reply.of(
            {
                "emailAddress": self.address,
                "messagesTotal": len(found["messages"]),
                "historyId": history["historyId"],
            }
        )

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        form: dict[str, str] | None = None,
    ) -> Reply:
        """Ask the emulator itself."""
        passed_on = ("authorization", "content-type")
        sent = {name: text for name, text in (headers or {}).items() if name in passed_on}
        if form is not None:
            body = urlencode(form).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request(method, target, body or None, sent)
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            kept = {n: v for n, v in named.items() if n in ("content-type", "location")}
            return Reply(response.status, response.read(), kept)
        finally:
            connection.close()


@contextmanager
def open_emulate(folder: Path) -> Iterator[Emulate]:
    """Install it in ``folder`` and run it as long as the context lasts.

    Raises:
        NotHere: It cannot be had.
    """
    node = _install(folder)
    emulate = Emulate(_free_port())
    (folder / "run.mjs").write_text(_SCRIPT)
    with subprocess.Popen(
        [node, "run.mjs", str(emulate.port), json.dumps(_seed(emulate))],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            heard, _, _ = select.select([process.stdout], [], [], START_SECONDS)
            assert heard, "it does not start"
            assert process.stdout.readline() == "ready\n"
            yield emulate
        finally:
            process.terminate()


def _seed(emulate: Emulate) -> dict[str, Any]:
    client = {
        "client_id": emulate.client_id,
        "client_secret": emulate.client_secret,
        "redirect_uris": ["http://127.0.0.1:1/"],
    }
    return {"google": {"users": [{"email": emulate.address}], "oauth_clients": [client]}}


def _install(folder: Path) -> str:
    """Get the package into ``folder``; return the path of what runs it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        raise NotHere("neither node nor npm is on the path")
    options = "--no-audit --no-fund --ignore-scripts --fetch-retries=0".split()
    try:
        subprocess.run(
            [npm, "install", f"--prefix={folder}", f"--cache={folder}/cache", *options, PACKAGE],
            check=True,
            capture_output=True,
            timeout=INSTALL_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise NotHere(f"{PACKAGE} cannot be had from the registry") from None
    return node


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
