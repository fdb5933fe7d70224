"""The Maildir connector keeps the contract."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.maildir import MaildirConnector, MaildirSettings
from connectors.protocol import Connector
from tests.contract.bench import fingerprint, mail, n_bytes_read, refused


@dataclass
class MaildirBench:
    """A Maildir that is delivered to as maildir(5) says: written in tmp, moved to new."""

    home: Path
    n_delivered: int = 0
    is_dated: bool = True
    is_incremental: bool = True

    def __post_init__(self) -> None:
        self._create()

    @property
    def path(self) -> Path:
        return self.home / "Maildir"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        settings = MaildirSettings(self.path)
        return MaildirConnector(settings, since=since, batch_size=contract.LARGEST_BATCH)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        return {self._write(mail(number, at)) for number in numbers}

    def deliver_malformed(self) -> None:
        self._write(b"This: is\n\nno message: nobody wrote it.\n")

    def expire_cursors(self) -> None:
        self.path.rename(self.home / "Maildir.old")
        self._create()

    def denied(self) -> AbstractContextManager[None]:
        return refused(self.home)

    def fingerprint(self) -> str:
        return fingerprint(self.home)

    def n_read(self) -> int:
        return n_bytes_read()

    def _create(self) -> None:
        for name in ("cur", "new", "tmp"):
            (self.path / name).mkdir(parents=True)

    def _write(self, raw: bytes) -> str:
        name = f"1717400000.M{self.n_delivered}P1.example"
        self.n_delivered += 1
        (self.path / "tmp" / name).write_bytes(raw)
        (self.path / "tmp" / name).rename(self.path / "new" / name)
        return name


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    check(MaildirBench(tmp_path))
