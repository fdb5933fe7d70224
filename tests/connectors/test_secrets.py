"""A secret is read from its keeper when it is needed, and no message or repr ever shows it."""

import os
import stat
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from connectors.credentials import secrets
from connectors.credentials.secrets import SECRET_LIMIT, Secret, keep
from connectors.errors import AccessDenied, ConnectorError, Misconfigured

CANARY = "kanarienvogel-7f3a"


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets with the process."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library has no types there
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.entries[service, username] = password

    def _open(self) -> None:
        if self.is_locked:
            raise KeyringLocked("the owner is away")


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    ring = MemoryKeyring()
    with wearing(ring):
        yield ring


@contextmanager
def wearing(ring: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield
    finally:
        keyring.set_keyring(before)


@contextmanager
def as_another_user() -> Iterator[None]:
    """Lose root's power to read everything; nothing to lose for anybody else."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if before == 0:
            os.seteuid(before)


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., str]:
    """Keep bytes in a file, with a mode, and refer to it."""

    def keep_file(content: bytes = CANARY.encode(), mode: int = 0o600) -> str:
        path = tmp_path / "mail.secret"
        path.write_bytes(content)
        path.chmod(mode)
        return f"file:{path}"

    return keep_file


def refusal(reference: str) -> ConnectorError:
    """Return the error, having looked through all that travels with it for the canary."""
    with pytest.raises((AccessDenied, Misconfigured)) as refused:
        Secret(reference).reveal()
    error: BaseException | None = refused.value
    shown = "".join(traceback.format_exception(refused.value))
    while error is not None:
        shown += repr(error) + repr(vars(error))
        error = error.__context__
    assert CANARY not in shown
    return refused.value


def prints(text: str) -> str:
    """Refer to a command that prints ``text``."""
    return f"command:{sys.executable} -c \"print('{text}')\""


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_of_the_owner_alone_is_read_without_its_line_end(
    kept: Callable[..., str], end: bytes
) -> None:
    assert Secret(kept(CANARY.encode() + end)).reveal() == CANARY


def test_blanks_belong_to_a_password(kept: Callable[..., str]) -> None:
    assert Secret(kept(b" pass word \n")).reveal() == " pass word "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_a_file_that_others_may_reach_is_refused_with_what_to_type(
    kept: Callable[..., str], mode: int
) -> None:
    error = refusal(kept(mode=mode))
    assert isinstance(error, Misconfigured)
    assert "type: chmod 600 " in str(error)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff\xfe" + CANARY.encode(), "is not UTF-8"),
        (CANARY.encode() + b"\0", "is not one line"),
        (CANARY.encode() + b"\nsecond line\n", "is not one line"),
        (CANARY.encode() + b"x" * SECRET_LIMIT, "is longer than"),
    ],
    ids=["empty", "a line end", "binary", "nul", "two lines", "too long"],
)
def test_what_is_no_line_of_text_is_refused(
    kept: Callable[..., str], content: bytes, says: str
) -> None:
    assert says in str(refusal(kept(content)))


def test_the_longest_secret_is_read_with_its_line_end(kept: Callable[..., str]) -> None:
    assert Secret(kept(b"x" * SECRET_LIMIT + b"\r\n")).reveal() == "x" * SECRET_LIMIT


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "no regular file" in str(refusal(f"file:{tmp_path / 'pipe'}"))


def test_a_folder_a_missing_file_and_no_path_at_all_are_told_apart(tmp_path: Path) -> None:
    assert "is a folder" in str(refusal(f"file:{tmp_path}"))
    assert "does not exist" in str(refusal(f"file:{tmp_path / 'absent'}"))
    assert "no path" in str(refusal("file:a\0b"))
    assert "cannot be read" in str(refusal(f"file:{tmp_path / ('x' * 300)}"))


def test_a_file_of_somebody_else_is_access_denied(kept: Callable[..., str]) -> None:
    reference = kept(mode=0o000)
    with as_another_user():
        assert isinstance(refusal(reference), AccessDenied)


def test_a_credential_is_found_in_the_folder_systemd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mail").write_text(f"{CANARY}\n")
    (tmp_path / "mail").chmod(0o440)  # as systemd grants it to a service with a user of its own
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Secret("credential:mail").reveal() == CANARY
    assert "LoadCredentialEncrypted=other" in str(refusal("credential:other"))
    assert "is no name" in str(refusal("credential:../mail"))
    assert "is no name" in str(refusal("credential:.mail"))


def test_a_credential_outside_of_the_service_says_where_it_would_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "LoadCredentialEncrypted=mail" in str(refusal("credential:mail"))


def test_a_keyring_gives_what_it_was_given(ring: MemoryKeyring) -> None:
    keep("keyring:kithd/mail/you@example.org", CANARY)
    assert ring.entries == {("kithd/mail", "you@example.org"): CANARY}
    assert Secret("keyring:kithd/mail/you@example.org").reveal() == CANARY


@pytest.mark.usefixtures("ring")
def test_an_entry_that_is_missing_or_misspelt_says_what_to_type() -> None:
    assert "type: keyring set kithd mail" in str(refusal("keyring:kithd/mail"))
    assert "SERVICE/NAME" in str(refusal("keyring:kithd"))


def test_a_locked_keyring_is_access_denied(ring: MemoryKeyring) -> None:
    ring.entries["kithd", "mail"] = CANARY
    ring.is_locked = True
    assert isinstance(refusal("keyring:kithd/mail"), AccessDenied)


def test_a_machine_without_a_keyring_says_so_in_a_sentence() -> None:
    with wearing(fail.Keyring()):  # type: ignore[no-untyped-call]  # as above
        assert "no keyring answers here" in str(refusal("keyring:kithd/mail"))
        with pytest.raises(AccessDenied, match="no keyring answers here"):
            keep("keyring:kithd/mail", CANARY)
    with wearing(null.Keyring()):  # type: ignore[no-untyped-call]  # as above
        assert "type: keyring set" in str(refusal("keyring:kithd/mail"))


def test_a_command_is_believed_in_its_first_line() -> None:
    assert Secret(prints(f"{CANARY}\\nuser: somebody")).reveal() == CANARY


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        (prints(""), "is empty"),
        (f"command:{sys.executable} -c \"print('{CANARY}'); exit(3)\"", "ended with 3"),
        (f"command:no-such-program-here {CANARY}", "cannot be run (No such file"),
        (f"command:cat '{CANARY}", "its words make no command"),
        (f'command:"" {CANARY}', "cannot be run"),
    ],
    ids=["nothing", "failure", "no program", "open quote", "no name"],
)
def test_a_command_that_fails_is_named_without_its_words(reference: str, says: str) -> None:
    error = refusal(reference)
    assert says in str(error)
    assert reference not in str(error)


def test_a_command_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.5)
    code = f"print('{CANARY}', flush=True); import time; time.sleep(60)"
    error = refusal(f'command:{sys.executable} -c "{code}"')
    assert isinstance(error, AccessDenied)
    assert "within 0.5 seconds" in str(error)


def test_what_stands_in_place_of_a_reference_is_never_repeated() -> None:
    for pasted in (CANARY, f"{CANARY}:", f"{CANARY}:{CANARY}", "file:", "command: ", ""):
        assert "is referred to by one of" in str(refusal(pasted))


def test_printing_a_secret_shows_its_reference_alone(kept: Callable[..., str]) -> None:
    secret = Secret(kept())
    assert secret.reveal() == CANARY
    assert CANARY not in f"{secret}{secret!r}"


def test_a_secret_is_kept_in_a_file_of_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "kithd" / "secrets" / "mail"
    before = os.umask(0)
    try:
        keep(f"file:{path}", f"{CANARY}\n")
    finally:
        os.umask(before)
    assert Secret(f"file:{path}").reveal() == CANARY
    modes = {it: stat.S_IMODE(it.stat().st_mode) for it in (path, path.parent, path.parent.parent)}
    assert list(modes.values()) == [0o600, 0o700, 0o700]


def test_a_new_secret_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_text("old")
    path.chmod(0o644)
    path.with_name(".mail.new").write_text("left by a crash")
    keep(f"file:{path}", CANARY)
    assert Secret(f"file:{path}").reveal() == CANARY
    assert [it.name for it in tmp_path.iterdir()] == ["mail"]


def test_a_secret_that_cannot_be_kept_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for reference in (f"file:{tmp_path / 'folder'}", f"file:{tmp_path / 'absent' / ('x' * 300)}"):
        with pytest.raises(Misconfigured) as refused:
            keep(reference, CANARY)
        assert CANARY not in repr(refused.value)
    path = tmp_path / "mail"
    keep(f"file:{path}", CANARY)
    for wrong in ("", "two\nlines", "x" * (SECRET_LIMIT + 1), "\ud800"):
        with pytest.raises(Misconfigured):
            keep(f"file:{path}", wrong)
    assert Secret(f"file:{path}").reveal() == CANARY
    assert {it.name for it in tmp_path.iterdir()} == {"folder", "absent", "mail"}


def test_a_folder_of_somebody_else_is_access_denied(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with as_another_user(), pytest.raises(AccessDenied, match="may not be written"):
        keep(f"file:{tmp_path / 'mail'}", CANARY)


@pytest.mark.parametrize("reference", ["credential:mail", "command:pass mail", "file:mail", CANARY])
def test_where_nothing_can_be_kept_is_said_before_anything_is_written(reference: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        keep(reference, "hunter2")
    assert "hunter2" not in str(refused.value)
    assert CANARY not in str(refused.value)


@given(st.text(min_size=1))
def test_whatever_is_kept_is_read_again_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    reference = f"file:{tmp_path_factory.getbasetemp() / 'any.secret'}"
    try:
        keep(reference, text)
    except Misconfigured:
        return
    assert Secret(reference).reveal() == text.rstrip("\r\n")
