"""Feeds on the web, polled: asked for only if changed, dated once and for all, robust to errors."""

import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import pytest

from connectors.contract import CURSOR_LIMIT
from connectors.credentials.secrets import Secret
from connectors.document import N_PARTS
from connectors.errors import AccessDenied, ConnectorError, Misconfigured, Unavailable
from connectors.feed import FeedConnector, FeedSettings
from connectors.first_seen import N_KEPT
from connectors.observations import Article
from connectors.protocol import Batch, Cursor
from connectors.worker import Worker
from tests.servers.web import Exchange, Page, Site, document, fixed, redirect, serve

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
FIRST = datetime(2024, 6, 3, 12, tzinfo=UTC)
LATER = FIRST + timedelta(days=9)
DATED = "<pubDate>Mon, 03 Jun 2024 10:00:00 GMT</pubDate>"


def feed(*names: str, date: str = "") -> bytes:
    items = "".join(
        f"<item><guid>https://example.org/{name}</guid><title>Note {name}</title>"
        f"<link>https://example.org/{name}</link>{date}</item>"
        for name in names
    )
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Notes</title>'
    return f"{head}{items}</channel></rss>".encode()


WORKER = Worker("connectors.formats.feeds:parse")


class Sharing(FeedConnector):
    """Uses one worker for all tests: a hundred starts would take a minute."""

    def __init__(self, settings: FeedSettings) -> None:
        super().__init__(settings, since=SINCE)
        self._worker = WORKER

    def close(self) -> None:
        self._origin.close()


@pytest.fixture(scope="module", autouse=True)
def _end_of_the_worker() -> Iterator[None]:
    yield
    WORKER.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def poll(site: Site, cursor: Cursor | None = None) -> list[Batch]:
    settings = FeedSettings(Path(), url=f"{site.url}/feed?token=1", allow_private=True)
    with closing(Sharing(settings)) as connector:
        return list(connector.poll(cursor))


def dates(batches: list[Batch]) -> dict[str, datetime]:
    articles = [o for b in batches for o in b.observations if isinstance(o, Article)]
    assert len(articles) == sum(len(b.observations) for b in batches)
    return {a.title.removeprefix("Note "): a.published_at for a in articles}


def test_a_feed_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.pages["/feed"] = document(feed("a", "b", date=DATED))
    first = poll(site)
    assert dates(first).keys() == {"a", "b"}
    assert poll(site, first[-1].cursor) == []
    etag = site.asked[-1].headers["if-none-match"]
    site.pages["/feed"] = document(feed("c", "a", "b", date=DATED))
    third = poll(site, first[-1].cursor)
    assert dates(third).keys() == {"c"}
    assert poll(site, third[-1].cursor) == []
    assert site.asked[-1].headers["if-none-match"] != etag


def test_a_server_that_says_nothing_of_changes_is_understood_too(site: Site) -> None:
    site.pages["/feed"] = document(feed("a", date=DATED), has_etag=False)
    first = poll(site)
    assert poll(site, first[-1].cursor) == []
    assert "if-none-match" not in site.asked[-1].headers


def test_a_date_of_change_counts_only_when_that_second_is_over(site: Site) -> None:
    now = datetime.now(UTC) + timedelta(seconds=30)
    for changed_at, is_sent in ((now, False), (now - timedelta(hours=1), True)):
        site.pages["/feed"] = document(feed("a", date=DATED), has_etag=False, changed_at=changed_at)
        assert poll(site, poll(site)[-1].cursor) == []
        assert ("if-modified-since" in site.asked[-1].headers) == is_sent


def colliding(name: str) -> str:
    """Return another name whose article shares its part of the cursor with that of ``name``."""

    def part(one: str) -> int:
        return zlib.crc32(f"https://example.org/{one}".encode()) % N_PARTS

    return next(f"x{n}" for n in count() if part(f"x{n}") == part(name))


def test_an_article_without_a_date_is_as_old_as_when_it_was_first_seen(site: Site) -> None:
    site.pages["/feed"] = document(feed("a"), changed_at=FIRST)
    first = poll(site)
    assert dates(first) == {"a": FIRST}
    neighbour = colliding("a")
    site.pages["/feed"] = document(feed("b", neighbour, "a"), changed_at=LATER)
    second = poll(site, first[-1].cursor)
    assert dates(second) == {"a": FIRST, neighbour: LATER, "b": LATER}


def test_what_the_server_does_not_date_was_first_seen_when_it_was_asked_for(site: Site) -> None:
    site.pages["/feed"] = document(feed("a"))
    before = datetime.now(UTC).replace(microsecond=0)
    first = poll(site)
    assert before <= dates(first)["a"] <= datetime.now(UTC)
    site.pages["/feed"] = document(feed("a", colliding("a")))
    assert dates(poll(site, first[-1].cursor))["a"] == dates(first)["a"]


def test_a_crash_between_two_batches_does_not_date_anew(site: Site) -> None:
    site.pages["/feed"] = document(feed("a", "b", "c", "d"), changed_at=FIRST)
    settings = FeedSettings(url=f"{site.url}/feed", page=2, allow_private=True)
    with closing(Sharing(settings)) as connector:
        batch = next(connector.poll(None))
    site.pages["/feed"] = document(feed("a", "b", "c", "d"), changed_at=LATER)
    with closing(Sharing(settings)) as connector:
        rest = list(connector.poll(batch.cursor))
    assert dates([batch, *rest]) == dict.fromkeys("abcd", FIRST)


