"""The made-up year, read once for all commands that only look at it."""

from datetime import datetime
from typing import NamedTuple

import pytest

from daemon.demo.generate import write_year
from tests.cli.test_story import bare, run


class KeptYear(NamedTuple):
    """What to type to look at the year that was read, and the instant it ends."""

    words: tuple[str, ...]
    at: datetime


@pytest.fixture(scope="session")
def kept_year(tmp_path_factory: pytest.TempPathFactory) -> KeptYear:
    folder = tmp_path_factory.mktemp("made-up")
    year = write_year(folder / "year")
    words = ("--keep", str(folder / "kept"), "--at", year.at.isoformat())
    assert run(*bare("ties", year), *words).ok
    return KeptYear(words, year.at)
