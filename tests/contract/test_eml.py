"""The connector for folders of .eml files keeps the contract."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.eml import EmlConnector, EmlSettings
from connectors.protocol import Connector
from tests.contract.bench import fingerprint, mail, n_bytes_read, refused


@dataclass
class EmlBench:
    """A folder with a folder in it; both are delivered to, in turn."""

    home: Path
    n_delivered: int = 0
    is_dated: bool = True
    is_incremental: bool = True

    def __post_init__(self) -> None:
        (self.path / "2024").mkdir(parents=True)

    @property
    def path(self) -> Path:
        return self.home / "export"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        settings = EmlSettings(self.path)
        return EmlConnector(settings, since=since, batch_size=contract.LARGEST_BATCH)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        return {self._write(mail(number, at)) for number in numbers}

    def deliver_malformed(self) -> None:
        self._write(b"This: is\n\nno message: nobody wrote it.\n")

    def expire_cursors(self) -> None:
        self.path.rename(self.home / "export.old")
        (self.path / "2024").mkdir(parents=True)

    def denied(self) -> AbstractContextManager[None]:
        return refused(self.home)

    def fingerprint(self) -> str:
        return fingerprint(self.home)

    def n_read(self) -> int:
        return n_bytes_read()

    def _write(self, raw: bytes) -> str:
        folder = "2024/" if self.n_delivered % 2 else ""
        name = f"{folder}note {self.n_delivered}.eml"
        self.n_delivered += 1
        (self.path / name).write_bytes(raw)
        return name


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    check(EmlBench(tmp_path))
