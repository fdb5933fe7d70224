"""Accounts and a bench for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.google.letters import Bench, bench_in
from tests.servers.google_accounts import Accounts, open_accounts


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    with open_accounts() as running:
        yield running


@pytest.fixture
def bench(tmp_path: Path, accounts: Accounts) -> Iterator[Bench]:
    with bench_in(tmp_path, accounts) as opened:
        yield opened
