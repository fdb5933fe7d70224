"""Feed files, polled: dates that hold, a publisher's name, and bombs set aside."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import Misconfigured
from connectors.feed import FeedConnector, FeedSettings
from connectors.observations import Article
from connectors.protocol import Batch, Cursor

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
WRITTEN = datetime(2024, 6, 3, 12, tzinfo=UTC)


def feed(path: Path, *items: str) -> Path:
    body = "".join(f"<item>{item}</item>" for item in items)
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Notes</title>'
    path.write_text(f"{head}{body}</channel></rss>")
    os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    return path


def item(number: int, date: str = "") -> str:
    return (
        f"<guid>https://example.org/{number}</guid><title>Note {number}</title>"
        f"<link>https://example.org/{number}</link><pubDate>{date}</pubDate>"
    )


def poll(settings: FeedSettings, cursor: Cursor | None = None) -> list[Batch]:
    with closing(FeedConnector(settings, since=SINCE)) as connector:
        return list(connector.poll(cursor))


def articles(batches: list[Batch]) -> list[Article]:
    return [o for b in batches for o in b.observations if isinstance(o, Article)]


@pytest.mark.parametrize("date", ["", "someday", "Sat, 01 Jan 2124 00:00:00 GMT", "1 Jan 0001"])
def test_an_article_without_a_credible_date_is_as_old_as_the_file(
    tmp_path: Path, date: str
) -> None:
    (article,) = articles(poll(FeedSettings(feed(tmp_path / "feed.xml", item(1, date)))))
    assert article.published_at == WRITTEN


def test_the_owner_s_name_for_a_publisher_comes_before_the_feed_s(tmp_path: Path) -> None:
    path = feed(tmp_path / "feed.xml", item(1))
    assert [a.publisher for a in articles(poll(FeedSettings(path)))] == ["Notes"]
    assert [a.publisher for a in articles(poll(FeedSettings(path, "Mine")))] == ["Mine"]


def test_a_file_written_again_with_the_same_entries_tells_nothing(tmp_path: Path) -> None:
    path = feed(tmp_path / "feed.xml", item(1), item(2))
    first = poll(FeedSettings(path))
    feed(path, item(2), item(1))
    again = poll(FeedSettings(path), first[-1].cursor)
    assert articles(again) == []
    feed(path, item(3), item(2))
    third = poll(FeedSettings(path), again[-1].cursor)
    assert [a.title for a in articles(third)] == ["Note 3"]


def test_what_is_no_feed_or_too_large_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text("hello")
    (batch,) = poll(FeedSettings(path))
    assert [(one.uid, one.reason) for one in batch.rejected] == [("the file", "not a feed")]
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    (batch,) = poll(FeedSettings(path))
    assert [one.reason for one in batch.rejected] == ["larger than 16 MB"]


def test_a_feed_is_one_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.xml"):
        with pytest.raises(Misconfigured):
            poll(FeedSettings(path))
