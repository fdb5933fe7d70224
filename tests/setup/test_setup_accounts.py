"""Setup of accounts not reached by IMAP, typed or from a file, up to settings that load."""

import json
import sys
from pathlib import Path

import pytest

from daemon.config.load import load
from daemon.config.model import Settings
from tests.setup.terminal import Terminal, terminal
from tests.setup.test_setup import environment, setup

ID = "11111111-2222-3333-4444-555555555555"
CLIENT = {
    "installed": {
        "client_id": "1-a.apps.example.com",
        "client_secret": "canary",
        "auth_uri": "https://accounts.example.com/o/oauth2/auth",
        "token_uri": "https://oauth2.example.com/token",
    }
}


def written(home: Path) -> Settings:
    return load(home / ".config" / "kithd" / "config.toml")


def write_client(home: Path) -> Path:
    file = home / "client_secret_1.json"
    file.write_text(json.dumps(CLIENT, indent=2))
    return file


def begin(screen: Terminal, account: str) -> None:
    """Answer the questions before those of the account; nothing is known of example.org."""
    screen.answer("Your e-mail address", "robin@example.org")
    screen.answer("Your name", "Robin Maier")
    screen.answer("Your time zone", "")
    screen.answer("your digest come", "")
    screen.answer("What kind of account is it [imap]", account)


def finish(screen: Terminal, parts: str = "") -> None:
    screen.answer("may kithd look [text]", "")
    screen.answer("newsletters", "n")
    screen.answer("read there", parts)
    screen.answer("Feeds", "")
    screen.answer("reach you [mail]", "")


def at_terminal(home: Path) -> tuple[list[str], dict[str, str]]:
    root = str(Path(__file__).parents[2])
    words = [sys.executable, "-m", "daemon", "setup"]
    return words, environment(home) | {"PYTHONPATH": root}


def test_google_is_set_up_at_a_terminal_and_its_page_is_offered(tmp_path: Path) -> None:
    words, known = at_terminal(tmp_path)
    with terminal(words, environment=known, folder=tmp_path) as screen:
        begin(screen, "google")
        screen.answer("Google let you download", "elsewhere.json")
        screen.expect("No such file")
        screen.answer("Google let you download", str(write_client(tmp_path)))
        finish(screen, "mail, calendar")
        screen.answer("Sign in now", "y")
        screen.expect("Signing in for gmail")
        screen.expect("https://accounts.example.com/o/oauth2/auth")
        screen.interrupt()
        assert screen.end() == 75
    settings = written(tmp_path)
    assert list(settings.sources) == ["gmail", "calendar"]
    assert settings.delivery.kind == "gmail"
    kept = settings.sources["gmail"].client_file
    assert kept is not None
    assert json.loads(kept.read_text()) == CLIENT
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "canary" not in screen.shown


def test_microsoft_is_set_up_at_a_terminal_and_may_wait(tmp_path: Path) -> None:
    words, known = at_terminal(tmp_path)
    with terminal(words, environment=known, folder=tmp_path) as screen:
        begin(screen, "microsoft")
        screen.answer("application (client) ID", "kithd")
        screen.expect("looks like 11111111")
        screen.answer("application (client) ID", ID)
        screen.answer("personal account [example.org]", "")
        finish(screen)
        screen.answer("Sign in now", "n")
        screen.expect("What is left is to sign in:\n  kithd sign-in\n")
        screen.expect("What to type next")
        assert screen.end() == 0
    settings = written(tmp_path)
    source = settings.sources["microsoft"]
    assert (source.kind, source.client_id, source.tenant) == ("graph", ID, "example.org")
    assert source.newsletters is None
    assert (settings.delivery.kind, settings.delivery.client_id) == ("graph", ID)


def test_an_exchange_server_is_set_up_at_a_terminal(tmp_path: Path) -> None:
    words, known = at_terminal(tmp_path)
    with terminal(words, environment=known, folder=tmp_path) as screen:
        begin(screen, "exchange")
        screen.answer("address of its EWS", "mail.example.org")
        screen.expect("https://")
        screen.answer("address of its EWS", "https://localhost:1/EWS/Exchange.asmx")
        screen.answer("in your own network", "y")
        screen.answer("sign in with [robin@example.org]", "EXAMPLE\\robin")
        screen.answer_hidden("The password", "canary")
        screen.answer("keep it [file]", "")
        finish(screen)
        screen.expect("kithd check --connect")
        assert screen.end() != 0
    settings = written(tmp_path)
    source = settings.sources["exchange"]
    assert (source.kind, source.user, source.address) == (
        "exchange",
        "EXAMPLE\\robin",
        "robin@example.org",
    )
    assert (settings.delivery.kind, settings.delivery.url) == ("exchange", source.url)
    assert (tmp_path / ".config" / "kithd" / "mail.secret").read_text() == "canary\n"
    assert "canary" not in screen.shown


@pytest.mark.parametrize(
    ("account", "lines"),
    [
        ("google", ['client_file = "client_secret_1.json"']),
        ("microsoft", [f'client_id = "{ID}"', 'tenant = "consumers"']),
    ],
)
def test_a_file_of_answers_writes_settings_and_says_to_sign_in(
    account: str, lines: list[str], tmp_path: Path
) -> None:
    write_client(tmp_path)
    file = tmp_path / "answers.toml"
    said = ['addresses = ["robin@example.org"]', f'account = "{account}"', *lines]
    file.write_text("\n".join(said))
    done = setup(tmp_path, "--answers", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kithd sign-in" in done.stdout
    assert written(tmp_path).sources
    assert not list((tmp_path / ".config" / "kithd").glob("*.tokens"))


def test_a_file_of_answers_that_names_another_type_of_client_is_refused(tmp_path: Path) -> None:
    (tmp_path / "client_secret_1.json").write_text(json.dumps({"web": CLIENT["installed"]}))
    file = tmp_path / "answers.toml"
    said = ['addresses = ["robin@example.org"]', 'account = "google"']
    file.write_text("\n".join([*said, 'client_file = "client_secret_1.json"']))
    done = setup(tmp_path, "--answers", str(file))
    assert done.returncode == 78
    assert "Desktop app" in done.stderr
    assert "sign-in-with-google.md" in done.stderr
    assert not (tmp_path / ".config").exists()
