"""Bytes of a feed (RSS, Atom, JSON Feed) to its entries: read where it may be killed.

feedparser opens files and fetches addresses when it is given text; it is given bytes in a
stream, always. It runs only inside ``connectors.worker``, for entities that multiply and
markup that never ends cost it time and memory.

Source: reliability notes, threats T9, T10 and T12; feedparser's own documentation of ``parse``.
"""

import base64
import calendar
import io
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

import feedparser

from connectors.formats.markup import is_web_address, read_html
from connectors.formats.text import scrub

N_ENTRIES_LIMIT = 2_000
TITLE_LIMIT = 300
SUMMARY_LIMIT = 2_000
PUBLISHER_LIMIT = 200
UID_LIMIT = 200
_MARKUP_LIMIT = 50_000  # Characters of markup that are looked at for a summary.


def parse(encoded: str) -> dict[str, Any]:
    """Read a feed.

    Args:
        encoded: Its bytes, in base64.

    Returns:
        ``publisher``: the feed's title. ``entries``, at most 2,000 and in the feed's order, each
        with ``uid``, ``url`` (empty where there is no http(s) address), ``title``, ``summary``
        (plain text, at most 2,000 characters) and ``published`` (seconds of the epoch, or
        None). ``is_feed``: False where the document is none.
    """
    document = base64.b64decode(encoded)
    if document.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _parse_json(document)
    parsed = feedparser.parse(
        io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False
    )
    site = parsed.feed.get("link", "")
    entries = (_entry(entry, site) for entry in parsed.entries[:N_ENTRIES_LIMIT])
    return {
        "publisher": _plain(parsed.feed.get("title", ""), PUBLISHER_LIMIT),
        "entries": list(entries),
        "is_feed": bool(parsed.get("version") or parsed.entries),
    }


def _entry(entry: Any, site: str) -> dict[str, Any]:
    # Its own lookup takes one date for the other, and warns that it will not do so for long.
    dates = (dict.get(entry, name) for name in ("published_parsed", "updated_parsed"))
    when = next(filter(None, dates), None)
    contents = [content.get("value", "") for content in entry.get("content", [])]
    texts = [entry.get("summary", ""), *contents]
    return _row(
        identifier=entry.get("id", ""),
        links=(_join(site, entry.get("link", "")), entry.get("id", "")),
        title=entry.get("title", ""),
        text=next(filter(None, texts), ""),
        published=_seconds(when) if when else None,
    )


def _parse_json(document: bytes) -> dict[str, Any]:
    """Read a JSON Feed. Source: jsonfeed.org, version 1.1."""
    try:
        feed = json.loads(document)
    except (ValueError, RecursionError):
        feed = {}
    items = feed.get("items") if isinstance(feed.get("version"), str) else None
    if not isinstance(items, list):
        return {"publisher": "", "entries": [], "is_feed": False}
    site = _string(feed, "home_page_url")
    entries = (_json_entry(item, site) for item in items[:N_ENTRIES_LIMIT])
    return {
        "publisher": _plain(_string(feed, "title"), PUBLISHER_LIMIT),
        "entries": list(entries),
        "is_feed": True,
    }


def _json_entry(item: Any, site: str) -> dict[str, Any]:
    item = item if isinstance(item, dict) else {}
    texts = (_string(item, name) for name in ("summary", "content_text", "content_html"))
    return _row(
        identifier=_string(item, "id"),
        links=(_join(site, _string(item, "url")), _string(item, "id")),
        title=_string(item, "title"),
        text=next(filter(None, texts), ""),
        published=_seconds_of_iso(_string(item, "date_published")),
    )


def _row(
    *, identifier: str, links: Iterable[str], title: str, text: str, published: float | None
) -> dict[str, Any]:
    url = next((link for link in links if is_web_address(link)), "")
    summary = _plain(text, SUMMARY_LIMIT)
    return {
        "uid": _uid(identifier or url or f"{title}\0{text}"),
        "url": url,
        "title": _plain(title, TITLE_LIMIT) or summary[:TITLE_LIMIT].rstrip() or url,
        "summary": summary,
        "published": published,
    }


def _uid(identifier: str) -> str:
    if identifier.isprintable() and identifier == scrub(identifier, UID_LIMIT):
        return identifier
    return sha256(identifier.encode("utf-8", "replace")).hexdigest()[:32]


def _plain(markup: str, limit: int) -> str:
    return scrub(read_html(markup[:_MARKUP_LIMIT])[0], limit)


def _string(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _join(site: str, link: str) -> str:
    try:
        return urljoin(site, link) if link else ""
    except ValueError:  # An address with half a literal IPv6 host.
        return ""


def _seconds(when: time.struct_time) -> float | None:
    try:
        return float(calendar.timegm(when))
    except (ValueError, OverflowError):
        return None


def _seconds_of_iso(when: str) -> float | None:
    """Read a date as RFC 3339 has it; one without an offset counts as UTC."""
    try:
        at = datetime.fromisoformat(when)
        return at.timestamp() if at.tzinfo else at.replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
