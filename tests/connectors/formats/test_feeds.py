"""Feeds to entries: three formats, plain text, web addresses only, bounds that hold."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats.feeds import parse
from connectors.worker import Unanswered, Worker
from tests.invariants import assert_line

JUNE = datetime(2024, 6, 3, 9, 30, tzinfo=UTC).timestamp()

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Notes &amp; News</title>
<link>https://example.org/blog/</link><item><guid isPermaLink="false">n1</guid>
<title>One &lt;b&gt;bold&lt;/b&gt; step</title><link>first.html</link>
<pubDate>Mon, 03 Jun 2024 11:30:00 +0200</pubDate>
<description>&lt;p&gt;Trams &amp;amp; trains
&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description>
</item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes &amp; News</title>
<link href="https://example.org/blog/"/><entry><id>n1</id>
<title type="html">One &lt;b&gt;bold&lt;/b&gt; step</title>
<link href="https://example.org/blog/first.html"/><published>2024-06-03T11:30:00+02:00</published>
<content type="html">&lt;p&gt;Trams &amp;amp; trains&lt;/p&gt;</content></entry></feed>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Notes & News",
        "home_page_url": "https://example.org/blog/",
        "items": [
            {
                "id": "n1",
                "url": "first.html",
                "title": "One bold step",
                "content_html": "<p>Trams &amp; trains</p>",
                "date_published": "2024-06-03T11:30:00+02:00",
            }
        ],
    }
)


def read(document: str | bytes) -> dict[str, Any]:
    raw = document.encode() if isinstance(document, str) else document
    return parse(base64.b64encode(raw).decode("ascii"))


@pytest.mark.parametrize("document", [RSS, ATOM, JSON], ids=["rss", "atom", "json"])
def test_the_three_formats_say_the_same(document: str) -> None:
    assert read(document) == {
        "publisher": "Notes & News",
        "is_feed": True,
        "entries": [
            {
                "uid": "n1",
                "url": "https://example.org/blog/first.html",
                "title": "One bold step",
                "summary": "Trams & trains",
                "published": JUNE,
            }
        ],
    }


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "mailto:a@example.org"]
)
def test_only_web_addresses_are_links(link: str) -> None:
    (entry,) = read(RSS.replace("first.html", link))["entries"]
    assert entry["url"] == ""


def test_a_summary_is_cut_at_two_thousand_characters() -> None:
    (entry,) = read(RSS.replace("Trams", "tram " * 5_000))["entries"]
    assert len(entry["summary"]) in (1_999, 2_000)


@pytest.mark.parametrize(
    "document", ["", "hello", "<html><p>page</p></html>", "{", '{"version": 1}', "[]"]
)
def test_what_is_no_feed_is_said_to_be_none(document: str) -> None:
    assert read(document) == {"publisher": "", "entries": [], "is_feed": False}


def test_a_path_or_an_address_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS)
    assert read(str(path))["entries"] == []
    assert read(path.as_uri())["entries"] == []


def test_outside_entities_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss'
    document = RSS.replace("<rss", doctype, 1).replace("Trams", "&x;")
    assert "canary" not in json.dumps(read(document))


def test_entities_that_multiply_end_within_bounds() -> None:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(8))
    bomb = RSS.replace("<rss", f'<!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]><rss', 1)
    with Worker("connectors.formats.feeds:parse") as worker:
        try:
            answer = worker.ask(base64.b64encode(bomb.replace("Trams", "&e8;").encode()).decode())
        except Unanswered:
            return
    assert len(json.dumps(answer)) < 10_000


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(RSS)), st.sampled_from([RSS, ATOM, JSON]))
def test_mutated_feeds_never_escape_as_an_exception(
    insert: bytes, position: int, document: str
) -> None:
    raw = document.encode()
    for mutant in (insert, raw[:position] + insert + raw[position:], raw[:position]):
        feed = read(mutant)
        assert_line(feed["publisher"], 200)
        for entry in feed["entries"]:
            assert_line(entry["uid"], 200)
            assert_line(entry["title"], 2_000)
            assert_line(entry["summary"], 2_000)
