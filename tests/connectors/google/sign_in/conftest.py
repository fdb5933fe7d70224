"""A Google that is reached securely, and an owner who trusts it."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.credentials.secrets import Secret
from connectors.google.settings import GoogleSettings
from tests.connectors.google.letters import Hands
from tests.connectors.google.sign_in.owner import Browser, Elsewhere, Owner
from tests.servers.google_accounts import Accounts, client_file, open_accounts
from tests.servers.web import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def accounts(authority: Authority) -> Iterator[Accounts]:
    with open_accounts(context=authority.context("localhost")) as running:
        yield running


@pytest.fixture
def owner(authority: Authority) -> Owner:
    return Owner(ssl.create_default_context(cafile=authority.file))


@pytest.fixture(params=["here", "elsewhere"])
def desk(request: pytest.FixtureRequest, owner: Owner) -> Browser | Elsewhere:
    return owner.here() if request.param == "here" else owner.elsewhere()


@pytest.fixture
def settings(tmp_path: Path, accounts: Accounts, authority: Authority) -> GoogleSettings:
    return GoogleSettings(
        secret=Secret(f"file:{tmp_path / 'google.tokens'}"),
        client_file=client_file(tmp_path, accounts),
        user="owner@example.org",
        ca_file=authority.file,
        allow_private=True,
        clock=Hands(),
    )
