"""``kithd sign-in`` lets the owner in, says what it asks for, and sets going what had stopped."""

import io
import json
import os
import sys
import tomllib
import webbrowser
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import pytest

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from daemon.cli.app import main
from daemon.cli.desk import has_browser
from daemon.cli.permissions import explain_permission
from daemon.errors import ExitCode
from docs.generate import HERE
from tests.jobs.office import CODE, PAGE, Office, open_office
from tests.jobs.world import ANA, ME, days_ago, letter

SETTINGS = f"""
[owner]
addresses = ["{ME.email}"]
zone = "Europe/Warsaw"

[sources.work]
kind = "graph"
client_id = "1"
secret = "file:work.tokens"

[sources.old]
kind = "graph"
client_id = "1"
secret = "file:old.tokens"
read = "headers"

[sources.archive]
kind = "mbox"
path = "archive.mbox"

[delivery]
kind = "graph"
client_id = "1"
secret = "file:sending.tokens"
"""
TAKEN_BACK = AccessDenied("the access was taken back; type: kithd sign-in")


@dataclass(frozen=True)
class Answer:
    out: str
    err: str
    code: int


@dataclass(frozen=True)
class Home:
    """A folder with settings, and the service behind all three accounts."""

    folder: Path
    office: Office

    def run(self, *words: str) -> Answer:
        out, err, code = io.StringIO(), io.StringIO(), 0
        config = ("--config", str(self.folder / "config.toml"))
        before, sys.argv = sys.argv, ["kithd", *words, *config]
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.argv = before
        return Answer(out.getvalue(), err.getvalue(), code)

    def kept(self) -> set[str]:
        return {path.name for path in self.folder.glob("*.tokens")}

    def source(self, name: str) -> dict[str, object]:
        found = json.loads(self.run("status", "--json").out)["sources"]
        return next(it for it in found if it["name"] == name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (tmp_path / "config.toml").write_text(SETTINGS)
    (tmp_path / "archive.mbox").write_text("")
    letters = [letter("a", ME, (ANA,), at=days_ago(9)), letter("b", at=days_ago(8))]
    return Home(tmp_path, open_office(monkeypatch, Office(letters=list(letters))))


@pytest.fixture
def paste(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the owner paste lines; whoever reads further finds nothing more."""

    def lay_down(lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))

    lay_down("")
    return lay_down


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> "Queue[str]":
    """The pages that a browser on this machine was told to open."""
    pages: Queue[str] = Queue()
    monkeypatch.setattr(webbrowser, "open", pages.put)
    return pages


def test_it_says_what_it_asks_for_and_keeps_what_comes_back_for_the_owner_alone(
    home: Home, paste: Callable[[str], None]
) -> None:
    paste("https://back.example.org/?code=1\n")
    answer = home.run("sign-in", "work")
    assert answer.code == 0, answer.err
    assert "  - read your mail (Mail.Read)\n" in answer.err
    assert PAGE in answer.err
    assert f"Type this code there: {CODE}" in answer.err
    kept = home.folder / "work.tokens"
    assert answer.out.splitlines()[:3] == [
        "Signed in for work as robin@example.org.",
        f"Kept for you alone at file:{kept}.",
        "Next: kithd poll work",
    ]
    assert json.loads(kept.read_text()) == {"token": "https://back.example.org/?code=1"}
    assert kept.stat().st_mode & 0o777 == 0o600
    assert home.kept() == {"work.tokens"}


def test_without_a_name_all_sign_in_that_have_not_and_the_others_are_left(
    home: Home, paste: Callable[[str], None]
) -> None:
    paste("1\n2\n3\n")
    assert home.run("sign-in", "old").code == 0
    answer = home.run("sign-in")
    assert answer.code == 0
    assert [line for line in answer.out.splitlines() if line.startswith("Signed in")] == [
        "Signed in for work as robin@example.org.",
        "Signed in for delivery as robin@example.org.",
    ]
    assert "read who wrote to whom and when, and no text (Mail.ReadBasic)" not in answer.err
    assert "send mail in your name: the digest, to you (Mail.Send)" in answer.err
    again = home.run("sign-in")
    assert (again.out.splitlines(), again.code) == (
        ["You are signed in already: work, old, delivery.", "Anew: kithd sign-in work"],
        0,
    )


def test_all_signs_in_anew_wherever_one_is(home: Home, paste: Callable[[str], None]) -> None:
    paste("1\n2\n3\n4\n5\n6\n")
    home.run("sign-in")
    assert home.run("sign-in", "--all").out.count("Signed in for") == 3
    assert json.loads((home.folder / "work.tokens").read_text()) == {"token": "4"}


def test_a_sign_in_that_was_taken_back_stops_its_source_alone_and_signing_in_sets_it_going(
    home: Home, paste: Callable[[str], None]
) -> None:
    paste("1\n2\n3\n4\n5\n6\n")
    home.run("sign-in")
    assert home.run("poll").code == 0
    home.office.denies = TAKEN_BACK
    assert "work: the access was taken back; type: kithd sign-in work" in home.run("poll").err
    assert home.source("work")["is_stopped"]
    assert home.source("work")["needs"] == "the access was taken back; type: kithd sign-in work"
    assert (home.source("archive")["needs"], home.source("archive")["is_stopped"]) == ("", False)
    status = home.run("status").out
    assert "stopped until you have signed in\n" in status
    assert "kithd poll" not in status
    home.office.denies = None
    answer = home.run("sign-in")
    assert [line.split()[3] for line in answer.out.splitlines() if "Signed in" in line] == [
        *("work", "old")
    ]
    assert (home.source("work")["is_stopped"], home.source("work")["needs"]) == (False, "")


def test_the_digest_says_once_what_to_type(home: Home, paste: Callable[[str], None]) -> None:
    paste("1\n2\n3\n")
    home.run("sign-in")
    home.run("poll")
    home.office.denies = TAKEN_BACK
    home.run("poll", "work")
    home.office.denies = None
    digest = " ".join(home.run("digest", "--preview").out.split())
    assert digest.count("kithd sign-in work") == 0  # the digest has read it again by then
    home.office.denies = TAKEN_BACK
    again = home.run("digest", "--preview")
    assert "Where: work: the access was taken back\nTry: kithd sign-in work\n" in again.err
    digest = " ".join(again.out.split())
    assert digest.count("Work: the access was taken back; type: kithd sign-in work.") == 1
    assert digest.count("kithd sign-in") == 2  # "old" is denied too
    assert "kithd poll" not in digest


def test_a_browser_is_opened_where_there_is_one(
    home: Home, opened: "Queue[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    answer = home.run("sign-in", "work")
    assert opened.get(timeout=5) == PAGE
    assert "This page opens in your browser:" in answer.err
    assert json.loads((home.folder / "work.tokens").read_text()) == {"token": "fresh"}


@pytest.mark.parametrize("words", [("--remote",), ()], ids=["asked", "ssh"])
def test_no_browser_is_opened_where_the_owner_sits_elsewhere(
    home: Home,
    opened: "Queue[str]",
    paste: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    if not words:
        monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 5 192.0.2.2 22")
    paste("there\n")
    answer = home.run("sign-in", "work", *words)
    assert "Open this page:" in answer.err
    assert opened.empty()
    assert json.loads((home.folder / "work.tokens").read_text()) == {"token": "there"}


@pytest.mark.parametrize(
    ("environ", "platform", "is_there"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", False),
        ({"DISPLAY": ":10", "SSH_CLIENT": "192.0.2.1 5 22"}, "linux", False),
    ],
)
def test_a_browser_is_where_the_screen_is(
    environ: dict[str, str], platform: str, is_there: bool
) -> None:
    assert has_browser(environ, platform) is is_there


@pytest.mark.parametrize(
    ("problem", "code", "says", "remedy"),
    [
        (
            AccessDenied("you did not let kithd in; type: kithd sign-in"),
            ExitCode.NO_PERMISSION,
            "You did not let kithd in.",
            "kithd sign-in work",
        ),
        (
            Unavailable("nobody came back from the page"),
            ExitCode.UNAVAILABLE,
            "Nobody came back from the page.",
            "kithd sign-in work",
        ),
        (
            Misconfigured("no such tenant"),
            ExitCode.CONFIG,
            "No such tenant.",
            "put that right, and type: kithd sign-in work",
        ),
    ],
    ids=["denied", "unavailable", "misconfigured"],
)
def test_what_goes_wrong_is_told_in_three_lines_and_nothing_is_kept(
    home: Home, problem: Exception, code: int, says: str, remedy: str
) -> None:
    home.office.denies = problem
    answer = home.run("sign-in", "work")
    assert answer.code == code
    assert answer.err.splitlines()[-4:-1] == [says, "Where: [sources.work]", f"Try: {remedy}"]
    assert (answer.out, home.kept()) == ("", set())


def test_one_that_fails_keeps_no_other_from_signing_in(
    home: Home, paste: Callable[[str], None]
) -> None:
    (home.folder / "work.tokens").write_text("a password")
    (home.folder / "work.tokens").chmod(0o600)
    paste("1\n2\n")
    answer = home.run("sign-in")
    assert answer.code == ExitCode.CONFIG
    assert "work.tokens is no sign-in of kithd's" in answer.err
    assert (home.folder / "work.tokens").read_text() == "a password"
    assert home.kept() == {"work.tokens", "old.tokens", "sending.tokens"}


def test_a_database_that_is_damaged_keeps_nobody_from_signing_in(
    home: Home, paste: Callable[[str], None]
) -> None:
    paste("1\n")
    (home.folder / "state").mkdir()
    (home.folder / "state" / "kithd.db").write_text("no database " * 1000)
    assert home.run("sign-in", "work").code == 0
    assert home.kept() == {"work.tokens"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("wrok", "Nobody signs in for 'wrok'; did you mean work?"),
        ("archive", "Nobody signs in for 'archive'; there are work, old, delivery"),
    ],
)
def test_a_name_that_is_none_is_told_with_those_there_are(home: Home, name: str, says: str) -> None:
    answer = home.run("sign-in", name)
    assert answer.code == ExitCode.USAGE
    assert answer.err.splitlines() == [
        says,
        "Where: the sections of the settings that are opened by a sign-in",
        "Try: kithd sign-in work",
    ]


def test_settings_without_an_account_of_that_kind_say_so(home: Home) -> None:
    (home.folder / "config.toml").write_text(f'[owner]\naddresses = ["{ME.email}"]\n')
    answer = home.run("sign-in")
    assert (len(answer.err.splitlines()), answer.code) == (3, ExitCode.CONFIG)
    assert "gmail, google_calendar, google_contacts, graph" in answer.err


@pytest.mark.parametrize("scheme", ["credential:work", "command:cat work"])
def test_what_can_only_be_read_is_no_place_to_keep_it(
    home: Home, scheme: str, opened: "Queue[str]"
) -> None:
    text = SETTINGS.replace("file:work.tokens", scheme)
    (home.folder / "config.toml").write_text(text)
    answer = home.run("sign-in", "work")
    assert answer.code == ExitCode.CONFIG
    assert 'Try: secret = "file:work.tokens"' in answer.err
    assert PAGE not in answer.err
    assert opened.empty()


def test_ctrl_c_ends_it_and_leaves_all_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    answer = home.run("sign-in")
    assert answer.code == ExitCode.TEMPORARY
    assert answer.err.splitlines()[-1] == "Stopped. Nothing was changed for work."
    assert "Signing in for old" not in answer.err
    assert home.kept() == set()


def test_the_end_of_the_input_ends_it_too(home: Home, paste: Callable[[str], None]) -> None:
    paste("")
    answer = home.run("sign-in")
    assert (answer.code, home.kept()) == (ExitCode.TEMPORARY, set())


def test_the_json_has_the_keys_that_are_described(home: Home, paste: Callable[[str], None]) -> None:
    paste("1\n2\n")
    (home.folder / "old.tokens").write_text("a password")
    (home.folder / "old.tokens").chmod(0o600)
    answer = home.run("sign-in", "--json")
    facts = json.loads(answer.out)
    described = tomllib.loads((HERE / "json.toml").read_text("utf-8"))["commands"]
    found = {"items[]"} | {f"items[].{key}" for it in facts["items"] for key in it}
    assert found == set(described["sign-in"]["keys"])
    work = facts["items"][0]
    assert work == {
        "name": "work",
        "kind": "graph",
        "who": "robin@example.org",
        "permissions": ["Mail.Read"],
        "kept_at": f"file:{home.folder / 'work.tokens'}",
        "next": "kithd poll work",
        "problem": "",
        "remedy": "",
    }
    assert "no sign-in of kithd's" in facts["items"][1]["problem"]


def test_a_permission_nobody_put_in_words_is_shown_as_the_service_names_it() -> None:
    assert explain_permission("Files.Read") == "Files.Read"
    wanted = "https://www.googleapis.com/auth/gmail.readonly"
    assert explain_permission(wanted) == f"read your mail ({wanted})"
    assert os.linesep not in explain_permission(wanted)
