"""Calendars in files keep the contract: one file, and a folder of them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import contract
from connectors.document import Outcome
from connectors.formats.rfc5545 import Series
from connectors.ics import IcsConnector, IcsSettings
from connectors.protocol import Connector
from tests.contract.bench import ELSEWHERE
from tests.contract.document_bench import DocumentBench


class CalendarBench(DocumentBench):
    """Meetings of an hour each, in one file."""

    opening = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    closing = "END:VCALENDAR\r\n"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(IcsConnector):
            def _look(self, series: Series, **options: Any) -> Outcome:
                bench.n_opened += 1
                return super()._look(series, **options)

        until = contract.RECENT + timedelta(days=30)
        return Counting(IcsSettings(self.path, until=until, page=3), since=since)

    def item(self, number: int, at: datetime) -> tuple[str, str]:
        uid = f"meeting-{number}@example.org"
        start = f"{at.astimezone(ELSEWHERE):%Y%m%dT%H%M%S}"
        return uid, (
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;TZID=Asia/Kolkata:{start}\r\n"
            f"DTEND;TZID=Asia/Kolkata:{start}\r\nSUMMARY:Meeting {number}\r\nEND:VEVENT\r\n"
        )

    def malformed(self) -> str:
        return "BEGIN:VEVENT\r\nUID:bad@example.org\r\nDTSTART:soon\r\nEND:VEVENT\r\n"


class FolderBench(CalendarBench):
    """The same, each in a file of its own."""

    def _write(self) -> None:
        self.path.mkdir(exist_ok=True)
        for number, item in enumerate(self.items):
            text = self.opening + item + self.closing
            (self.path / f"{number}.ics").write_text(text)


@pytest.mark.parametrize("bench", [CalendarBench, FolderBench])
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(
    check: contract.Check, bench: type[DocumentBench], tmp_path: Path
) -> None:
    check(bench(tmp_path))
