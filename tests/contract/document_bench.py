"""A bench for connectors to documents that are rewritten as a whole: one file, item upon item."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from connectors import contract
from connectors.protocol import Connector
from tests.contract.bench import fingerprint, refused


class DocumentBench(ABC):
    """A document at ``path``, every item of which is written again with each delivery.

    ``n_opened`` counts the items that connectors made observations of.
    """

    is_dated = True
    is_incremental = True
    opening = closing = ""

    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / "document"
        self.items: list[str] = []
        self.n_delivered = self.n_opened = 0
        self._write()

    @abstractmethod
    def open(self, *, since: datetime = contract.BEGINNING) -> Connector: ...

    @abstractmethod
    def item(self, number: int, at: datetime) -> tuple[str, str]:
        """Return the uid of an item, and how it is written."""

    @abstractmethod
    def malformed(self) -> str:
        """Return an item that can be found but not understood."""

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        written = [self.item(self.n_delivered + i, at) for i in range(count)]
        self.n_delivered += count
        self.items += [text for _, text in written]
        self._write()
        return {uid for uid, _ in written}

    def deliver_malformed(self) -> None:
        self.items.append(self.malformed())
        self._write()

    def expire_cursors(self) -> None:
        """Name another file in the settings: the cursors say nothing about that one."""
        self.path = self.path.rename(self.root / "elsewhere")

    @contextmanager
    def denied(self) -> Iterator[None]:
        with refused(self.path):
            yield

    def fingerprint(self) -> str:
        return fingerprint(self.root)

    def n_read(self) -> int:
        return self.n_opened

    def _write(self) -> None:
        self.path.write_text(self.opening + "".join(self.items) + self.closing)
