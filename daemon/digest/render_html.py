"""A page -> one column of HTML for mail: tables, inlined styles, no picture, no script."""

from dataclasses import dataclass

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from daemon.digest import links, sentences, words
from daemon.digest.links import Link
from daemon.digest.model import Item, Page, Rhythm
from daemon.digest.safe import clean
from daemon.suggestions.model import Lane
from daemon.ties.model import State

# Escaping is always on: ``select_autoescape`` looks at the end of a template's name, and
# ".jinja" is not among those it knows.
_TEMPLATES = Environment(
    loader=PackageLoader("daemon.digest"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# The style block of the media queries stays beside the inlined rules (it is marked to be kept).
_INLINER = CSSInliner(load_remote_stylesheets=False, minify_css=True)

_DOTS = {word: state.value for state, word in words.STATE_WORDS.items()}
_STRIP_PX = 22
_EMPTY_PX = 2
_DRAFT_CHARS = 500
"""Enough to know what is in it: the button opens the whole."""

_FULL_DAYS = 2
"""A strip whose busiest week has fewer days is not drawn to full height."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the template prints it. ``action`` is before, within and after its quotes."""

    item: Item
    label: str
    dot: str
    state: str
    action: tuple[str, str, str]
    why: str
    draft: str
    bars: tuple[int, ...]
    button: Link | None
    actions: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A lane: its heading, and its entries as cards or, for what is owed, as rows."""

    heading: str
    has_cards: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the network, as wide as ``percent`` of its track."""

    label: str
    dot: str
    percent: int
    says: str


def render_html(page: Page) -> str:
    """Return ``page`` as a document, UTF-8 text under 90 KB, that loads and runs nothing."""
    page = clean(page)
    template = _TEMPLATES.get_template("digest.html.jinja")
    document = template.render(
        page=page,
        title=sentences.say_title(page),
        when=sentences.say_when(page),
        noted=sentences.say_noted(page),
        welcome=(*sentences.say_welcome(page), *sentences.say_pulse(page)),
        sections=[s for lane in words.LANES if (s := _section(lane, page)).entries],
        bars=_network_bars(page),
        network=sentences.list_network(page.network),
        answers=sentences.say_answers(page),
        sources=sentences.say_sources(page),
        needs="".join(f"\n{need}" for need in sentences.list_needs(page)),
        funnel=sentences.say_funnel(page),
        closing=sentences.say_closing(page),
        foot_links=_foot_links(page),
    )
    return _INLINER.inline(document)


def _section(lane: Lane, page: Page) -> Section:
    items = [item for item in page.items if item.lane is lane]
    heading = words.say_lane(lane, {item.kind for item in items})
    return Section(heading, lane is not Lane.OWE, tuple(_entry(item, page) for item in items))


def _entry(item: Item, page: Page) -> Entry:
    return Entry(
        item=item,
        label=words.say_kind(item.kind, item.value),
        dot=_DOTS.get(item.state, State.NEW.value),
        state=sentences.say_state(item),
        action=_split_at_quotes(item.action),
        why=sentences.say_why(item, page),
        draft=sentences.say_draft(item, _DRAFT_CHARS),
        bars=_strip_heights(item.rhythm) if item.rhythm else (),
        button=links.open_draft(item),
        actions=links.list_actions(item, page),
    )


def _split_at_quotes(action: str) -> tuple[str, str, str]:
    """Split into three whatever the text holds, so that no text can change the page's elements."""
    start, end = action.find("“"), action.rfind("”") + 1
    if start < 0 or end <= start:
        return action, "", ""
    return action[:start], action[start:end], action[end:]


def _strip_heights(rhythm: Rhythm) -> tuple[int, ...]:
    top = max(_FULL_DAYS, *rhythm.weeks)
    room = _STRIP_PX - 2 * _EMPTY_PX
    return tuple(
        _EMPTY_PX if n <= 0 else 2 * _EMPTY_PX + round(room * n / top) for n in rhythm.weeks
    )


def _network_bars(page: Page) -> tuple[Bar, ...]:
    standings = sentences.list_standings(page.network)
    most = max((s.n for s in standings), default=0) or 1
    return tuple(
        Bar(
            label=s.label,
            dot=_DOTS[s.label],
            percent=max(1, round(100 * s.n / most)) if s.n else 0,
            says=f"{s.n:,} ({s.change})" if s.change else f"{s.n:,}",
        )
        for s in standings
    )


def _foot_links(page: Page) -> tuple[Link, ...]:
    if not page.reply_to:
        return ()
    return (
        Link("Pause for a week", links.answer(page, "pause 1w"), "Pause digests for a week"),
        Link("Help", links.answer(page, "help"), "Ask what can be answered"),
    )
