"""An account on a real server for tests of the caldav and carddav connectors."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.caldav import CaldavConnector, CaldavSettings
from connectors.carddav import CarddavConnector, CarddavSettings
from connectors.observations import Observation
from connectors.protocol import Batch, Cursor
from tests.contract.dav_bench import secret_of
from tests.servers.dav import USER, Owner

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2024, 7, 1, tzinfo=UTC)

TEA = "UID:tea\nDTSTART:20240603T100000Z\nSUMMARY:Tea\nLOCATION:Café"
WEEKLY = "UID:w\nDTSTART:20240603T090000Z\nRRULE:FREQ=WEEKLY"
WEEKLY_NAMES = [f"w.ics/202406{day}T090000Z" for day in ("03", "10", "17", "24")]


def calendar(event: str) -> str:
    body = f"BEGIN:VEVENT\nDTSTAMP:20240101T000000Z\n{event}\nEND:VEVENT\n"
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//kithd//tests//EN\n{body}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n")


def card(uid: str, name: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;;;;\r\nEND:VCARD\r\n"


@dataclass
class Account:
    """What the connectors are told of the owner's account; ``url`` where not the server's own."""

    owner: Owner
    folder: Path
    url: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def calendars(self, cursor: Cursor | None = None, url: str = "", **more: Any) -> list[Batch]:
        given = self.given(url) | {"until": UNTIL} | self.settings | more
        with closing(CaldavConnector(CaldavSettings(**given), since=SINCE)) as connector:
            return list(connector.poll(cursor))

    def books(self, cursor: Cursor | None = None, url: str = "", **more: Any) -> list[Batch]:
        given = self.given(url) | self.settings | more
        with closing(CarddavConnector(CarddavSettings(**given), since=SINCE)) as connector:
            return list(connector.poll(cursor))

    def given(self, url: str = "") -> dict[str, Any]:
        return {
            "url": url or self.url or self.owner.url,
            "user": USER,
            "secret": secret_of(self.folder),
            "ca_file": self.owner.ca_file,
            "allow_private": True,
        }


def observations(batches: Iterable[Batch]) -> list[Observation]:
    return [one for batch in batches for one in batch.observations]


def names(batches: Iterable[Batch]) -> list[str]:
    """Return the uids, without the collections that they begin with, sorted."""
    return sorted(one.uid.partition("/")[2] for one in observations(batches))


def rejected(batches: Iterable[Batch]) -> dict[str, str]:
    return {one.uid.partition("/")[2]: one.reason for batch in batches for one in batch.rejected}
