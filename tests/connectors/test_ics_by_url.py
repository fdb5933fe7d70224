"""Subscribed calendars, polled: asked for only if changed or if the window moved."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from connectors.errors import Misconfigured, Unavailable
from connectors.ics import IcsConnector, IcsSettings
from connectors.observations import Gone
from connectors.protocol import Batch, Cursor
from tests.connectors.test_ics import SINCE, TEA, UNTIL, WEEKLY, calendar, uids
from tests.servers.web import Site, document, fixed, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def poll(site: Site, cursor: Cursor | None = None, *, until: datetime = UNTIL) -> list[Batch]:
    settings = IcsSettings(None, until, url=f"{site.url}/private/basic.ics", allow_private=True)
    with closing(IcsConnector(settings, since=SINCE)) as connector:
        return list(connector.poll(cursor))


def publish(site: Site, *components: str) -> None:
    site.pages["/private/basic.ics"] = document(calendar(*components).encode())


def test_a_calendar_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    publish(site, TEA, WEEKLY)
    first = poll(site)
    assert len(uids(first)) == 1 + 4
    assert poll(site, first[-1].cursor) == []
    assert "if-none-match" in site.asked[-1].headers
    publish(site, TEA, WEEKLY + "\nEXDATE:20240610T090000Z")
    (batch,) = poll(site, first[-1].cursor)
    assert Gone("w/20240610T090000Z") in batch.observations


def test_a_calendar_is_sent_again_when_the_window_has_moved(site: Site) -> None:
    publish(site, TEA, WEEKLY)
    first = poll(site)
    later = poll(site, first[-1].cursor, until=UNTIL + timedelta(days=14))
    assert uids(later) == ["w/20240701T090000Z", "w/20240708T090000Z"]
    assert "if-none-match" not in site.asked[-1].headers


def test_a_calendar_without_its_end_is_read_and_looked_at_again(site: Site) -> None:
    whole = calendar(TEA, WEEKLY).encode()
    cut = whole.index(b"BEGIN:VEVENT\nUID:w") + 30
    site.pages["/private/basic.ics"] = fixed(200, whole[:cut], ETag="1")
    first = poll(site)
    assert uids(first) == ["tea"]
    site.pages["/private/basic.ics"] = fixed(200, whole, ETag="1")
    second = poll(site, first[-1].cursor)
    assert "if-none-match" not in site.asked[-1].headers
    assert len(uids(second)) == 4
    assert not [o for b in second for o in b.observations if isinstance(o, Gone)]


@pytest.mark.parametrize("body", [b"", b"<html>Sign in to this network</html>", b"{}"])
def test_what_is_no_calendar_takes_nothing_back(site: Site, body: bytes) -> None:
    publish(site, TEA)
    cursor = poll(site)[-1].cursor
    site.pages["/private/basic.ics"] = fixed(200, body)
    with pytest.raises(Unavailable, match="does not answer with a calendar") as raised:
        poll(site, cursor)
    assert "private" not in str(raised.value)
    publish(site)
    assert uids(poll(site, cursor)) == []


def test_webcal_means_https(site: Site) -> None:
    url = site.at("localhost", "/basic.ics").replace("http:", "webcal:")
    with (
        closing(IcsConnector(IcsSettings(url=url, allow_private=True), since=SINCE)) as connector,
        pytest.raises(Unavailable, match=rf"^https://localhost:{site.port} "),
    ):
        list(connector.poll(None))
    with (
        closing(IcsConnector(IcsSettings(url="WebCal://127.0.0.1/"), since=SINCE)) as connector,
        pytest.raises(Misconfigured, match="lies in a private network"),
    ):
        list(connector.poll(None))
