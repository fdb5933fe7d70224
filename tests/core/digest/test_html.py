import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from daemon.digest import links
from daemon.digest.render_html import render_html
from daemon.suggestions.model import Draft
from tests.core.digest.pages import article, full_day, page, reply, suggestion
from tests.core.digest.payloads import PAYLOADS

WHOLE = render_html(page(*full_day(), is_first=True, keeps_at="/var/lib/kithd"))
TREE = LexborHTMLParser(WHOLE)

Colour = tuple[int, int, int]
MIN_CONTRAST = 4.5  # Source: WCAG 2.2, success criterion 1.4.3


def hrefs(html: str) -> list[str]:
    return [node.attributes["href"] or "" for node in LexborHTMLParser(html).css("a")]


def first(selector: str) -> LexborNode:
    return TREE.css(selector)[0]


def asked(href: str) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(href)
    return unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)


def test_it_loads_nothing_and_runs_nothing() -> None:
    assert not TREE.css("img, script, link, iframe, object, form, video, svg, [src], [onclick]")
    assert "url(" not in WHOLE
    assert "@import" not in WHOLE
    assert all(href.startswith("mailto:") for href in hrefs(WHOLE))


def test_an_articles_address_is_text_and_not_a_link() -> None:
    url = "https://example.com/articles/2026/11/second-life-batteries-what-40-pilots-taught-us"
    assert any(url in node.text() for node in TREE.css("p.draft"))
    assert not any("https" in href.partition("&body=")[0] for href in hrefs(WHOLE))


def test_the_column_is_600_pixels_of_tables_with_inlined_styles() -> None:
    assert "max-width:600px" in (TREE.css(".column")[0].attributes["style"] or "")
    assert all(
        table.attributes.get("role") in ("presentation", "img") for table in TREE.css("table")
    )
    assert len(TREE.css("style")) == 1
    assert "prefers-color-scheme: dark" in TREE.css("style")[0].text()
    assert all(node.attributes.get("style") for node in TREE.css("p, h1, h2, h3, a.btn, a.lnk"))


def test_it_tells_readers_its_language_and_clients_its_schemes() -> None:
    assert first("html").attributes["lang"] == "en"
    assert TREE.css_matches('meta[name="color-scheme"][content="light dark"]')
    assert first("title").text() == page(*full_day()).subject
    assert first("div.pre").text() == page(*full_day()).preheader


def test_the_strip_says_in_words_what_it_shows() -> None:
    strip = TREE.css("table.strip")[0]
    assert strip.attributes["role"] == "img"
    assert (
        strip.attributes["aria-label"]
        == "In touch in 14 of the last 26 weeks, in none of the last 5"
    )
    assert len(strip.css("td")) == 26


def test_actions_are_mails_to_oneself_that_say_what_to_do() -> None:
    found = {asked(href)[1]["body"][0]: asked(href) for href in hrefs(WHOLE)}
    for command in ("done 1", "snooze 1 2w", "not 1", "never 1", "snooze 3 2d", "pause 1w", "help"):
        to, query = found[command]
        assert to == "you+kithd@example.org"
        assert query["subject"] == ["kithd 2026-11-21 0123456789abcdef"]
    assert "never 2" not in found  # two people: "never whom?" is no answer


def test_without_an_address_to_answer_to_only_drafts_are_links() -> None:
    html = render_html(page(*full_day(), reply_to="", keeps_at="/srv/kithd"))
    assert {asked(href)[0] for href in hrefs(html)} == {
        f"{who}@example.org" for who in ("sana", "joy", "tomas", "ines", "lena")
    }
    assert 'kithd do "done 1; ' in LexborHTMLParser(html).text()


def test_a_draft_opens_with_its_words_and_in_its_thread() -> None:
    (href,) = hrefs(render_html(page(reply(), reply_to="")))
    to, query = asked(href)
    assert to == "tomas@example.org"
    assert query == {
        "subject": ["Re: Tender"],
        "In-Reply-To": ["<t1@example.org>"],
        "body": ["Tomás,"],
    }


def test_line_feeds_in_a_draft_travel_as_cr_lf() -> None:
    href = hrefs(render_html(page(article(), reply_to="")))[0]
    assert "No%20need%20to%20reply.%0D%0A%0D%0Ahttps%3A%2F%2Fexample.com" in href


TEXT = st.text(max_size=3000) | st.sampled_from(PAYLOADS)


@given(st.lists(TEXT, min_size=1, max_size=3), TEXT, TEXT, st.none() | TEXT)
def test_a_mailto_is_bounded_and_nothing_in_it_adds_a_field(
    to: list[str], subject: str, body: str, in_reply_to: str | None
) -> None:
    address = links.mailto(to, subject=subject, body=body, in_reply_to=in_reply_to)

    assert len(address) <= links.MAILTO_CHARS
    assert re.fullmatch(r"mailto:[\w.~%@,-]*\?[\w.~%&=-]*", address, flags=re.ASCII)
    fields = set(re.findall(r"[?&]([^=&]*)=", address))
    assert fields == {"subject", "body"} | ({"In-Reply-To"} if in_reply_to else set())
    assert address.count(",") == len(to) - 1


def test_five_long_items_stay_below_90_kilobytes() -> None:
    wordy = "Übergangsgespräch über Zweitlebensdauer " * 60
    long = [
        suggestion(
            "article", who, action=wordy, why=wordy,
            draft=Draft((), wordy, wordy * 3),
        )
        for who in ("sana", "marek", "joy", "lena", "tomas")
    ]  # fmt: skip
    assert len(render_html(page(*long, is_first=True)).encode()) < 90_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_lies_behind_it(scheme: str) -> None:
    found = list(contrasts(dark=scheme == "dark"))
    worst = min(found)
    assert len(found) > 50
    assert worst[0] >= MIN_CONTRAST, worst


def contrasts(*, dark: bool) -> Iterator[tuple[float, str]]:
    """Yield the contrast of every text on the page, by what a client would compute."""
    overrides = dark_rules() if dark else {}
    for node in TREE.css("body *"):
        own = node.text(deep=False).strip()
        if own and not node.css_matches(".pre") and node.attributes.get("class") != "pre":
            text = colour_of(node, "color", overrides)
            behind = colour_of(node, "background-color", overrides)
            yield contrast(text, behind), f"<{node.tag} {node.attributes.get('class')}> {own[:30]}"


def dark_rules() -> dict[tuple[int, str], str]:
    """What the media query sets: (element, property) -> value."""
    sheet = first("style").text()
    block = sheet.partition("prefers-color-scheme: dark) {")[2].partition("@media")[0]
    rules: dict[tuple[int, str], str] = {}
    for selectors, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", block):
        for node in TREE.css(selectors.strip()):
            for name, value in re.findall(r"([\w-]+):\s*(#\w+) !important", declarations):
                rules[node.mem_id, name] = value
    return rules


def colour_of(node: LexborNode | None, name: str, overrides: dict[tuple[int, str], str]) -> Colour:
    while node is not None:
        inlined = re.search(rf"(?:^|;){name}:(#\w+)", node.attributes.get("style") or "")
        value = overrides.get((node.mem_id, name)) or (inlined and inlined[1])
        if value:
            digits = value[1:] if len(value) == 7 else "".join(c * 2 for c in value[1:])
            return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
        node = node.parent
    raise AssertionError(f"no {name} up to the root")


def contrast(one: Colour, other: Colour) -> float:
    """Source: WCAG 2.2, definition of contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: Colour) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_the_measure_of_contrast_is_the_known_one() -> None:
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
