"""``kithd digest --send`` and ``--preview``: what goes out, once a day, and what to type."""

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from daemon.cli.app import main
from daemon.house import open_kept
from tests.jobs.world import ANA, ME, days_ago
from tests.servers.smtp import Fault, Server, serve

WRITTEN = """From: {author}
To: {to}
Subject: The plan
Date: {date}
Message-ID: <{n}@example.org>

{text}
"""


@dataclass(frozen=True)
class Answer:
    out: str
    err: str
    code: int


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: Server) -> Path:
    """Settings, a Maildir in which a question waits, and a server that takes mail."""
    for folder, name, mail in (
        (".Sent", "1", written(1, ME.email, ANA.email, 30, "Hello")),
        ("", "2", written(2, ANA.email, ME.email, 6, "Could you send me the floor plan?")),
    ):
        for part in ("cur", "new", "tmp"):
            (tmp_path / "Mail" / folder / part).mkdir(parents=True)
        (tmp_path / "Mail" / folder / "cur" / f"{name}:2,S").write_text(mail)
    (tmp_path / "config.toml").write_text(
        f'''[owner]
addresses = ["{ME.email}"]
zone = "Europe/Warsaw"
[sources.mail]
kind = "maildir"
path = "Mail"
[delivery]
kind = "smtp"
host = "127.0.0.1"
port = {server.port}
security = "none"
'''
    )
    return tmp_path


def written(n: int, author: str, to: str, ago: float, text: str) -> str:
    date = days_ago(ago).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return WRITTEN.format(n=n, author=author, to=to, date=date, text=text)


def digest(home: Path, *words: str, at: str = "2026-03-02T07:00+00:00") -> Answer:
    out, err, code = io.StringIO(), io.StringIO(), 0
    given = ["--config", str(home / "config.toml"), "--keep", str(home / "kept"), "--at", at]
    before, sys.argv = sys.argv, ["kithd", "digest", *given, *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = before
    return Answer(out.getvalue(), err.getvalue(), code)


def mail(server: Server) -> EmailMessage:
    [raw] = server.taken
    parsed = message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_it_is_sent_once_and_the_preview_showed_it_as_it_is(home: Path, server: Server) -> None:
    shown = digest(home, "--preview")
    assert shown.code == 0, shown.err
    assert server.taken == []
    sent = digest(home, "--send")
    assert sent.code == 0, sent.err
    again = digest(home, "--send")
    assert "was sent before" in again.err
    message = mail(server)
    text = message.get_body(("plain",))
    assert text is not None
    head, _, body = shown.out.partition("\n\n")
    assert body.splitlines() == text.get_content().splitlines()
    assert f"Subject: {message['Subject']}" in head.splitlines()
    assert f"Reply-To: {ME.email}" in head.splitlines()
    assert "Reply with “done 1”" in body


def test_a_preview_writes_nothing(home: Path) -> None:
    digest(home, "--preview")
    assert not (home / "kept" / "past.db").exists()
    engine = open_kept(home / "kept")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM offers").scalar() == 0
    engine.dispose()


def test_printed_it_speaks_of_the_command_and_not_of_replies(home: Path) -> None:
    printed = digest(home)
    assert "kithd do" in printed.out
    assert "Reply with" not in printed.out


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (Fault.GREYLIST, 75, "put off the recipient (450 4.2.0)"),
        (Fault.NO_SUCH_USER, 69, "refused the recipient (550 5.1.1)"),
        (Fault.CUT_WHEN_TAKEN, 75, "lost when the mail had been handed over"),
    ],
)
def test_what_goes_wrong_is_told_with_what_to_type(
    home: Path, server: Server, fault: Fault, code: int, says: str
) -> None:
    server.fault = fault
    failed = digest(home, "--send")
    assert failed.code == code
    assert says in failed.err
    assert "Try: " in failed.err
    assert "Traceback" not in failed.err


def test_once_it_was_put_right_it_is_sent(home: Path, server: Server) -> None:
    server.fault = Fault.NO_SUCH_USER
    assert digest(home, "--send").code == 69
    server.fault = Fault.NONE
    assert digest(home, "--send").code == 0
    assert len(server.taken) == 1


def test_in_doubt_it_is_not_sent_again_however_often_that_is_typed(
    home: Path, server: Server
) -> None:
    server.fault, server.n_faults = Fault.CUT_WHEN_TAKEN, 1
    assert digest(home, "--send").code == 75
    for minutes in (1, 20, 40):
        again = digest(home, "--send", at=f"2026-03-02T07:{minutes:02}+00:00")
        assert again.code != 0
    assert "not known whether it was sent" in again.err
    assert "See whether it arrived" in again.err
    assert len(server.taken) == 1


def test_without_a_delivery_it_says_which_settings_are_missing(home: Path) -> None:
    settings = (home / "config.toml").read_text()
    (home / "config.toml").write_text(settings.partition("[delivery]")[0])
    failed = digest(home, "--send")
    assert failed.code == 78
    assert "[delivery]" in failed.err
    assert "kithd setup" in failed.err
