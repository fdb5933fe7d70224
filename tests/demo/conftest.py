"""One made-up year for all tests that only read it."""

from email import message_from_bytes

import pytest

from daemon.demo.generate import DemoYear, write_year
from tests.demo.reading import Mail, unpack


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> DemoYear:
    return write_year(tmp_path_factory.mktemp("demo") / "year")


@pytest.fixture(scope="session")
def mail(year: DemoYear) -> list[Mail]:
    return [Mail(message_from_bytes(raw), place) for raw, place in unpack(year.truth.parent)]
