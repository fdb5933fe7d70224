"""``kithd sign-in`` at services that ask as Google and Microsoft do, and what follows from it."""

import io
import json
import re
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import AccessDenied
from connectors.pace import Waiting
from daemon.cli.app import main
from daemon.config.sign_in import complete
from daemon.house import open_kept
from daemon.store import outbox
from daemon.store.database import writing
from tests.servers.gmail import Gmail, open_gmail
from tests.servers.google_accounts import Accounts, client_file, open_accounts
from tests.servers.google_api import Hours
from tests.servers.microsoft import Account, account
from tests.servers.web import Authority

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALIAS = "m.stein@example.net"
LETTER = """From: Buchhaltung <{by}>\r
To: {to}\r
Subject: The floor plan\r
Message-ID: <{n}@example.net>\r
Date: Mon, 16 Nov 2026 09:00:00 +0000\r
\r
Here it is.\r
"""


@dataclass(frozen=True)
class Answer:
    out: str
    err: str
    code: int


@dataclass
class Elsewhere:
    """The owner's hands: what they paste is where a browser elsewhere was led to."""

    told: io.StringIO
    trusts: Path

    def readline(self) -> str:
        page = re.findall(r"^  (https?://\S+)$", self.told.getvalue(), re.MULTILINE)[-1]
        return f"{follow(page, self.trusts)}\n"


class Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: object) -> None:
        return None


def follow(page: str, trusts: Path) -> str:
    """Open Google's page, agree, and return the address that one is led to."""
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=trusts))
    try:
        urllib.request.build_opener(Staying, secure).open(page)
    except urllib.error.HTTPError as led:
        led.close()
        return str(led.headers["Location"])
    raise AssertionError("the page leads nowhere")


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Answer:
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = ["kithd", *words, "--config", str(folder / "config.toml")]
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "stdin", Elsewhere(err, folder / "authority.pem"))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    return Answer(out.getvalue(), err.getvalue(), code)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    # Microsoft asks that it be asked every five seconds, which nobody here needs.
    monkeypatch.setattr(Waiting, "sleep", lambda *_: None)


@pytest.fixture
def google(tmp_path: Path) -> Iterator[tuple[Accounts, Gmail]]:
    """An account at Google with an alias, and settings that name it."""
    clock, authority = Hours(), Authority(tmp_path)
    with (
        open_accounts(clock=clock, context=authority.context("localhost")) as accounts,
        open_gmail(accounts, clock) as (gmail, served),
    ):
        client = client_file(tmp_path, accounts)
        client.chmod(0o600)
        alias = {"sendAsEmail": ALIAS, "verificationStatus": "accepted"}
        gmail.mailbox.aliases.append(alias)
        (tmp_path / "config.toml").write_text(
            f'[owner]\naddresses = ["{gmail.mailbox.address}"]\n'
            f'[sources.gmail]\nkind = "gmail"\nclient_file = "{client}"\n'
            f'secret = "file:gmail.tokens"\nurl = "{served.url}/"\nallow_private = true\n'
            f'ca_file = "{authority.file}"\n'
        )
        yield accounts, gmail


def test_an_owner_whose_browser_is_elsewhere_signs_in_at_google(
    google: tuple[Accounts, Gmail], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts, gmail = google
    for n, (by, to) in enumerate([(ALIAS, "ana@example.com"), ("ana@example.com", ALIAS)]):
        raw = LETTER.format(by=by, to=to, n=n).encode()
        gmail.mailbox.deliver(raw, "SENT" if by == ALIAS else "INBOX", at=NOON)
    before = run(tmp_path, monkeypatch, "poll")
    assert "gmail: nobody has signed in yet; type: kithd sign-in gmail" in before.err
    answer = run(tmp_path, monkeypatch, "sign-in", "gmail", "--remote")
    assert answer.code == 0, answer.err
    assert "read your mail (https://www.googleapis.com/auth/gmail.readonly)" in answer.err
    assert "Next: kithd poll gmail" in answer.out
    assert [page["scope"] for page in accounts.pages] == [
        "https://www.googleapis.com/auth/gmail.readonly"
    ]
    assert (tmp_path / "gmail.tokens").stat().st_mode & 0o777 == 0o600
    assert run(tmp_path, monkeypatch, "check", "--connect").code == 0
    assert run(tmp_path, monkeypatch, "poll").out == "2 new\n"
    status = run(tmp_path, monkeypatch, "status")
    assert f"{ALIAS} (from your account at gmail)" in status.out
    [tie] = json.loads(run(tmp_path, monkeypatch, "ties", "--json").out)["ties"]
    assert tie["addresses"] == ["ana@example.com"]


def test_an_owner_who_says_no_at_google_is_told_so_and_nothing_is_kept(
    google: tuple[Accounts, Gmail], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts, _ = google
    accounts.decision = lambda _: None
    answer = run(tmp_path, monkeypatch, "sign-in")
    assert answer.code == 77
    assert "Try: kithd sign-in gmail" in answer.err
    assert "type: kithd" not in answer.err
    assert not (tmp_path / "gmail.tokens").exists()


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Account]:
    """An account at Microsoft, and settings that name it twice: to read, and to send."""
    authority = Authority(tmp_path)
    with account(tmp_path, authority, authority.context("localhost")) as opened:
        at = opened.settings()
        said = (
            f'kind = "graph"\nclient_id = "{at.client_id}"\ntenant = "{at.tenant}"\n'
            f'url = "{at.url}"\nca_file = "{at.ca_file}"\nallow_private = true\n'
        )
        (tmp_path / "config.toml").write_text(
            f'[owner]\naddresses = ["{opened.login.username}"]\n'
            f'[sources.work]\nsecret = "file:work.tokens"\n{said}'
            f'[delivery]\nsecret = "file:sending.tokens"\n{said}'
        )
        yield opened


def test_an_owner_signs_in_at_microsoft_to_read_and_to_send(
    work: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run(tmp_path, monkeypatch, "sign-in")
    assert answer.code == 0, answer.err
    assert "Type this code there: ABCD-EFGH" in answer.err
    assert answer.out.count(f"as {work.login.username}.") == 2
    checked = run(tmp_path, monkeypatch, "check", "--connect")
    assert checked.code == 0, checked.out
    work.login.withdrawn = True
    work.login.expire()
    assert run(tmp_path, monkeypatch, "poll").err.rstrip().endswith("type: kithd sign-in work")


def test_a_delivery_whose_sign_in_was_taken_back_is_signed_in_for_until_a_mail_is_sent(
    work: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, monkeypatch, "sign-in")
    engine = open_kept(tmp_path / "state")
    refused = AccessDenied("the access was taken back; type: kithd sign-in")
    for day, name in enumerate(("<1@example.org>", "<2@example.org>")):
        mail = outbox.Outgoing(name, b"", on=NOON.date() + timedelta(days=day), state="claimed")
        with writing(engine) as tx:
            outbox.put(tx, mail, at=NOON)
    problem = complete(str(refused), "delivery")
    outbox.give_up(engine, "<1@example.org>", problem=problem, at=NOON)
    answer = run(tmp_path, monkeypatch, "sign-in")
    assert [line for line in answer.out.splitlines() if "Signed in" in line] == [
        f"Signed in for delivery as {work.login.username}."
    ]
    outbox.move(engine, "<2@example.org>", before="claimed", after="sent", at=NOON + HOUR)
    engine.dispose()
    again = run(tmp_path, monkeypatch, "sign-in")
    assert "You are signed in already: work, delivery." in again.out
