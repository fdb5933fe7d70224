"""The whole of setup: a real mail server, a file of answers or somebody at a terminal."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import dovecot
from tests.setup.terminal import terminal

USER = "robin@example.org"
SECONDS_AT_MOST = 120
"""Source: what setup promises: from an address to settings that work in under two minutes."""


@pytest.fixture(scope="module")
def server() -> Iterator[dovecot.Dovecot]:
    with dovecot.running() as here:
        yield here


@pytest.fixture
def user(server: dovecot.Dovecot) -> str:
    """Somebody whose Sent folder shows a second address."""
    name = server.new_user()
    client = server.signed_in(name)
    for number in range(12):
        author = "robin@example.net" if number % 2 else name
        client.append("Sent", "", "", letter(number, author).encode())
    client.logout()
    return name


def letter(number: int, author: str) -> str:
    return (
        f"From: Robin Maier <{author}>\r\nTo: Ana Lind <ana@example.com>\r\n"
        f"Subject: Tiles {number}\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: Mon, {number + 1:02d} Sep 2025 10:00:00 +0000\r\n\r\nHere they are.\r\n"
    )


def environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "Europe/Berlin", "LANG": "C.UTF-8"}


def setup(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "daemon", "setup", *words],
        cwd=home,
        env=environment(home) | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write_answers(home: Path, server: dovecot.Dovecot, user: str, *more: str) -> Path:
    password = home / "password.txt"
    password.write_text(dovecot.PASSWORD + "\n")
    password.chmod(0o600)
    file = home / "answers.toml"
    lines = [
        f'addresses = ["{user}"]',
        'name = "Robin Maier"',
        'mail_host = "localhost"',
        f"mail_port = {server.tls_port}",
        f'ca_file = "{server.ca_file}"',
        'password_file = "password.txt"',
        'calendar = ""',
        'contacts = ""',
        'deliver = "none"',
        *more,
    ]
    file.write_text("\n".join(lines))
    return file


def test_a_file_of_answers_is_enough(server: dovecot.Dovecot, user: str, tmp_path: Path) -> None:
    began = time.monotonic()
    done = setup(tmp_path, "--answers", str(write_answers(tmp_path, server, user)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < SECONDS_AT_MOST
    folder = tmp_path / ".config" / "kithd"
    assert 'zone = "Europe/Berlin"' in (folder / "config.toml").read_text()
    assert (folder / "mail.secret").read_text().strip() == dovecot.PASSWORD
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"kithd": 0o700, "config.toml": 0o600, "mail.secret": 0o600}
    assert "robin@example.net" in done.stdout
    assert "kithd digest --preview" in done.stdout
    assert dovecot.PASSWORD not in done.stdout + done.stderr + (folder / "config.toml").read_text()


def test_settings_that_are_there_are_not_lost(
    server: dovecot.Dovecot, user: str, tmp_path: Path
) -> None:
    file = write_answers(tmp_path, server, user)
    place = tmp_path / "mine.toml"
    place.write_text("mine")
    words = ("--answers", str(file), "--config", str(place), "--no-backfill")
    refused = setup(tmp_path, *words)
    assert refused.returncode == 78
    assert place.read_text() == "mine"
    replaced = setup(tmp_path, *words, "--force")
    assert replaced.returncode == 0, replaced.stderr
    assert (tmp_path / "mine.toml.old").read_text() == "mine"
    assert not (tmp_path / ".local").exists()


def test_a_credential_is_tried_but_not_kept(
    server: dovecot.Dovecot, user: str, tmp_path: Path
) -> None:
    file = write_answers(tmp_path, server, user, 'keep = "credential"')
    place = tmp_path / "etc" / "config.toml"
    done = setup(tmp_path, "--answers", str(file), "--config", str(place))
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'secret = "credential:kithd-mail"' in place.read_text()
    assert "systemd-creds encrypt --name=kithd-mail" in done.stdout
    assert [path.name for path in place.parent.iterdir()] == ["config.toml"]


def test_a_refused_password_ends_with_what_to_do(
    server: dovecot.Dovecot, user: str, tmp_path: Path
) -> None:
    file = write_answers(tmp_path, server, user)
    (tmp_path / "password.txt").write_text("wrong-canary")
    done = setup(tmp_path, "--answers", str(file))
    assert done.returncode == 77
    assert "kithd check --connect" in done.stdout
    assert "wrong-canary" not in done.stdout + done.stderr


def test_without_a_terminal_it_says_how_to_go_on(tmp_path: Path) -> None:
    done = setup(tmp_path)
    assert done.returncode == 64
    assert "--answers" in done.stderr
    assert not (tmp_path / ".config").exists()


def test_somebody_at_a_terminal_is_done_in_two_minutes(
    server: dovecot.Dovecot, user: str, tmp_path: Path
) -> None:
    # Whoever runs a server of their own has made its authority known to the machine.
    trusting = {"SSL_CERT_FILE": str(server.ca_file)}
    words = [sys.executable, "-m", "daemon", "setup"]
    began = time.monotonic()
    known = environment(tmp_path) | trusting | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with terminal(words, environment=known, folder=tmp_path) as screen:
        screen.answer("Your e-mail address", "robin")
        screen.expect("is not an e-mail address")
        screen.answer("Your e-mail address", user)
        screen.answer("Your name", "Robin Maier")
        screen.answer("Your time zone [Europe/Berlin]", "")
        screen.answer("your digest come", "early")
        screen.answer("your digest come", "6:30")
        screen.answer("kind of account is it [imap]", "")
        screen.answer("reads from (IMAP)", "localhost")
        screen.answer("protected [tls]", "")
        screen.answer("port [993]", str(server.tls_port))
        screen.answer("sign in with", "")
        screen.answer_hidden("The password", "not this one")
        screen.answer("keep it [file]", "1")
        screen.answer("may kithd look [text]", "")
        screen.answer("newsletters", "y")
        screen.answer("Your calendar", "")
        screen.answer("Your address book", "")
        screen.answer("Feeds", "")
        screen.answer("reach you [mail]", "none")
        screen.expect("That password was refused")
        screen.answer_hidden("The password", dovecot.PASSWORD)
        screen.expect("What to type next")
        assert screen.end() == 0
        shown = screen.shown
    assert time.monotonic() - began < SECONDS_AT_MOST
    assert dovecot.PASSWORD not in shown
    assert "robin@example.net" in shown
    text = (tmp_path / ".config" / "kithd" / "config.toml").read_text()
    assert 'digest_hour = "06:30"' in text
    assert "newsletters = true" in text


def test_ctrl_c_before_the_last_question_writes_nothing(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "daemon", "setup"]
    known = environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with terminal(words, environment=known, folder=tmp_path) as screen:
        screen.answer("Your e-mail address", USER)
        screen.expect("Your name")
        screen.interrupt()
        assert screen.end() == 75
    assert not (tmp_path / ".config").exists()


def test_ctrl_c_while_reading_keeps_what_was_read(
    server: dovecot.Dovecot, user: str, tmp_path: Path
) -> None:
    folder = server.maildir(user) / ".Sent" / "cur"
    for number in range(100, 1700):
        text = letter(number % 28, user).replace(f"<{number % 28}@", f"<{number}@")
        (folder / f"{number}.example:2,S").write_bytes(text.encode())
    server.adopt(user)
    file = write_answers(tmp_path, server, user)
    words = [sys.executable, "-m", "daemon", "setup", "--answers", str(file)]
    known = environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with terminal(words, environment=known, folder=tmp_path) as screen:
        screen.expect("Ctrl-C stops it")
        screen.expect("500/")
        screen.interrupt()
        screen.expect("Stopped. kithd run goes on from here.")
        assert screen.end() == 0
    kept = sqlite3.connect(tmp_path / ".local" / "state" / "kithd" / "kithd.db")
    with closing(kept):
        n_kept = kept.execute("SELECT count(*) FROM observations").fetchone()[0]
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert 0 < n_kept < 1600
