"""Feeds in files keep the contract."""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors import contract
from connectors.document import Outcome
from connectors.feed import Entry, FeedConnector, FeedSettings
from connectors.protocol import Connector
from tests.contract.bench import ELSEWHERE
from tests.contract.document_bench import DocumentBench


class FeedBench(DocumentBench):
    """An RSS feed in a file."""

    opening = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Notes</title>'
        "<link>https://example.org/</link>"
    )
    closing = "</channel></rss>"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(FeedConnector):
            def _read(self, entry: Entry) -> Outcome:
                bench.n_opened += 1
                return super()._read(entry)

        return Counting(FeedSettings(self.path, page=3), since=since)

    def item(self, number: int, at: datetime) -> tuple[str, str]:
        uid = f"note-{number}"
        date = format_datetime(at.astimezone(ELSEWHERE))
        return uid, (
            f'<item><guid isPermaLink="false">{uid}</guid><title>Note {number}</title>'
            f"<link>/notes/{number}</link><pubDate>{date}</pubDate></item>"
        )

    def malformed(self) -> str:
        return '<item><guid isPermaLink="false">bad</guid><title>Nowhere</title></item>'


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, tmp_path: Path) -> None:
    check(FeedBench(tmp_path))
