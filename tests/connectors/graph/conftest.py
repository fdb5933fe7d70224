"""An account at Microsoft for each test, and one authority for all."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.microsoft import Account
from tests.servers.microsoft import account as running_account
from tests.servers.web import Authority


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="package")
def context(authority: Authority) -> ssl.SSLContext:
    return authority.context("localhost")


@pytest.fixture
def nobodys(authority: Authority, context: ssl.SSLContext, tmp_path: Path) -> Iterator[Account]:
    """An account that nobody has signed in to yet."""
    with running_account(tmp_path, authority, context) as opened:
        yield opened


@pytest.fixture
def account(nobodys: Account) -> Account:
    """An account whose owner has signed in, for all that the settings read by themselves."""
    nobodys.sign_in()
    return nobodys
