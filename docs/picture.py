"""The demo's digest -> ``digest.png``, the picture in the README, as Chromium shows it.

Run ``python -m docs.picture`` after the look or the demo year has changed.
"""

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from daemon.cli.house import Wishes
from daemon.cli.reading import open_and_read
from daemon.demo.generate import write_year
from daemon.digest.render_html import render_html
from daemon.jobs.compose import compose

PICTURE = Path(__file__).with_name("digest.png")
WIDTH, HEIGHT = 640, 1325
"""Pixels: a narrow window, cut below the first things that are owed."""


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        shoot(_demo_digest(Path(folder)), Path(folder))


def shoot(html: str, folder: Path) -> None:
    """Write what Chromium shows of ``html`` to PICTURE."""
    page = folder / "digest.html"
    page.write_text(html, encoding="utf-8")
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    subprocess.run(  # noqa: S603 - the browser, on a page that was made here
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={WIDTH},{HEIGHT}",
            "--force-device-scale-factor=1.5",
            f"--screenshot={PICTURE}",
            page.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )


def _demo_digest(folder: Path) -> str:
    year = write_year(folder / "year")
    house = open_and_read(Wishes(year.sources, year.owner, at=year.at.isoformat()))
    page = compose(
        house.engine, house.basis, at=house.at, rules=house.rules, orders=house.orders
    ).page
    # The welcome of the first day is left out: the picture is of any other day.
    return render_html(replace(page, is_first=False))


if __name__ == "__main__":
    main()
