"""A mailbox at an Exchange Server of the tests' own, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.exchange.mailbox import Home
from tests.servers.ews import Exchange, serving
from tests.servers.ews_xsd import Schemas, load, run_folder


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas | None:
    return load(run_folder(tmp_path_factory))


@pytest.fixture
def home(schemas: Schemas | None, tmp_path: Path) -> Iterator[Home]:
    exchange = Exchange(schemas)
    with serving(exchange, tmp_path) as (served, ca_file):
        yield Home(exchange, served, ca_file, tmp_path)
