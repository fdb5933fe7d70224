"""``kithd demo``: the main job on a made-up year, so that one sees it before giving it mail."""

import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.digest_command import run as digest
from daemon.clock import Clock
from daemon.demo.generate import write_year


def run(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Write the made-up year here.", show_default="a new folder"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Make up another year.")] = 7,
) -> None:
    """Run the main job on a made-up year of mail, meetings, cards and feeds.

    Example: kithd demo
    """
    folder = to or Path(tempfile.mkdtemp(prefix="kithd-demo-"))
    yesterday = (Clock().now() - timedelta(days=1)).date()
    year = write_year(folder / "year", seed=seed, ends_on=yesterday)
    keep, html = folder / "kept", folder / "digest.html"
    typer.echo(f"A made-up year lies in {folder / 'year'}. The digest of this morning:\n")
    digest(
        sources=list(year.sources),
        me=list(year.owner),
        html=html,
        keep=keep,
    )
    typer.echo("\n".join(_what_next(_command(), keep, html)))


def _command() -> str:
    """What to type for this very program: its name where the shell finds it, else its path."""
    called = Path(sys.argv[0])
    found = shutil.which("kithd")
    return "kithd" if found and Path(found).samefile(called) else str(called)


def _what_next(kithd: str, keep: Path, html: Path) -> list[str]:
    return [
        "",
        f"The same as HTML: {html}",
        "",
        "What to type next:",
        f"  {kithd} ties --keep {keep}",
        f'  {kithd} do "snooze 1 2w; done 2" --keep {keep}',
        f"  {kithd} digest --keep {keep} --preview",
        "",
        "With your own mail (nothing is sent, nothing is changed, nothing leaves this machine):",
        f"  {kithd} digest --from mail.mbox --from calendar.ics --me you@example.org",
    ]
