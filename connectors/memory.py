"""An account held in memory, read into observations: the reference connector, and a double."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from connectors.errors import AccessDenied, CursorExpired
from connectors.observations import Article, Card, Event, Gone, Message, Observation
from connectors.protocol import Batch, Cursor, Progress, Rejected


@dataclass
class Account:
    """A log of changes; an item appears once per change.

    ``epoch`` changes when the account forgets its cursors, ``locked`` refuses everybody, and
    ``n_read`` counts the entries that were ever looked at.
    """

    log: list[Observation | Rejected] = field(default_factory=list)
    epoch: int = 0
    locked: bool = False
    n_read: int = 0


@dataclass
class MemorySettings:
    """Which account to read, and how many changes make a batch."""

    account: Account = field(default_factory=Account)
    page: int = 2


class MemoryConnector:
    """Reads an :class:`Account`. A cursor is ``epoch:position``."""

    settings_type: ClassVar[type[MemorySettings]] = MemorySettings

    def __init__(self, settings: MemorySettings, *, since: datetime) -> None:
        """Remember which account to read, and from when on; read nothing yet."""
        self._account, self._page, self._since = settings.account, settings.page, since

    def poll(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the changes after ``cursor``, in the order of the log.

        Raises:
            AccessDenied: The account is locked.
            CursorExpired: The account's epoch is not the cursor's.
        """
        if self._account.locked:
            raise AccessDenied("the account is locked")
        start = self._resume(cursor)
        while start < len(self._account.log):
            page = self._account.log[start : start + self._page]
            start += len(page)
            self._account.n_read += len(page)
            yield self._batch(page, start)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _batch(self, page: list[Observation | Rejected], position: int) -> Batch:
        observations = (item for item in page if not isinstance(item, Rejected))
        return Batch(
            observations=tuple(o for o in observations if self._is_recent(o)),
            rejected=tuple(item for item in page if isinstance(item, Rejected)),
            cursor=self._cursor(position),
            progress=Progress(position, len(self._account.log)),
        )

    def _is_recent(self, observation: Observation) -> bool:
        match observation:
            case Message(sent_at=at) | Event(ends_at=at) | Article(published_at=at):
                return at >= self._since
            case Card() | Gone():
                return True

    def _cursor(self, position: int) -> Cursor:
        return Cursor(f"{self._account.epoch}:{position}")

    def _resume(self, cursor: Cursor | None) -> int:
        if cursor is None:
            return 0
        epoch, _, position = cursor.partition(":")
        if epoch != str(self._account.epoch) or not position.isdecimal():
            raise CursorExpired("the account has forgotten this cursor")
        return int(position)
