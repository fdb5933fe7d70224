"""A mailroom for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.gmail.mailroom import Mailroom, open_mailroom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path) as opened:
        yield opened
