"""What a browser makes of the page: nothing wider than a phone, light by day, dark by night."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from daemon.digest.render_html import render_html
from tests.core.digest.pages import full_day, page
from tests.core.digest.payloads import in_every_field

CHROMIUM = shutil.which("chromium") or shutil.which("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="not run: no Chromium")

# A window of the browser has a least width above a phone's, so that each page is shown in a
# frame of the width wanted; a frame made of text shares its origin and may be measured.
_FRAMES = """<!doctype html><meta name="color-scheme" content="light dark">
<style>:root{color-scheme:light dark}iframe{border:0;height:900px;color-scheme:light dark}</style>
<title></title><script>
const pages = JSON.parse(atob("%s")), found = [];
pages.forEach(([width, html], i) => {
  const frame = document.createElement("iframe");
  frame.style.width = width + "px";
  frame.onload = () => {
    const inner = frame.contentDocument, root = inner.documentElement;
    const style = query => frame.contentWindow.getComputedStyle(inner.querySelector(query));
    found[i] = {wide: root.scrollWidth, tall: root.scrollHeight,
      page: style("body").backgroundColor, card: style(".card").backgroundColor,
      text: style("h1").color, hidden: style(".pre").display,
      column: inner.querySelector(".column").offsetWidth,
      button: inner.querySelector(".btn").offsetHeight};
    document.title = JSON.stringify(found);
  };
  frame.srcdoc = html;
  document.documentElement.append(frame);
});
</script>"""


@dataclass(frozen=True)
class Seen:
    wide: int
    tall: int
    page: str
    card: str
    text: str
    hidden: str
    column: int
    button: int


def look(folder: Path, *pages: tuple[int, str], dark: bool = False) -> list[Seen]:
    """What Chromium shows of each (width, page)."""
    file = folder / "frames.html"
    packed = base64.b64encode(json.dumps(pages).encode()).decode()
    file.write_text(_FRAMES % packed, encoding="utf-8")
    dumped = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    title = re.search(r"<title>(.*?)</title>", dumped)
    assert title is not None
    return [Seen(**seen) for seen in json.loads(unescape(title[1]))]


WHOLE = page(*full_day(), is_first=True, keeps_at="/home/you/.local/state/kithd")
HARMLESS = render_html(WHOLE)
LONG_WORDS = render_html(in_every_field(WHOLE, "x" * 10_000))
LONG_NAMES = render_html(in_every_field(WHOLE, "Dvořákovičová " * 50))
WIDTHS = (320, 390, 640, 1200)


@pytest.fixture(scope="module")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    pages = [(width, html) for html in (HARMLESS, LONG_WORDS, LONG_NAMES) for width in WIDTHS]
    return look(tmp_path_factory.mktemp("day"), *pages)


def test_no_page_is_wider_than_its_screen(by_day: list[Seen]) -> None:
    assert [seen.wide for seen in by_day] == [*WIDTHS, *WIDTHS, *WIDTHS]


def test_the_column_is_600_pixels_at_most(by_day: list[Seen]) -> None:
    assert [seen.column for seen in by_day[:4]] == [320, 390, 600, 600]


def test_by_day_the_page_is_light_and_the_preheader_hidden(by_day: list[Seen]) -> None:
    assert {seen.page for seen in by_day} == {"rgb(244, 241, 236)"}
    assert {seen.card for seen in by_day} == {"rgb(255, 255, 255)"}
    assert {seen.hidden for seen in by_day} == {"none"}


def test_a_button_is_wide_enough_for_a_thumb_on_a_phone(by_day: list[Seen]) -> None:
    assert by_day[1].button >= 40
    assert by_day[2].button < by_day[1].button


def test_by_night_the_page_is_dark(tmp_path: Path) -> None:
    (seen,) = look(tmp_path, (390, HARMLESS), dark=True)
    assert seen.page == "rgb(27, 25, 22)"
    assert seen.card == "rgb(37, 34, 30)"
    assert seen.text == "rgb(236, 231, 223)"
    assert seen.wide == 390
