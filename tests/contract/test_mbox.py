"""The mbox connector keeps the contract, on plain and on compressed files."""

import gzip
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.formats import mbox
from connectors.mbox import MboxConnector, MboxSettings
from connectors.protocol import Connector
from tests.contract.bench import fingerprint, mail, n_bytes_read, refused

POSTMARK = b"From ada@example.org Mon Jun  3 09:30:00 2024\n"
MALFORMED = POSTMARK + b"This: is\n\nno message: nobody wrote it.\n\n"


@dataclass
class MboxBench:
    """A growing mbox in a folder of its own; compressed, each delivery is a gzip member."""

    folder: Path
    is_compressed: bool = False
    n_delivered: int = 0
    is_dated: bool = True
    is_incremental: bool = True

    def __post_init__(self) -> None:
        self.path.write_bytes(b"")

    @property
    def path(self) -> Path:
        return self.folder / "inbox"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        settings = MboxSettings(self.path)
        return MboxConnector(settings, since=since, batch_size=contract.LARGEST_BATCH)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        raws = [POSTMARK + mail(n, at, n_padding=8192) + b"\n" for n in numbers]
        self._append(b"".join(raws))
        return {mbox.name(mbox.content(raw)) for raw in raws}

    def deliver_malformed(self) -> None:
        self._append(MALFORMED)

    def expire_cursors(self) -> None:
        self.path.rename(self.folder / "inbox.0")
        self._append(POSTMARK + mail(999, contract.RECENT))

    def denied(self) -> AbstractContextManager[None]:
        return refused(self.folder)

    def fingerprint(self) -> str:
        return fingerprint(self.folder)

    def n_read(self) -> int:
        return n_bytes_read()

    def _append(self, raw: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(gzip.compress(raw, 0) if self.is_compressed else raw)


@pytest.mark.parametrize("is_compressed", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, is_compressed: bool, tmp_path: Path) -> None:
    check(MboxBench(tmp_path, is_compressed))
