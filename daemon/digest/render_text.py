"""A page -> plain text of 72 columns that reads well by itself, and quoted too."""

from collections.abc import Iterator

from daemon.digest import rhythm, sentences, words
from daemon.digest.model import Item, Page
from daemon.digest.safe import BLOCK_CHARS, clean
from daemon.suggestions.model import Lane

COLUMNS = 72
"""Leaves room for "> " within 78. Source: RFC 5322, section 2.1.1; design notes, the digest."""

_INDENT = "   "


def render_text(page: Page) -> str:
    """Return ``page`` as text; no line is wider than 72 columns unless it is a web address."""
    page = clean(page)
    return "\n".join(row.rstrip() for row in _rows(page)) + "\n"


def _rows(page: Page) -> Iterator[str]:
    yield from words.wrap(sentences.say_title(page), COLUMNS)
    yield from words.wrap(sentences.say_when(page), COLUMNS)
    yield from words.wrap(sentences.say_noted(page), COLUMNS)
    for paragraph in (*sentences.say_welcome(page), *sentences.say_pulse(page)):
        yield from ("", *words.wrap(paragraph, COLUMNS))
    for lane in words.LANES:
        yield from _lane(lane, page)
    yield from _network(page)
    yield from _foot(page)


def _lane(lane: Lane, page: Page) -> Iterator[str]:
    items = [item for item in page.items if item.lane is lane]
    if not items:
        return
    yield from _heading(words.say_lane(lane, {item.kind for item in items}))
    for item in items:
        yield from _item(item, page)


def _heading(title: str) -> Iterator[str]:
    yield from ("", "", title, "-" * words.columns(title))


def _item(item: Item, page: Page) -> Iterator[str]:
    number = f"{item.ref}. ".ljust(len(_INDENT))
    first, *rest = words.wrap(item.who, COLUMNS - len(number)) or [""]
    yield from ("", number + first, *(_INDENT + row for row in rest))
    yield from _indented(sentences.say_state(item))
    if item.lane is not Lane.OWE and item.rhythm:
        yield f"{_INDENT}{rhythm.draw(item.rhythm)}"
    yield from ("", *_indented(item.action))
    yield from ("", *_indented(f"Why: {sentences.say_why(item, page)}"))
    if item.lane is not Lane.OWE:
        yield from _draft(item)


def _indented(text: str, indent: str = _INDENT) -> Iterator[str]:
    for row in words.wrap(text, COLUMNS - len(indent)):
        yield indent + row


def _draft(item: Item) -> Iterator[str]:
    draft = sentences.say_draft(item, BLOCK_CHARS)
    if not draft:
        return
    label = f"A draft to {', '.join(item.draft.to)}:" if item.draft else "It is here:"
    yield from ("", *_indented(label))
    for row in draft.split("\n"):
        yield from _indented(row, f"{_INDENT}| ") if row else (f"{_INDENT}|",)


def _network(page: Page) -> Iterator[str]:
    standings = sentences.list_standings(page.network)
    said = sentences.list_network(page.network)
    if not standings and not said:
        return
    yield from (*_heading("Your network this week"), "")
    for standing in standings:
        change = f" ({standing.change})" if standing.change else ""
        yield f"{standing.label:<9}{standing.n:>5,}{change}"
    for number, paragraph in enumerate(said):
        yield from [""] if standings or number else []
        yield from words.wrap(paragraph, COLUMNS)


def _foot(page: Page) -> Iterator[str]:
    yield from ("", "", "-" * 24)
    for sentence in (
        sentences.say_answers(page),
        sentences.say_sources(page),
        *sentences.list_needs(page),
        sentences.say_funnel(page),
        sentences.say_closing(page),
    ):
        yield from words.wrap(sentence, COLUMNS)