def test_of_very_many_articles_without_a_date_the_old_stay_old(site: Site) -> None:
    old = [f"old{n}" for n in range(3 * N_KEPT)]
    site.pages["/feed"] = document(feed(*old), changed_at=FIRST)
    cursor = poll(site)[-1].cursor
    neighbours = [colliding(name) for name in old]
    site.pages["/feed"] = document(feed(*old, *neighbours, "new"), changed_at=LATER)
    found = dates(poll(site, cursor))
    assert {found[name] for name in old} == {FIRST}
    assert found["new"] == LATER


def test_the_longest_cursor_is_not_too_long(site: Site) -> None:
    undated = feed(*(f"a{n}" for n in range(2_000)))
    for etag in ("e" * 180, '"é ü|-"' * 9):
        headers = {"ETag": etag, "Last_Modified": format_datetime(FIRST, usegmt=True)}
        site.pages["/feed"] = fixed(200, undated, **headers)
        batches = poll(site)
        for batch in batches:
            assert batch.cursor.isprintable()
            assert len(batch.cursor) <= CURSOR_LIMIT
        site.pages["/feed"] = document(undated, changed_at=FIRST)
        assert poll(site, batches[-1].cursor) == []


def hang_up(raw: bytes) -> Page:
    def page(exchange: Exchange) -> None:
        exchange.pour(raw)
        exchange.close_connection = True

    return page


ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Feeds will be back soon</h1></body></html>"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (fixed(401), AccessDenied),
        (fixed(403, ERROR_PAGE), AccessDenied),
        (fixed(404, ERROR_PAGE), Misconfigured),
        (fixed(410), Misconfigured),
        (fixed(429, Retry_After="600"), Unavailable),
        (fixed(500, ERROR_PAGE), Unavailable),
        (fixed(503), Unavailable),
        (fixed(200, ERROR_PAGE), Unavailable),
        (fixed(200), Unavailable),
        (fixed(204), Unavailable),
        (fixed(206, feed("a")), Unavailable),
        (fixed(300, feed("a")), Unavailable),
        (fixed(200, b"[]"), Unavailable),
        (fixed(200, b"\x89PNG" * 1_000), Unavailable),
        (redirect("/feed"), Unavailable),
        (redirect("file:///etc/passwd"), Misconfigured),
        (hang_up(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + feed("a")), Unavailable),
    ],
)
def test_an_error_is_named_and_loses_nothing(
    site: Site, page: Page, expected: type[ConnectorError]
) -> None:
    site.pages["/feed"] = document(feed("a", date=DATED))
    cursor = poll(site)[-1].cursor
    site.pages["/feed"] = page
    for known in (None, cursor):
        with pytest.raises(expected) as raised:
            poll(site, known)
        assert "token" not in str(raised.value)
    site.pages["/feed"] = document(feed("b", "a", date=DATED))
    assert dates(poll(site, cursor)).keys() == {"b"}


def test_how_long_to_wait_reaches_the_caller(site: Site) -> None:
    site.pages["/feed"] = fixed(429, Retry_After="600")
    with pytest.raises(Unavailable) as raised:
        poll(site)
    assert raised.value.retry_after == timedelta(minutes=10)


def test_a_feed_that_may_be_cut_off_is_looked_at_again(site: Site) -> None:
    whole = feed("a", "b", date=DATED)
    site.pages["/feed"] = hang_up(b"HTTP/1.1 200 OK\r\nETag: 1\r\n\r\n" + whole[: len(whole) // 2])
    first = poll(site)
    site.pages["/feed"] = hang_up(b"HTTP/1.1 200 OK\r\nETag: 1\r\n\r\n" + whole)
    second = poll(site, first[-1].cursor)
    assert "if-none-match" not in site.asked[-1].headers
    assert dates([*first, *second]).keys() == {"a", "b"}
    assert dates(poll(site, second[-1].cursor)) == {}


def test_a_feed_that_is_suddenly_empty_takes_nothing_back(site: Site) -> None:
    site.pages["/feed"] = document(feed("a", date=DATED))
    cursor = poll(site)[-1].cursor
    site.pages["/feed"] = document(feed())
    assert dates(poll(site, cursor)) == {}


def test_a_server_of_the_own_network_is_asked_only_if_that_was_meant(site: Site) -> None:
    for url in (site.url, site.at("localhost").replace("http:", "https:")):
        with (
            closing(Sharing(FeedSettings(url=url))) as connector,
            pytest.raises(Misconfigured),
        ):
            list(connector.poll(None))
    assert site.n_connections == 0


@pytest.mark.parametrize(
    "settings",
    [
        FeedSettings(),
        FeedSettings(Path()),
        FeedSettings(url="https://example.org/", user="owner"),
        FeedSettings(url="https://example.org/", secret=Secret("file:x")),
        FeedSettings(url="example.org/feed"),
        FeedSettings(url="file:///etc/passwd"),
    ],
)
def test_settings_that_cannot_be_right_are_named(settings: FeedSettings) -> None:
    with (
        closing(Sharing(settings)) as connector,
        pytest.raises(Misconfigured),
    ):
        list(connector.poll(None))


def test_a_path_and_a_url_together_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(feed("a"))
    settings = FeedSettings(path, url="https://example.org/feed")
    with (
        closing(Sharing(settings)) as connector,
        pytest.raises(Misconfigured, match="not both"),
    ):
        list(connector.poll(None))


def test_a_url_is_not_shown_for_it_may_hold_a_secret() -> None:
    assert "token" not in repr(FeedSettings(url="https://example.org/token/feed"))


def test_files_need_nothing_of_the_web() -> None:
    code = "import sys, connectors.feed, connectors.ics, connectors.vcf; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"connectors.http", "httpcore"} & set(done.stdout.split())
