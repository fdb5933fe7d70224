"""Calendars on real CalDAV servers keep the contract."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import contract
from connectors.caldav import CaldavConnector, CaldavSettings
from connectors.document import Outcome
from connectors.protocol import Connector
from connectors.webdav.members import Member
from tests.contract.bench import ELSEWHERE
from tests.contract.dav_bench import SERVERS, DavBench
from tests.servers.dav import USER, Owner


class CalendarBench(DavBench):
    """Meetings of no length, in a calendar."""

    suffix = ".ics"

    def open(self, *, since: datetime = contract.BEGINNING) -> Connector:
        bench = self

        class Counting(CaldavConnector):
            def _read(self, member: Member, body: bytes, **options: Any) -> Outcome:
                bench.n_opened += 1
                return super()._read(member, body, **options)

        settings = CaldavSettings(
            self.url,
            USER,
            self.secret,
            ca_file=self.owner.ca_file,
            allow_private=True,
            until=contract.RECENT + timedelta(days=30),
            page=contract.LARGEST_BATCH,
        )
        return Counting(settings, since=since)

    def home(self) -> str:
        return self.owner.calendars

    def make(self) -> None:
        self.owner.make_calendar(self.path)

    def item(self, uid: str, at: datetime) -> str:
        start = f"{at.astimezone(ELSEWHERE):%Y%m%dT%H%M%S}"
        return _calendar(
            f"UID:{uid}\nDTSTART;TZID=Asia/Kolkata:{start}\n"
            f"DTEND;TZID=Asia/Kolkata:{start}\nSUMMARY:Meeting"
        )

    def malformed(self) -> str:
        return _calendar(
            "UID:bad@example.org\nDTSTART:20240603T093000Z\nRRULE:FREQ=MINUTELY;COUNT=3"
        )


ZONE = """BEGIN:VTIMEZONE
TZID:Asia/Kolkata
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0530
TZOFFSETTO:+0530
END:STANDARD
END:VTIMEZONE
"""
"""Without it Radicale writes one itself, for 15 ms an event."""


def _calendar(event: str) -> str:
    body = f"BEGIN:VEVENT\nDTSTAMP:20240603T093000Z\n{event}\nEND:VEVENT\n"
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//kithd//tests//EN\n{ZONE}{body}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n")


@pytest.fixture(scope="module", params=SERVERS)
def owner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as owner:
        yield owner


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda c: c.__name__)
def test_keeps_the_contract(check: contract.Check, owner: Owner, tmp_path: Path) -> None:
    check(CalendarBench(owner, tmp_path))
