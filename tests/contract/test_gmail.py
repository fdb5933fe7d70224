"""The Gmail connector keeps the contract, by the permission to read all and by the narrow one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.protocol import Connector, Reading
from tests.connectors.gmail.mailroom import Mailroom, open_mailroom
from tests.contract.bench import ELSEWHERE, mail

MALFORMED = b"This: is\r\n\r\nno message: nobody wrote it.\r\n"


@dataclass
class GmailBench:
    """Every third message is one that the owner sent."""

    room: Mailroom
    read: Reading
    is_dated: bool = True
    is_incremental: bool = True
    n_delivered: int = 0

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        return self.room.open(since=since, read=self.read, page=contract.LARGEST_BATCH)

    def deliver(self, count: int, *, at: datetime = contract.RECENT) -> set[str]:
        numbers = range(self.n_delivered, self.n_delivered + count)
        self.n_delivered += count
        return {
            self.room.box.deliver(
                mail(n, at), "INBOX" if n % 3 else "SENT", at=at.astimezone(ELSEWHERE)
            )
            for n in numbers
        }

    def deliver_malformed(self) -> None:
        self.room.box.deliver(MALFORMED, "INBOX", at=contract.RECENT)

    def expire_cursors(self) -> None:
        self.room.box.forget()

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Take access back on Google's page, and in the end sign in again."""
        self.room.accounts.revoke_all()
        yield
        self.room.sign_in()

    def fingerprint(self) -> str:
        return json.dumps(
            [[one.uid, sorted(one.labels), one.history] for one in self.room.box.newest_first()]
            + [self.room.box.history]
        )

    def n_read(self) -> int:
        return len(self.room.gmail.got)


@pytest.mark.parametrize("read", [Reading.TEXT, Reading.HEADERS], ids=["readonly", "metadata"])
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, read: Reading, tmp_path: Path) -> None:
    with open_mailroom(tmp_path) as room:
        check(GmailBench(room, read))
