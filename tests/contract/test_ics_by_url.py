"""Subscribed calendars keep the contract: from a server that dates its answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from connectors import contract
from connectors.document import Outcome
from connectors.formats.rfc5545 import Series
from connectors.ics import IcsConnector, IcsSettings
from connectors.occurrences import EXPAND, SERIES_SECONDS
from connectors.protocol import Connector
from connectors.worker import Worker
from tests.contract.test_ics import CalendarBench
from tests.servers.web import Page, Site, document, fixed, serve

WORKER = Worker(EXPAND, seconds=SERIES_SECONDS)
"""For all checks: a start for each connector would take a minute."""


class PageBench(CalendarBench):
    """The calendar of the file's bench, on a site that says when it was changed."""

    def __init__(self, root: Path, site: Site) -> None:
        self.site = site
        super().__init__(root)

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(IcsConnector):
            def __init__(self, settings: IcsSettings) -> None:
                super().__init__(settings, since=since)
                self._expander._worker = WORKER

            def close(self) -> None:
                self._origin.close()

            def _look(self, series: Series, **options: Any) -> Outcome:
                bench.n_opened += 1
                return super()._look(series, **options)

        until = contract.RECENT + timedelta(days=30)
        url = f"{self.site.url}/{self.path.name}"
        settings = IcsSettings(url=url, until=until, page=3, allow_private=True)
        return Counting(settings)

    def expire_cursors(self) -> None:
        """Name another address in the settings: the cursors say nothing about that one."""
        self.path = self.root / "elsewhere"
        self._write()

    @contextmanager
    def denied(self) -> Iterator[None]:
        known = dict(self.site.pages)
        self.site.pages[f"/{self.path.name}"] = fixed(401)
        yield
        self.site.pages |= known

    def fingerprint(self) -> str:
        """Return what is there; whoever only asks for it leaves no trace."""
        assert {asked.method for asked in self.site.asked} <= {"GET"}
        return sha256(self._document()).hexdigest()

    def _document(self) -> bytes:
        return (self.opening + "".join(self.items) + self.closing).encode()

    def _write(self) -> None:
        self.site.pages[f"/{self.path.name}"] = self._page()

    def _page(self) -> Page:
        return document(self._document(), has_etag=False, changed_at=datetime.now(UTC))


@pytest.fixture(scope="module", autouse=True)
def _end_of_the_worker() -> Iterator[None]:
    yield
    WORKER.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path, site: Site) -> None:
    check(PageBench(tmp_path, site))
