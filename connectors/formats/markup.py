"""HTML of a mail to its text and its links, by tokens: linear time, whatever the input.

A tree would be handier, but every tree builder measured takes quadratic time on something
(lexbor 22 s for 70,000 stray end tags, 32 s for 100,000 nested elements).
"""

import html
import re
from dataclasses import dataclass, field

from connectors.formats.sentences import sentence_around
from connectors.formats.text import scrub
from connectors.observations import Link

LINKS_LIMIT = 200
URL_LIMIT = 2_000
TITLE_LIMIT = 200
_QUOTES_SHOWN = 20  # levels; without a bound, nesting makes lines of quadratic length

# No branch can match what another can, and none reads past the next "<": linear.
_token = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:]*+)"
    r"(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>|[^<>]*+>)"
    r"|<[!?][^<>]*+>|(?P<text>[^<]++|<[^<]*+)",
    re.DOTALL,
)
_href = re.compile(r"(?<![\w-])href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "title", "template"})
_LINES = frozenset(
    "address article aside body br center dd div dl dt fieldset figure footer form header hr "
    "html li main nav section table tbody td tfoot th thead tr".split()
)
_PARAGRAPHS = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p pre ul".split())


@dataclass(slots=True)
class _Anchor:
    url: str
    line: int
    title: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Page:
    """The lines made so far, and where in the document the reading is."""

    lines: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    anchors: list[_Anchor] = field(default_factory=list)
    is_linked: bool = False
    unseen: str = ""
    n_quotes: int = 0

    def write(self, text: str) -> None:
        """Add text to the current line, and to the title of the link it stands in."""
        self.current.append(text)
        if self.is_linked:
            self.anchors[-1].title.append(text)

    def end_line(self) -> None:
        """Close the current line, quoted as deep as it stands; an empty one is none."""
        line = " ".join("".join(self.current).split())
        self.current.clear()
        if line:
            self.lines.append("> " * min(self.n_quotes, _QUOTES_SHOWN) + line)

    def end_paragraph(self) -> None:
        """Close the current line, and leave a gap below it."""
        self.end_line()
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def open(self, tag: str, attributes: str) -> None:
        """Take a start tag."""
        if tag in _UNSEEN:
            self.unseen = tag
        elif tag == "a":
            self._open_link(attributes)
        else:
            self._break(tag)
            self.n_quotes += tag == "blockquote"

    def close(self, tag: str) -> None:
        """Take an end tag."""
        if tag == "a":
            self.is_linked = False
        else:
            self._break(tag)
            if tag == "blockquote" and self.n_quotes:
                self.n_quotes -= 1

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.end_paragraph()
        elif tag in _LINES:
            self.end_line()

    def _open_link(self, attributes: str) -> None:
        match = _href.search(attributes)
        url = _unescape(next(filter(None, match.groups()), "")).strip() if match else ""
        url = re.sub("^[^:]*:", lambda scheme: scheme[0].lower(), url, count=1)
        has_room = len(self.anchors) < LINKS_LIMIT and not self.n_quotes
        self.is_linked = has_room and is_web_address(url)
        if self.is_linked:
            self.anchors.append(_Anchor(url, len(self.lines)))


def read_html(source: str) -> tuple[str, tuple[Link, ...]]:
    """Read HTML's text, a line a block, quotes marked with "> ", and its http(s) links.

    Links come in their order, at most 200, none over 2,000 characters; an image without
    words gives a link without title, and what stands in a quote is left out.
    The text is not yet scrubbed.
    """
    page = _Page()
    for token in _token.finditer(source):
        tag = token["tag"]
        if page.unseen:
            if tag and token["end"] and tag.lower() == page.unseen:
                page.unseen = ""
        elif tag:
            (page.close(tag.lower()) if token["end"] else page.open(tag.lower(), token[3]))
        elif token["text"]:
            page.write(_unescape(token["text"]))
    page.end_line()
    return "\n".join(page.lines).strip("\n"), tuple(_link(page, one) for one in page.anchors)


def is_web_address(url: str) -> bool:
    """Say whether ``url`` is an http(s) address, of bounded length and without spaces."""
    return (
        url.startswith(("http://", "https://"))
        and len(url) <= URL_LIMIT
        and url == scrub(url, URL_LIMIT)
        and " " not in url
    )


def _link(page: _Page, anchor: _Anchor) -> Link:
    title = scrub("".join(anchor.title), TITLE_LIMIT)
    line = page.lines[anchor.line] if anchor.line < len(page.lines) else ""
    line = scrub(line.lstrip("> "), len(line))
    at = line.find(title) if title else -1
    return Link(anchor.url, title, sentence_around(line, at, at + len(title)) if at >= 0 else "")


def _unescape(text: str) -> str:
    try:
        return html.unescape(text) if "&" in text else text
    except ValueError:  # A numeric reference of more digits than Python will turn to an int.
        return text
