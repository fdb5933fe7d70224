"""Feeds on the web keep the contract: over https, signed in, from a server with entity tags."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from connectors import contract
from connectors.document import Outcome
from connectors.feed import Entry, FeedConnector, FeedSettings
from connectors.protocol import Connector
from connectors.worker import Worker
from tests.contract.test_feed import FeedBench
from tests.servers.web import Authority, Page, Site, document, fixed, guarded, login, serve

PASSWORD = "open sesame"  # noqa: S105 -- of nobody


WORKER = Worker("connectors.formats.feeds:parse")
"""For all checks: a start for each connector would take a minute."""


class PageBench(FeedBench):
    """The feed of the file's bench, on a site."""

    def __init__(self, root: Path, site: Site, authority: Authority) -> None:
        self.site, self.authority = site, authority
        super().__init__(root)

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench, signed = self, login(self.root, PASSWORD)

        class Counting(FeedConnector):
            def __init__(self, settings: FeedSettings) -> None:
                super().__init__(settings, since=since)
                self._worker = WORKER

            def close(self) -> None:
                self._origin.close()

            def _read(self, entry: Entry) -> Outcome:
                bench.n_opened += 1
                return super()._read(entry)

        settings = FeedSettings(
            url=self.site.at("localhost", f"/{self.path.name}?token=1"),
            page=3,
            allow_private=True,
            ca_file=self.authority.file,
            user=signed.user,
            secret=signed.secret,
        )
        return Counting(settings)

    def expire_cursors(self) -> None:
        """Name another address in the settings: the cursors say nothing about that one."""
        self.path = self.root / "elsewhere"
        self._write()

    @contextmanager
    def denied(self) -> Iterator[None]:
        known = dict(self.site.pages)
        self.site.pages[f"/{self.path.name}"] = fixed(403)
        yield
        self.site.pages |= known

    def fingerprint(self) -> str:
        """Return what is there; whoever only asks for it leaves no trace."""
        assert {asked.method for asked in self.site.asked} <= {"GET"}
        return sha256(self._document()).hexdigest()

    def _document(self) -> bytes:
        return (self.opening + "".join(self.items) + self.closing).encode()

    def _write(self) -> None:
        self.site.pages[f"/{self.path.name}"] = guarded(self._page(), "owner", PASSWORD)

    def _page(self) -> Page:
        return document(self._document(), is_packed=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", autouse=True)
def _end_of_the_worker() -> Iterator[None]:
    yield
    WORKER.close()


@pytest.fixture
def site(authority: Authority) -> Iterator[Site]:
    with serve(context=authority.context("localhost")) as running:
        yield running


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(
    check: contract.Check, tmp_path: Path, site: Site, authority: Authority
) -> None:
    check(PageBench(tmp_path, site, authority))
