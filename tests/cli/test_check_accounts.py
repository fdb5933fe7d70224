"""``kithd check`` knows who has signed in, whose the addresses are, and where replies lie."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import AccessDenied, Misconfigured, Unavailable
from daemon.errors import ExitCode
from daemon.house import open_kept
from daemon.store import sources
from daemon.store.sources import Source
from tests.cli.test_check import Home
from tests.jobs.office import Office, open_office

WORK = '[sources.work]\nkind = "graph"\nclient_id = "1"\nsecret = "file:work.tokens"\n'
SENDING = '[delivery]\nkind = "graph"\nclient_id = "1"\nsecret = "file:sending.tokens"\n'
AT = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return Home(tmp_path)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office(monkeypatch, Office())


def keep(home: Home, name: str, text: str = '{"token": "x"}', *, mode: int = 0o600) -> None:
    path = home.folder / f"{name}.tokens"
    path.write_text(text)
    path.chmod(mode)


def test_before_anybody_signed_in_each_section_says_what_to_type(
    home: Home, office: Office
) -> None:
    home.write(WORK + SENDING)
    answer = home.check("--json")
    for subject, name in (("sources.work", "work"), ("delivery", "delivery")):
        (item,) = answer.of(subject, "problem")
        assert item["says"] == "nobody has signed in yet"
        assert item["remedy"] == f"kithd sign-in {name}"
    assert answer.code == ExitCode.NO_PERMISSION
    assert office.n_polls == 0
    keep(home, "work")
    keep(home, "sending")
    answer = home.check("--json")
    (item,) = answer.of("delivery", "ok")
    assert item["says"].startswith("the sign-in is there (file:")
    assert answer.code == 0


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ('{"token": "x"}', 0o644, "may be read by others; type: chmod 600"),
        ("a password", 0o600, "is no sign-in of kithd's"),
    ],
    ids=["open", "other"],
)
def test_a_sign_in_that_others_may_read_or_that_is_none_is_told(
    home: Home, office: Office, text: str, mode: int, says: str
) -> None:
    home.write(WORK)
    keep(home, "work", text, mode=mode)
    answer = home.check("--json")
    (item,) = answer.of("sources.work", "problem")
    assert says in item["says"]
    assert item["remedy"] == "kithd sign-in work"
    assert answer.code == ExitCode.CONFIG
    assert office.n_polls == 0


def test_a_keyring_is_left_in_peace_without_connect(home: Home, office: Office) -> None:
    home.write(WORK.replace("file:work.tokens", "keyring:kithd/work"))
    (item,) = home.check("--json").of("sources.work", "ok")
    assert item["says"] == "the keyring is asked for the sign-in with --connect"
    assert office.n_polls == 0


def test_an_account_that_lets_kithd_in_is_well(home: Home, office: Office) -> None:
    home.write(WORK + SENDING)
    keep(home, "work")
    keep(home, "sending")
    answer = home.check("--json", "--connect")
    assert [it["says"] for it in answer.of("sources.work", "ok")][
        -1
    ] == "graph answers; it is empty"
    assert [it["says"] for it in answer.of("delivery", "ok")][-1] == "graph takes mail"
    assert (answer.code, office.sent) == (0, [])
    assert {("Mail.Read",), ("Mail.Send",)} == set(office.beside)


@pytest.mark.parametrize(
    ("problem", "says", "remedy", "code"),
    [
        (
            AccessDenied("it was taken back; type: kithd sign-in"),
            "it was taken back",
            "kithd sign-in {}",
            ExitCode.NO_PERMISSION,
        ),
        (
            AccessDenied("it is not switched on: open https://console.example.org/"),
            "it is not switched on: open https://console.example.org/",
            "see to that, and type: kithd check --connect",
            ExitCode.NO_PERMISSION,
        ),
        (
            Unavailable("it is busy"),
            "it is busy",
            "see whether graph is right and within reach, and try again",
            ExitCode.UNAVAILABLE,
        ),
    ],
    ids=["taken back", "switched off", "busy"],
)
def test_one_that_does_not_is_told_with_what_to_type(
    home: Home, office: Office, problem: Exception, says: str, remedy: str, code: int
) -> None:
    home.write(WORK + SENDING)
    keep(home, "work")
    keep(home, "sending")
    office.denies = problem
    answer = home.check("--json", "--connect")
    for subject, name in (("sources.work", "work"), ("delivery", "delivery")):
        (item,) = answer.of(subject, "problem")
        assert (item["says"], item["remedy"]) == (says, remedy.format(name))
    assert answer.code == code


def test_a_setting_that_cannot_be_right_is_told_of_an_account(home: Home, office: Office) -> None:
    home.write(WORK)
    keep(home, "work")
    office.denies = Misconfigured("no such tenant")
    (item,) = home.check("--json", "--connect").of("sources.work", "problem")
    assert item["remedy"] == "put that right under [sources.work]"


def test_the_file_of_a_client_that_is_not_there_is_told(home: Home) -> None:
    home.write(
        '[sources.gmail]\nkind = "gmail"\nclient_file = "client.json"\nsecret = "file:a.tokens"\n'
    )
    (file, _) = home.check("--json").of("sources.gmail", "problem")
    assert file["says"] == f"client_file: {home.folder / 'client.json'} does not exist"
    assert file["remedy"] == "put the right client_file there"


def test_the_addresses_that_accounts_told_are_shown_with_which_account(
    home: Home, office: Office
) -> None:
    home.write(WORK)
    keep(home, "work")
    engine = open_kept(home.state)
    for name in ("work", "gone"):
        sources.register(engine, Source(name, "graph", "graph", "text"))
        told = (f"{name}@example.net", "robin@example.org")
        sources.note_asked(engine, name, told, at=AT)
    engine.dispose()
    (item,) = home.check("--json").of("owner", "ok")
    assert item["says"] == "yours: robin@example.org; from your account at work: work@example.net"
    home.write(f'{WORK}[delivery]\nkind = "maildir"\npath = "In"\nto = "work@example.net"\n')
    assert home.check("--json").of("owner", "ok")
    assert office.n_asked == 0


@pytest.mark.parametrize("said", ['parts = ["calendar"]\n', 'read = "subjects"\n'])
def test_replies_are_not_looked_for_where_none_can_be_read(
    home: Home, office: Office, said: str
) -> None:
    home.write(WORK + said + SENDING)
    keep(home, "work")
    keep(home, "sending")
    (item,) = home.check("--json").of("replies", "warning")
    is_shut = "subjects" in said
    assert ("no text may be read in work, nor a reply" in item["says"]) is is_shut
    assert ('set read = "text" for work' in item["remedy"]) is is_shut
    home.write(WORK + SENDING)
    (item,) = home.check("--json").of("replies", "ok")
    assert item["says"].startswith("looked for in work; one is obeyed if")
    assert office.n_polls == 0
