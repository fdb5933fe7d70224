"""Plain text to the web addresses in it, each with the words it stood on."""

import re
from itertools import islice

from connectors.formats.markup import LINKS_LIMIT, TITLE_LIMIT, is_web_address
from connectors.formats.sentences import sentence_around
from connectors.formats.text import scrub
from connectors.observations import Link

_url = re.compile(r"https?://[^\s<>\"]+")
_TRAILING = ".,;:!?'*_"
_LEADING = " \t<([{\"'*-_=:>|•–—"  # noqa: RUF001 -- dashes are what writers put before a link
_gap = re.compile(r"\n[ >]*\n")


def find_links(text: str) -> tuple[Link, ...]:
    """Find the http(s) links in scrubbed plain text, in order, each once, 200 at most.

    The title is what stands before the link on its line, else the nearest line above that
    is not empty and no link itself. Quoted lines (">") are others' words: skipped.
    """
    if "://" not in text:
        return ()
    found: dict[str, Link] = {}
    for match in islice(_url.finditer(text), 5 * LINKS_LIMIT):
        url = _trim(match[0])
        line_start = text.rfind("\n", 0, match.start()) + 1
        if url not in found and text[line_start] != ">" and is_web_address(url):
            found[url] = _describe(text, url, line_start, match.start())
            if len(found) == LINKS_LIMIT:
                break
    return tuple(found.values())


def _describe(text: str, url: str, line_start: int, start: int) -> Link:
    before = text[line_start:start][-TITLE_LIMIT:].strip(_LEADING)
    title = before if any(map(str.isalnum, before)) else _line_above(text, line_start)
    return Link(url, scrub(title, TITLE_LIMIT), _sentence(text, url, start))


def _line_above(text: str, line_start: int) -> str:
    """Take the nearest line above with words on it, three lines up at most."""
    above = text[max(0, line_start - 4 * TITLE_LIMIT) : line_start].split("\n")[:-1]
    for line in reversed(above[-3:]):
        if any(map(str.isalnum, line)):
            return "" if _url.search(line) or line[0] == ">" else line.strip(_LEADING)
    return ""


def _sentence(text: str, url: str, start: int) -> str:
    """Cut the sentence with the link out of its paragraph, whose lines are joined."""
    floor = max(0, start - 1_000)
    for gap in _gap.finditer(text, floor, start):
        floor = gap.end()
    after = _gap.search(text, start, start + len(url) + 1_000)
    ceiling = after.start() if after else start + len(url) + 1_000
    before = scrub(text[floor:start], start)
    paragraph = scrub(f"{before} {text[start:ceiling]}", ceiling)
    at = paragraph.find(url, max(0, len(before) - 1))
    return sentence_around(paragraph, at, at + len(url)) if at >= 0 else ""


def _trim(url: str) -> str:
    """Take off the punctuation of the sentence, and a bracket opened before the link."""
    url = url.rstrip(_TRAILING)
    for opening, closing in ("()", "[]", "{}"):
        if url.endswith(closing) and opening not in url:
            url = url[:-1].rstrip(_TRAILING)
    return url
