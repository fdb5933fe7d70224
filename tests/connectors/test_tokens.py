"""Tokens are kept whole, by their owner alone, and renewed by one at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
from connectors.errors import AccessDenied, Misconfigured

N_RENEWALS = 20
RENEW = f"""
import sys
from pathlib import Path
from connectors.credentials.secrets import Secret
from connectors.credentials.tokens import Tokens
for _ in range({N_RENEWALS}):
    tokens = Tokens(Secret(sys.argv[1]))
    with tokens.turn():
        tokens.write({{"n": tokens.read()["n"] + 1}})
"""


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(Secret(f"file:{tmp_path / 'tokens'}"))


def test_what_was_written_is_read_and_only_the_owner_may_read_it(
    tokens: Tokens, tmp_path: Path
) -> None:
    tokens.write({"refresh_token": "r", "scopes": ["a", "b"]})
    assert tokens.read() == {"refresh_token": "r", "scopes": ["a", "b"]}
    assert (tmp_path / "tokens").stat().st_mode & 0o777 == 0o600


def test_nobody_has_signed_in_before_anything_was_written(tokens: Tokens) -> None:
    with pytest.raises(AccessDenied, match="nobody has signed in yet"):
        tokens.read()


@pytest.mark.parametrize("kept", ["a password", "[1]", "3"])
def test_something_else_is_no_sign_in(kept: str, tokens: Tokens, tmp_path: Path) -> None:
    place = tmp_path / "tokens"
    place.touch(mode=0o600)
    place.write_text(kept)
    with pytest.raises(Misconfigured, match="no sign-in") as caught:
        tokens.read()
    assert "password" not in str(caught.value)


def test_tokens_that_others_may_read_are_refused(tokens: Tokens, tmp_path: Path) -> None:
    tokens.write({"n": 1})
    (tmp_path / "tokens").chmod(0o644)
    with pytest.raises(Misconfigured, match="may be read by others"):
        tokens.read()


def test_threads_renew_them_one_after_the_other(tokens: Tokens) -> None:
    tokens.write({"n": 0})

    def renew(_: int) -> None:
        with tokens.turn():
            tokens.write({"n": tokens.read()["n"] + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(renew, range(N_RENEWALS)))
    assert tokens.read() == {"n": N_RENEWALS}


def test_processes_renew_them_one_after_the_other(tokens: Tokens) -> None:
    tokens.write({"n": 0})
    asked = [sys.executable, "-c", RENEW, tokens.secret.reference]
    running = [subprocess.Popen(asked) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert tokens.read() == {"n": 3 * N_RENEWALS}


@pytest.mark.parametrize("reference", ["keyring:kithd/mail", "command:pass mail"])
def test_threads_take_turns_without_a_file_too(reference: str) -> None:
    n_inside: list[int] = []
    inside = set[int]()

    def take(number: int) -> None:
        with Tokens(Secret(reference)).turn():
            inside.add(number)
            sleep(0.002)
            n_inside.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(N_RENEWALS)))
    assert n_inside == [1] * N_RENEWALS


def test_what_cannot_be_replaced_says_so(tmp_path: Path) -> None:
    assert Tokens(Secret("keyring:kithd/mail")).can_be_written
    assert not Tokens(Secret("credential:mail")).can_be_written
    assert not Tokens(Secret("command:pass mail")).can_be_written
    folder = tmp_path / "there"
    folder.write_text("a file where the folder should be")
    with pytest.raises(Misconfigured):
        Tokens(Secret(f"file:{folder}/tokens")).write({})
