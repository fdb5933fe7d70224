"""A service of Google's with the two calls that the client's tests need, and batches of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from connectors.google.client import Client
from connectors.google.settings import GoogleSettings
from connectors.pace import Budget
from tests.servers.api import Call, Reply, Served, running
from tests.servers.google_accounts import Accounts, kept
from tests.servers.google_api import error

SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
SEND = "https://www.googleapis.com/auth/gmail.send"
ROOT = "/gmail/v1/users/me/messages"


@dataclass
class Hands:
    """A clock that is put forward by whoever sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


Trouble = Callable[[Call], Reply | None]


def always(reply: Reply) -> Trouble:
    """Return a trouble that no call escapes."""
    return lambda _: reply


@dataclass
class Letters:
    """Gives out letters by any name, and takes some to be sent, one by one or in batches."""

    accounts: Accounts
    clock: Hands
    text: str = "Dear Ada"
    trouble: Trouble = lambda _: None
    n_sent: int = 0
    asked_at: list[tuple[float, str]] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        """Answer one request; see ``tests.servers.api.Service``."""
        if call.path == "/batch":
            return self._answer_all(call)
        return self.answer_one(call)

    def answer_one(self, call: Call) -> Reply:
        name = call.path.rpartition("/")[2]
        if self.accounts.is_valid(call.token) is None:
            return error(401, "authError", "UNAUTHENTICATED", "Invalid Credentials")
        self.asked_at.append((self.clock.now(), name))
        wrong = self.trouble(call)
        if wrong is not None:
            return wrong
        if call.method == "POST" and name == "send":
            self.n_sent += 1
        return Reply.of({"id": name, "snippet": self.text})

    def _answer_all(self, call: Call) -> Reply:
        """Answer a batch. Source: "Batching requests" of the Gmail API guides."""
        if self.accounts.is_valid(call.token) is None:
            return error(401, "authError", "UNAUTHENTICATED", "Invalid Credentials")
        head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + call.body, policy=policy.compat32).get_payload()
        assert isinstance(parts, list)
        self.batches.append([])
        answers = [self._answer_part(part, call) for part in parts]
        body = "".join(f"--here\r\n{answer}\r\n" for answer in answers) + "--here--\r\n"
        return Reply(200, body.encode(), {"Content-Type": "multipart/mixed; boundary=here"})

    def _answer_part(self, part: Any, batch: Call) -> str:
        line, _, rest = part.get_payload().partition("\n")
        method, target, _ = line.split(" ", 2)
        headers = dict(message_from_bytes(rest.encode()).items())
        # The batch's own fields count for its parts, unless they have their own.
        call = Call.of(method, target, {**batch.headers, **headers}, b"")
        self.batches[-1].append(call.path.rpartition("/")[2])
        reply = self.answer_one(call)
        fields = {"Content-Type": "application/json; charset=UTF-8", **reply.headers}
        named = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        identity = part["Content-ID"].replace("<", "<response-", 1)
        return (
            f"Content-Type: application/http\r\nContent-ID: {identity}\r\n\r\n"
            f"HTTP/1.1 {reply.status} said\r\n{named}\r\n{reply.body.decode()}"
        )


@dataclass
class Bench:
    """A signed-in account, the service that knows it, and clients of it."""

    folder: Path
    accounts: Accounts
    service: Letters
    served: Served
    settings: GoogleSettings
    permissions: tuple[str, ...] = (SCOPE,)
    clients: list[Client] = field(default_factory=list)

    @property
    def clock(self) -> Hands:
        return self.service.clock

    @property
    def tokens(self) -> Path:
        return self.folder / "google.tokens"

    def open(self, *, budget: Budget | None = None, **more: Any) -> Client:
        """Return a client, which is closed at the end of the test."""
        given = {"url": self.served.url, "batch_url": f"{self.served.url}/batch", **more}
        client = Client(
            self.settings,
            permissions=self.permissions,
            api="gmail",
            version="v1",
            budget=budget,
            **given,
        )
        self.clients.append(client)
        return client

    def sign_in(self, *scopes: str, is_fresh: bool = True) -> None:
        """Keep a new sign-in in place of the one that is kept."""
        kept(self.folder, self.accounts, scopes, is_fresh=is_fresh)


@contextmanager
def bench_in(folder: Path, accounts: Accounts) -> Iterator[Bench]:
    """Return a bench whose files lie in ``folder``."""
    clock = Hands()
    secret, client_file = kept(folder, accounts, (SCOPE,))
    settings = GoogleSettings(
        secret=secret, client_file=client_file, allow_private=True, clock=clock
    )
    with running(Letters(accounts, clock)) as served:
        assert isinstance(served.service, Letters)
        bench = Bench(folder, accounts, served.service, served, settings)
        try:
            yield bench
        finally:
            for client in bench.clients:
                client.close()


def ask_for(client: Client, name: str = "a") -> Any:
    """Return the library's request for one letter."""
    return client.api.users().messages().get(userId="me", id=name)


def ask_to_send(client: Client) -> Any:
    """Return the library's request to send a letter."""
    return client.api.users().messages().send(userId="me", body={"raw": "aGVsbG8="})
