"""``kithd check`` finds what is wrong and says what to type, on real folders, ports and servers."""

import json
import socket
import sqlite3
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from typer.testing import CliRunner

from daemon.cli.app import build
from daemon.config.load import load
from daemon.errors import ExitCode
from daemon.house import DATABASE_NAME, furnish, open_kept
from daemon.jobs.check import FLOORS, Finding, Verdict, check_interpreter, end_with, object_to
from daemon.jobs.reach import reach
from daemon.store.database import open_scratch, writing
from daemon.store.progress import keep
from docs.generate import HERE

CANARY = "kanarienvogel-7f3a"
OWNER = '[owner]\naddresses = ["robin@example.org"]\nzone = "Europe/Berlin"\n'
MAIL = '[sources.mail]\nkind = "maildir"\npath = "Mail"\n'


@dataclass
class Home:
    """A home folder with settings, a Maildir and a place for state."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state" / "kithd"

    @property
    def database(self) -> Path:
        return self.state / DATABASE_NAME

    def write(self, text: str) -> None:
        (self.folder / "config.toml").write_text(OWNER + text, encoding="utf-8")

    def keep_secret(self, secret: str = CANARY, *, mode: int = 0o600) -> None:
        path = self.folder / "mail.secret"
        path.write_text(f"{secret}\n")
        path.chmod(mode)

    def make_database(self, *, aliases: tuple[str, ...] = ()) -> None:
        engine = open_kept(self.state)
        with writing(engine) as tx:
            keep(tx, "aliases", list(aliases))
        engine.dispose()

    def check(self, *words: str) -> "Answer":
        words = ("check", "--config", str(self.folder / "config.toml"), *words)
        done = CliRunner().invoke(build(words), words)
        assert CANARY not in done.output
        return Answer(done.stdout, done.exit_code)


@dataclass(frozen=True)
class Answer:
    """What the command printed, and how it ended."""

    out: str
    code: int

    @property
    def items(self) -> list[dict[str, str]]:
        facts = json.loads(self.out)
        assert facts["exit_code"] == self.code
        return list(facts["items"])

    def of(self, subject: str, verdict: str) -> list[dict[str, str]]:
        return [it for it in self.items if (it["subject"], it["verdict"]) == (subject, verdict)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    box = Maildir(tmp_path / "Mail")
    for number in range(3):
        message = EmailMessage()
        message["From"], message["To"] = "ana@example.org", "robin@example.org"
        message["Date"], message["Subject"] = f"Mon, {number + 1} Jun 2026 09:00:00 +0000", "Hi"
        message["Message-ID"] = f"<{number}@example.org>"
        message.set_content("Hello.")
        box.add(message)
    return Home(tmp_path)


def let_in(*told: Any) -> AuthResult:
    """Let in whoever has the canary; the last thing told is the name and the password."""
    return AuthResult(success=told[-1].password == CANARY.encode(), handled=False)


@contextmanager
def mail_server() -> Iterator[str]:
    """A mail server on this machine that knows the password; yields the settings to reach it."""
    server = Controller(
        object(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=let_in,
        auth_require_tls=False,
    )
    server.start()
    try:
        yield delivery(server.port)
    finally:
        server.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def delivery(port: int) -> str:
    return (
        f'[delivery]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'user = "robin"\nsecret = "file:mail.secret"\n'
    )


def test_where_all_is_well_every_line_says_so_and_nothing_is_written(home: Home) -> None:
    home.write(MAIL)
    before = sorted(home.folder.rglob("*"))
    answer = home.check("--json", "--connect")
    verdicts = {it["verdict"] for it in answer.items if it["subject"] != "python"}
    assert (verdicts, answer.code) == ({"ok"}, 0)
    (mail,) = answer.of("sources.mail", "ok")
    assert mail["says"] == f"{home.folder / 'Mail'} answers; 3 messages to read"
    assert sorted(home.folder.rglob("*")) == before


def test_the_text_has_a_line_for_each_and_a_remedy_below_what_is_wrong(home: Home) -> None:
    home.write('[sources.mail]\nkind = "maildir"\npath = "absent"\n')
    answer = home.check()
    lines = answer.out.splitlines()
    at = lines.index(f"problem   sources.mail: path: {home.folder / 'absent'} does not exist")
    assert lines[at + 1] == "          Try: put the right path there"
    assert lines[0] == f"ok        settings: {home.folder / 'config.toml'}"
    assert lines[-1].startswith("1 of ")
    assert answer.code == ExitCode.CONFIG


def test_all_wrong_settings_are_told_each_with_its_line(home: Home) -> None:
    home.write('[delivery]\nkind = "smtp"\n[sources.mail]\nkind = "maildri"\npath = "Mail"\n')
    answer = home.check("--json", "--connect")
    assert answer.code == ExitCode.CONFIG
    said = [
        (it["says"], it["remedy"].rpartition(", ")[2]) for it in answer.of("settings", "problem")
    ]
    assert said == [
        ("delivery.host: missing; smtp needs it", "line 4"),
        ("sources.mail.kind: maildri: no such kind; did you mean maildir?", "line 7"),
    ]
    assert answer.of("state", "ok")  # what needs no settings is looked at all the same


def test_without_settings_the_remedy_is_to_set_up(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KITHD_CONFIG", raising=False)
    done = CliRunner().invoke(build(["check"]), ["check"])
    assert done.exit_code == ExitCode.CONFIG
    assert "Try: kithd setup" in done.stdout
    assert "does not exist" not in done.stdout
    assert not home.state.exists()


def test_a_secret_that_others_may_read_or_that_is_missing_is_a_wrong_setting(home: Home) -> None:
    home.write(delivery(free_port()))
    missing = home.check("--json")
    (item,) = missing.of("delivery", "problem")
    assert item["says"].endswith("mail.secret does not exist; put the password into it")
    assert item["remedy"].startswith("(umask 077; cat > ")
    home.keep_secret(mode=0o644)
    (item,) = home.check("--json").of("delivery", "problem")
    assert "chmod 600" in item["says"]
    home.keep_secret()
    answer = home.check("--json")
    assert answer.of("delivery", "ok")
    assert (missing.code, answer.code) == (ExitCode.CONFIG, 0)


def test_a_keyring_or_a_command_is_left_in_peace_without_connect(home: Home) -> None:
    trap = home.folder / "trap"
    for secret in (f"command:touch {trap}", "keyring:kithd/mail"):
        home.write(delivery(1).replace("file:mail.secret", secret))
        assert home.check("--json").of("delivery", "ok")
    assert not trap.exists()


def test_a_credential_is_looked_at_by_the_service_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write(delivery(1).replace("file:mail.secret", "credential:mail"))
    (item,) = home.check("--json").of("delivery", "warning")
    assert item["remedy"].startswith("systemctl start kithd-check")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(home.folder))
    (item,) = home.check("--json").of("delivery", "problem")
    assert "LoadCredentialEncrypted=mail" in item["says"]
    assert "systemd-creds encrypt --name=mail" in item["remedy"]


def test_more_sources_than_are_asked_at_once_are_all_asked(home: Home) -> None:
    home.write("".join(MAIL.replace("mail]", f"mail{n}]") for n in range(30)))
    answer = home.check("--json", "--connect")
    assert sum("3 messages" in it["says"] for it in answer.items) == 30
    assert answer.code == 0


def test_a_mail_server_that_lets_kithd_in_is_well(home: Home) -> None:
    home.keep_secret()
    with mail_server() as settings:
        home.write(MAIL + settings)
        answer = home.check("--json", "--connect")
    assert [it["says"] for it in answer.of("delivery", "ok")][1:] == ["127.0.0.1 takes mail"]
    assert answer.code == 0


def test_a_wrong_password_is_access_denied_and_says_where_to_put_the_right_one(home: Home) -> None:
    home.keep_secret("another")
    with mail_server() as settings:
        home.write(MAIL + settings)
        answer = home.check("--json", "--connect")
    (item,) = answer.of("delivery", "problem")
    assert "refused your sign-in" in item["says"]
    assert str(home.folder / "mail.secret") in item["remedy"]
    assert answer.code == ExitCode.NO_PERMISSION


def test_a_closed_port_is_unavailable_and_does_not_hide_the_others(home: Home) -> None:
    home.keep_secret()
    home.write(MAIL + delivery(free_port()))
    answer = home.check("--json", "--connect")
    assert len(answer.of("delivery", "problem")) == 1
    assert answer.of("sources.mail", "ok")
    assert answer.code == ExitCode.UNAVAILABLE


def test_a_source_that_is_none_of_its_kind_is_a_wrong_setting(home: Home) -> None:
    (home.folder / "empty").mkdir()
    home.write(MAIL.replace("Mail", "empty"))
    answer = home.check("--json", "--connect")
    (item,) = answer.of("sources.mail", "problem")
    assert "is not a Maildir" in item["says"]
    assert item["remedy"] == "put that right under [sources.mail]"
    assert answer.code == ExitCode.CONFIG


def test_who_does_not_answer_in_time_is_told_of_and_holds_up_nobody(home: Home) -> None:
    home.keep_secret()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        home.write(MAIL + delivery(silent.getsockname()[1]))
        settings = load(home.folder / "config.toml")
        now = datetime.now(UTC)
        house = furnish(settings, open_scratch(), state=None, now=now)
        began = monotonic()
        found = list(reach(settings, house.sources, house.basis, at=now, seconds=0.5))
        assert monotonic() - began < 5
        house.engine.dispose()
    assert [(it.subject, it.verdict) for it in found] == [
        ("sources.mail", Verdict.OK),
        ("delivery", Verdict.PROBLEM),
    ]
    assert found[1].says == "no answer within 0.5 seconds"
    assert found[1].exit_code is ExitCode.UNAVAILABLE


def test_the_state_that_others_may_look_into_is_a_warning(home: Home) -> None:
    home.write(MAIL)
    home.make_database()
    home.state.chmod(0o755)
    home.database.chmod(0o644)
    answer = home.check("--json")
    assert answer.of("state", "warning")[0]["remedy"] == f"chmod 700 {home.state}"
    assert answer.of("database", "warning")[0]["remedy"] == f"chmod 600 {home.database}*"
    assert answer.code == 0


def test_a_state_that_cannot_be_written_is_access_denied(home: Home) -> None:
    home.write(MAIL)
    home.state.parent.mkdir()
    home.state.write_text("a file in the folder's place")
    answer = home.check("--json")
    assert "Not a directory" in answer.of("state", "problem")[0]["says"]
    assert answer.code == ExitCode.NO_PERMISSION


def test_a_database_that_is_whole_tells_the_addresses_found_in_mail(home: Home) -> None:
    home.write(MAIL)
    home.make_database(aliases=("robin@example.com", "robin@example.org"))
    answer = home.check("--json")
    (item,) = answer.of("owner", "ok")
    assert item["says"] == "yours: robin@example.org; found in your mail: robin@example.com"
    assert answer.of("database", "ok")


def test_a_damaged_database_is_told_with_a_way_out(home: Home) -> None:
    home.write(MAIL)
    home.make_database()
    text = home.database.read_bytes()
    whole_but_for_one_page = text[:-4096] + bytes(4096)
    for damage in (b"not a database at all" * 100, text[:8192], whole_but_for_one_page):
        home.database.write_bytes(damage)
        answer = home.check("--json")
        (item,) = answer.of("database", "problem")
        assert "damaged" in item["says"]
        assert item["remedy"]
        assert answer.code == ExitCode.UNAVAILABLE


def test_a_database_of_a_newer_kithd_is_left_to_it(home: Home) -> None:
    home.write(MAIL)
    home.make_database()
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    answer = home.check("--json")
    assert "newer kithd" in answer.of("database", "problem")[0]["says"]
    assert answer.code == ExitCode.CONFIG


def test_a_zone_that_nobody_set_is_a_warning(home: Home) -> None:
    (home.folder / "config.toml").write_text('[owner]\naddresses = ["robin@example.org"]\n' + MAIL)
    answer = home.check("--json")
    assert "07:00" in answer.of("zone", "warning")[0]["says"]
    assert answer.code == 0


def test_replies_want_a_mailbox_that_can_prove_them(home: Home) -> None:
    calendar = '[sources.cal]\nkind = "ics"\npath = "Mail"\n'
    out = '[delivery]\nkind = "maildir"\npath = "Inbox"\n'
    home.write(calendar + out)
    assert "kithd do" in home.check("--json").of("replies", "warning")[0]["remedy"]
    home.write(calendar + MAIL + out)
    assert home.check("--json").of("replies", "ok")[0]["says"].startswith("looked for in mail;")
    home.write(calendar + MAIL + out + '[replies]\nsources = ["cal"]\n')
    assert home.check("--json").of("replies", "warning")


def test_a_digest_to_a_stranger_is_a_warning(home: Home) -> None:
    home.write(MAIL + '[delivery]\nkind = "maildir"\npath = "Inbox"\nto = "zoe@example.net"\n')
    assert "zoe@example.net" in home.check("--json").of("owner", "warning")[0]["says"]


@pytest.mark.parametrize(("minor", "micro"), FLOORS.items())
def test_a_python_below_the_floor_is_a_warning_and_on_it_is_well(minor: int, micro: int) -> None:
    old = check_interpreter((3, minor, micro - 1))
    assert old.verdict is Verdict.WARNING
    assert "kithd is safe on it" in old.says
    assert old.remedy == f"upgrade to Python 3.{minor}.{micro} or newer"
    assert check_interpreter((3, minor, micro)).verdict is Verdict.OK
    assert check_interpreter((3, 15, 0)).verdict is Verdict.OK


def test_the_present_interpreter_is_looked_at(home: Home) -> None:
    home.write(MAIL)
    (item,) = [it for it in home.check("--json").items if it["subject"] == "python"]
    assert item["says"].startswith(f"Python {sys.version.split()[0]}")


def test_a_wrong_setting_decides_the_exit_code_before_access_and_access_before_silence() -> None:
    codes = [ExitCode.UNAVAILABLE, ExitCode.NO_PERMISSION, ExitCode.CONFIG]
    found: list[Finding] = []
    for code in codes:
        found.append(object_to("it", "is wrong", "mend it", code))
        assert end_with(found) is code
    assert end_with([]) is ExitCode.OK


def test_the_json_has_the_keys_that_are_described(home: Home) -> None:
    home.write(MAIL)
    facts = json.loads(home.check("--json").out)
    described = tomllib.loads((HERE / "json.toml").read_text("utf-8"))["commands"]["check"]["keys"]
    found = {*facts, "items[]"} | {f"items[].{key}" for it in facts["items"] for key in it}
    assert found - {"items"} == set(described)
